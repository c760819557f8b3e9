//! The costs of spans that the layer does not record, beside an empty layer behind the same filter, in one run.
//!
//! `cargo bench -p prefactor-tracing`. The least of many rounds counts, for the machine may be busy.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::hint::black_box;
use std::time::Instant;

use tracing_core::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::Registry;

const ROUNDS: usize = 40;
const SPANS: u32 = 100_000;

/// A layer that does nothing, for which spans are made.
struct Empty;

impl<S: Subscriber> Layer<S> for Empty {}

/// Nanoseconds a span, made, entered and closed.
fn span(subscriber: impl Subscriber + Send + Sync) -> f64 {
    tracing::subscriber::with_default(subscriber, || {
        let spans = |count: u32| {
            for number in 0..count {
                tracing::info_span!("step", number).in_scope(|| black_box(number));
            }
        };
        spans(SPANS / 10);
        let start = Instant::now();
        spans(SPANS);
        start.elapsed().as_secs_f64() * 1e9 / f64::from(SPANS)
    })
}

fn main() {
    let same_filter = || prefactor_tracing::layer::<Registry>().filter().clone();
    let mut least = [f64::MAX; 5];
    for _ in 0..ROUNDS {
        let round = [
            span(Registry::default().with(Empty.with_filter(same_filter()))),
            span(Registry::default().with(prefactor_tracing::layer())),
            span(Registry::default().with(Empty.with_filter(same_filter())).with(Empty)),
            span(Registry::default().with(prefactor_tracing::layer()).with(Empty)),
            span(Registry::default()),
        ];
        for (least, time) in least.iter_mut().zip(round) {
            *least = least.min(time);
        }
    }
    let [nobody_empty, nobody, other_empty, other, bare] = least;
    println!("a span that nobody records: {nobody:.1} ns, behind an empty layer {nobody_empty:.1} ns");
    println!(
        "a span that another layer records: {other:.1} ns, beside an empty layer {other_empty:.1} ns: {:.2} x, must be <= 1.2; \
         in a bare registry {bare:.1} ns",
        other / other_empty
    );
}
