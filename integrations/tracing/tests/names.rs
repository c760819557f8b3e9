//! Names that a program makes at run time, without end. A process of its own: the names are kept as long as it runs.

use std::sync::{Arc, Mutex};

use prefactor::span;
use prefactor::testing::Recorder;
use tracing::Subscriber;
use tracing::span::{Attributes, Id};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};

/// The names of the spans that are opened, with their fields.
#[derive(Clone, Default)]
struct Opened(Arc<Mutex<Vec<(&'static str, String)>>>);

impl<S: Subscriber> Layer<S> for Opened {
    fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        let mut opened = self.0.lock().expect("no other test panics");
        opened.push((attributes.metadata().name(), format!("{:?}", attributes.values())));
    }
}

#[test]
fn names_without_end_share_one() {
    prefactor_tracing::open_spans();
    let (opened, recorder) = (Opened::default(), Recorder::new());
    tracing::subscriber::with_default(tracing_subscriber::registry().with(opened.clone()), || {
        recorder.run(|| {
            for number in 0..1_100 {
                span(format!("tool:{number}")).in_scope(|| {});
            }
            span("tool:0").in_scope(|| {});
        });
    });
    let opened = opened.0.lock().expect("no other test panics").clone();
    let names: Vec<_> = [0, 999, 1_000, 1_100].into_iter().map(|number: usize| opened[number].0).collect();
    assert_eq!((opened.len(), &*names), (1_101, &["tool:0", "tool:999", "span", "tool:0"][..]));
    assert!(!opened[999].1.contains("schema_name"), "{}", opened[999].1);
    assert!(opened[1_099].1.contains("tool:1099"), "{}", opened[1_099].1);
}
