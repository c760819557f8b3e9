//! Log lines that lead to their span.

#![expect(clippy::unwrap_used, reason = "a failed step ends the test")]

mod lines;

use prefactor::testing::Recorder;
use prefactor_tracing::{Ids, WithIds};

use self::lines::Lines;

#[test]
fn line_within_a_span_has_the_ids_and_one_outside_has_none() {
    let lines = Lines::default();
    let writer = lines.clone();
    let format = WithIds::new(tracing_subscriber::fmt::format().without_time().with_ansi(false));
    let subscriber =
        tracing_subscriber::fmt().with_writer(move || writer.clone()).event_format(format).finish();
    let recorder = Recorder::new();
    let (ids, span_id) = tracing::subscriber::with_default(subscriber, || {
        tracing::info!("before");
        recorder.run(|| {
            prefactor::span("agent:run").in_scope(|| {
                tracing::info!("within");
                (Ids::current().unwrap(), prefactor::Span::current().span_id().unwrap())
            })
        })
    });
    let texts = lines.texts();
    let [before, within] = &texts[..] else { panic!("not two lines: {texts:?}") };
    assert!(!before.contains("trace_id"), "{before}");
    assert!(within.starts_with(&format!("{ids} ")) && within.ends_with("within"), "{within}");
    assert_eq!(ids.span_id(), span_id);
}
