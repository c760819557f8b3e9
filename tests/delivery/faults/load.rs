//! F29, F33, F34: more spans than there is room or time for.

use std::time::{Duration, Instant};

use prefactor::DropReason;
use prefactor_local::oracle::{Fault, Rule};
use serde_json::{Value, json};

use crate::case::{Case, TIMEOUT, wait_for};

#[test]
fn f29_a_burst_drops_whole_spans_and_never_the_end_of_accepted_ones() {
    const THREADS: u64 = 4;
    const SPANS: u64 = 100_000;
    let case = Case::with(|builder| builder.max_queue_operations(10_000));
    case.oracle.inject(Rule::new(Fault::applied_after(Duration::from_millis(5))));
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for number in 0..SPANS / THREADS {
                    let span = case.instance.span("test:burst");
                    span.start(&number);
                    span.complete(&());
                }
            });
        }
    });
    let outcome = case.end();
    let stats = &outcome.stats;
    assert_eq!(stats.created, SPANS);
    assert_eq!(stats.acknowledged + stats.dropped(DropReason::QueueFull), SPANS, "{stats}");
    assert!(stats.dropped(DropReason::QueueFull) > 0, "{stats}");
    assert_eq!(outcome.tally.spans, outcome.tally.finished, "what was created has its end");
    assert!(outcome.tally.notices >= 1);
    let url = format!("{}/page/runs", outcome.server.url());
    let page: Value = ureq::get(url).call().unwrap().body_mut().read_json().unwrap();
    assert_eq!(page["runs"][0]["lost"], stats.dropped(DropReason::QueueFull), "{page}");
}

/// The number of spans, each a start and an end, all of them in the queue before the shutdown begins.
fn queued(spans: usize, bytes: usize, delay: Duration) -> Case {
    let case = Case::with(|builder| builder.max_queue_operations(2 * spans).max_queue_bytes(64 << 20));
    case.flush();
    case.oracle.inject(Rule::new(Fault::applied_after(delay)));
    let text = "x".repeat(bytes);
    for _ in 0..spans {
        case.instance.span("test:queued").with_default_payload(&json!({ "text": text })).complete(&());
    }
    case
}

#[test]
fn f33_a_shutdown_with_a_full_queue_delivers_it() {
    const SPANS: usize = if cfg!(debug_assertions) { 2_000 } else { 5_000 };
    let case = queued(SPANS, 10, Duration::from_millis(5));
    let report = case.client.shutdown(TIMEOUT);
    assert!(report.is_complete, "{report}");
    let outcome = case.settle(report);
    outcome.assert_all_delivered(SPANS);
    assert!(outcome.tally.requests <= 100, "{:?}", outcome.tally);
}

#[test]
fn f34_a_shutdown_with_a_full_queue_and_a_slow_server_keeps_its_deadline() {
    for (bytes, delay) in [(10, Duration::from_millis(500)), (4_000, Duration::from_secs(2))] {
        let case = queued(5_000, bytes, delay);
        let (timeout, begin) = (Duration::from_secs(1), Instant::now());
        let mut report = case.client.shutdown(timeout);
        assert!(report.is_complete || begin.elapsed() >= timeout, "{report}");
        // The worker may still be writing a request, whose spans are then outstanding.
        let outstanding = report.stats.outstanding;
        assert!(outstanding == 0 || cfg!(debug_assertions), "{report}");
        wait_for(|| case.client.stats().outstanding == 0);
        report.stats = case.client.stats();
        let stats = case.settle(report).stats;
        let (dropped, unknown) = (stats.dropped(DropReason::ShutdownDeadline), stats.unknown);
        assert_eq!((stats.created, stats.acknowledged + dropped + unknown), (5_000, 5_000), "{stats}");
        assert!(delay < Duration::from_secs(1) || dropped + outstanding > 0, "{stats}");
    }
}
