//! F29: bursts lose nothing beside a healthy server, as long as the queue's bytes hold them, and stay within its bound.

use std::time::Duration;

use prefactor::{Client, ClientBuilder, InstanceStatus};
use prefactor_tests::invariants::assert_conserved;
use prefactor_tests::stub::Stub;

use crate::{MIB, TIMEOUT, peak_of, turn};

/// Bytes beside the queue: a request in flight and its repetition, write buffers of connections, two batches, one
/// answer.
const BESIDE_THE_QUEUE: usize = 2 * 4 * MIB + 2 * MIB + 2 * MIB + MIB;

fn burst(spans: usize, queue: usize, set_up: impl FnOnce(ClientBuilder) -> ClientBuilder) {
    let _turn = turn();
    let stub = Stub::answering_after(Duration::from_millis(5));
    let builder = Client::builder().api_url(stub.url()).api_token("token");
    let client = set_up(builder).build().unwrap();
    let text = "x".repeat(256);
    let (peak, report) = peak_of(|| {
        let instance = client.register("tester");
        for _ in 0..spans {
            let span = instance.span("test:burst");
            span.start(&text);
            span.complete(&text);
        }
        instance.finish(InstanceStatus::Complete);
        client.shutdown(TIMEOUT * 5)
    });
    let stats = report.stats;
    assert_eq!((stats.created, stats.acknowledged), (spans as u64, spans as u64), "{stats}");
    assert_conserved(&stats);
    let runs = stats.runs;
    assert_eq!((runs.created, runs.registered, runs.started, runs.finished), (1, 1, 1, 1), "{runs:?}");
    assert!(stub.calls() >= spans);
    assert!(peak <= queue + BESIDE_THE_QUEUE, "{} KiB are too much", peak >> 10);
}

#[test]
fn f29_burst_of_fifty_thousand_spans_loses_nothing_at_the_default() {
    burst(50_000, 64 * MIB, |builder| builder);
}

#[test]
fn f29_burst_of_a_hundred_thousand_spans_loses_nothing_with_twice_the_bytes() {
    burst(100_000, 128 * MIB, |builder| builder.max_queue_bytes(128 * MIB));
}
