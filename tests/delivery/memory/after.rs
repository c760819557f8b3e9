//! Memory after a burst returns to its level, while the client and its run go on.

use std::thread;
use std::time::{Duration, Instant};

use prefactor::{AgentInstance, Client, Span};
use prefactor_tests::invariants::assert_conserved;
use prefactor_tests::stub::Stub;

use crate::{MIB, TIMEOUT, live, turn};

/// Spans that are open at the same time.
const SPANS: usize = 500_000;
/// Spans of one portion, which fit into the queue.
const PORTION: usize = 50_000;
/// Portions before the burst that is measured.
const FIRST: usize = 4;

fn flush(client: &Client) {
    let report = client.flush(TIMEOUT * 5);
    assert!(report.is_complete, "{report}");
}

fn open(client: &Client, instance: &AgentInstance, count: usize) -> Vec<Span> {
    let mut spans = Vec::with_capacity(count);
    for number in 0..count {
        let span = instance.span("test:open");
        span.start(&number);
        spans.push(span);
        if number % PORTION == 0 {
            flush(client);
        }
    }
    flush(client);
    spans
}

fn end(client: &Client, spans: Vec<Span>) {
    for (number, span) in spans.into_iter().enumerate() {
        span.complete(&());
        if number % PORTION == 0 {
            flush(client);
        }
    }
    flush(client);
}

/// Returns the live bytes once they stay the same: the worker frees its last buffers after some idle time.
fn settled() -> usize {
    let (begin, mut live_before, mut unchanged) = (Instant::now(), live(), 0);
    while unchanged < 250 && begin.elapsed() < TIMEOUT {
        thread::sleep(Duration::from_millis(10));
        let now = live();
        unchanged = if now.abs_diff(live_before) < 1 << 10 { unchanged + 1 } else { 0 };
        live_before = now;
    }
    live_before
}

#[test]
fn half_a_million_open_spans_leave_nothing_behind_when_they_end() {
    let _turn = turn();
    let stub = Stub::answering_after(Duration::ZERO);
    let client = Client::builder().api_url(stub.url()).api_token("token").build().unwrap();
    let instance = client.register("tester");
    // The first batches create what is created once: threads, pooled connections, buffers.
    for _ in 0..FIRST {
        let spans = open(&client, &instance, PORTION);
        end(&client, spans);
    }
    let before = settled();

    let spans = open(&client, &instance, SPANS);
    let full = live() - before;
    end(&client, spans);
    let after = settled();
    assert!(after <= before + MIB, "{} KiB are left of {} KiB", (after - before) >> 10, full >> 10);
    let count = (SPANS + FIRST * PORTION) as u64;
    let stats = client.stats();
    assert_conserved(&stats);
    assert_eq!((stats.created, stats.acknowledged, stats.runs.outstanding), (count, count, 1), "{stats:?}");
    drop((instance, client));
}
