//! F23: a connection that ends at the moment of its reuse causes no pause.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use crate::support::{Origin, TIMEOUT, accept, builder, given, is_child, run_child, shut_down};

const SPANS: usize = 20;

#[test]
fn child_reuses_connections() {
    if !is_child() {
        return;
    }
    let client = builder(&given("PREFACTOR_API_URL")).build().unwrap();
    let instance = client.register("tester");
    for number in 0..SPANS {
        instance.in_scope(|| prefactor::span("test:one").complete(&number));
        assert!(client.flush(TIMEOUT).is_complete);
    }
    let stats = shut_down(&client, TIMEOUT).stats;
    println!("acknowledged: {}, repeated: {}", stats.acknowledged, stats.retries);
}

/// The connection is closed once for each span. A pause would be announced by a log line.
#[test]
fn f23_connection_that_ends_at_its_reuse_costs_no_pause() {
    let requests = AtomicUsize::new(0);
    let origin = Origin::answering(move |received| {
        let is_span = received.line.contains("/agent_spans");
        if is_span && requests.fetch_add(1, SeqCst) % 2 == 0 {
            return Box::new(|_| Err(io::ErrorKind::ConnectionAborted.into()));
        }
        accept(received)
    });
    let text = run_child("reuse::child_reuses_connections", &[("PREFACTOR_API_URL", &origin.url())]);
    assert!(text.contains(&format!("acknowledged: {SPANS}, repeated: {SPANS}")), "{text}");
    assert!(!text.contains("out of reach"), "{text}");
}
