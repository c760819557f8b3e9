//! Without a server, functions return the same values at once, and every lost span is counted.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use prefactor::{Client, DropReason, span};

#[span("test:add")]
async fn add(left: u32, right: u32) -> Result<u32, String> {
    left.checked_add(right).ok_or_else(|| "too large".into())
}

/// An address on which nobody listens.
fn closed() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

fn client(url: &str) -> Client {
    Client::builder().api_url(url).api_token("token").build().unwrap()
}

#[tokio::test]
async fn functions_return_the_same_and_shutdown_keeps_its_deadline() {
    let client = client(&closed());
    let instance = client.register("tester");
    assert_eq!(instance.scope(add(1, 2)).await, Ok(3));
    assert_eq!(instance.scope(add(u32::MAX, 2)).await, Err("too large".into()));
    let (begin, timeout) = (Instant::now(), Duration::from_millis(300));
    let report = client.shutdown_async(timeout).await;
    assert!(begin.elapsed() >= timeout, "it tries to the last");
    assert!(!report.is_complete);
    let stats = report.stats;
    assert_eq!((stats.created, stats.outstanding), (2, 0));
    assert_eq!(stats.dropped(DropReason::ShutdownDeadline) + stats.unknown, 2, "{stats}");
}

#[test]
fn server_that_never_answers_costs_the_deadline_and_no_more() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let never = Duration::from_secs(3_600);
    let client = Client::builder().api_url(url).api_token("token").request_timeout(never).build().unwrap();
    client.register("tester").in_scope(|| span("test:unheard").complete(&()));
    let report = client.shutdown(Duration::from_millis(300));
    assert_eq!((report.stats.created, report.stats.acknowledged, report.stats.outstanding), (1, 0, 0));
}

#[test]
fn span_that_starts_after_the_shutdown_is_counted() {
    let client = client(&closed());
    let instance = client.register("tester");
    let _ = client.shutdown(Duration::ZERO);
    for _ in 0..1_000 {
        instance.span("test:late").complete(&());
    }
    assert_eq!(client.stats().dropped(DropReason::AfterShutdown), 1_000);
    assert_eq!(client.stats().outstanding, 0);
    assert!(!client.is_enabled());
    let again = client.shutdown(Duration::from_secs(5));
    assert_eq!(again.stats, client.stats());
}

#[test]
fn full_queue_drops_new_spans_and_never_the_end_of_accepted_ones() {
    let client = Client::builder()
        .api_url(closed())
        .api_token("token")
        .max_queue_operations(100)
        .max_queue_bytes(1 << 20)
        .build()
        .unwrap();
    let instance = client.register("tester");
    let spans: Vec<_> = (0..500).map(|_| instance.span("test:many")).collect();
    for span in &spans {
        span.start(&());
    }
    for span in &spans {
        span.complete(&());
    }
    let dropped = client.stats().dropped(DropReason::QueueFull);
    assert!((400..500).contains(&dropped), "{}", client.stats());
    let report = client.shutdown(Duration::from_millis(100));
    let stats = report.stats;
    assert_eq!(stats.created, 500);
    assert_eq!(stats.dropped_total() + stats.unknown, 500, "{stats}");
}

#[test]
fn f30_a_queue_full_by_bytes_drops_as_well() {
    let client = Client::builder()
        .api_url(closed())
        .api_token("token")
        .max_queue_operations(100)
        .max_queue_bytes(1 << 20)
        .max_input_length(400_000)
        .build()
        .unwrap();
    let instance = client.register("tester");
    let text = "x".repeat(400_000);
    for _ in 0..5 {
        instance.span("test:large").start(&text);
    }
    assert_eq!(client.stats().dropped(DropReason::QueueFull), 3);
    let _ = client.shutdown(Duration::ZERO);
}
