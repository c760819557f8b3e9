//! Processors: the events that they get, and that none delays another.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use prefactor::export::{MemoryProcessor, SpanProcessor, SpanRecord, TraceRecord};
use prefactor::{Agent, Client, DropReason, InstanceStatus, SpanStatus, span};
use prefactor_local::Server;
use serde_json::{Value, json};

use crate::support::TIMEOUT;

#[span("test:outer")]
fn outer(text: &str, api_key: &str) -> Result<usize, String> {
    let _ = api_key;
    inner(text.len())
}

#[span("test:inner")]
fn inner(count: usize) -> Result<usize, String> {
    if count > 3 { Err("too many".into()) } else { Ok(count) }
}

/// Names its events in order.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn add(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }
}

impl SpanProcessor for Log {
    fn on_trace_start(&mut self, trace: &Arc<TraceRecord>) {
        self.add(format!("trace start {}", trace.agent.name()));
    }

    fn on_span_start(&mut self, span: &Arc<SpanRecord>) {
        self.add(format!("start {} {}", span.schema_name, span.status));
    }

    fn on_span_end(&mut self, span: &Arc<SpanRecord>) {
        self.add(format!("end {} {}", span.schema_name, span.status));
    }

    fn on_trace_end(&mut self, trace: &Arc<TraceRecord>) {
        self.add(format!("trace end {:?}", trace.status));
    }
}

/// Hangs in the first span until it is released.
struct Hanging {
    reached: Sender<()>,
    released: Receiver<()>,
}

impl SpanProcessor for Hanging {
    fn on_span_start(&mut self, _: &Arc<SpanRecord>) {
        let _ = self.reached.send(());
        let _ = self.released.recv();
    }
}

fn hanging() -> (Hanging, Receiver<()>, Sender<()>) {
    let ((reached, is_reached), (release, released)) = (channel(), channel());
    (Hanging { reached, released }, is_reached, release)
}

/// Panics at every span.
struct Panicking;

impl SpanProcessor for Panicking {
    fn on_span_end(&mut self, _: &Arc<SpanRecord>) {
        panic!("on purpose");
    }
}

#[test]
fn processor_hears_of_runs_and_spans_in_the_order_of_their_life() {
    let log = Log::default();
    let client = Client::builder().processor(log.clone()).build().unwrap();
    let run = client.register(Agent::new("tester"));
    assert_eq!(run.in_scope(|| outer("abc", "secret")), Ok(3));
    run.finish(InstanceStatus::Complete);
    assert!(client.shutdown(TIMEOUT).is_complete);
    let expected = [
        "trace start tester",
        "start test:outer active",
        "start test:inner active",
        "end test:inner complete",
        "end test:outer complete",
        "trace end Some(Complete)",
    ];
    assert_eq!(*log.0.lock().unwrap(), expected);
}

#[test]
fn records_are_whole_redacted_and_linked() {
    let memory = MemoryProcessor::new();
    let client = Client::builder().processor(memory.clone()).build().unwrap();
    assert!(client.register("tester").in_scope(|| outer("abcde", "canary")).is_err());
    assert!(client.shutdown(TIMEOUT).is_complete);
    let [inner, outer] = &memory.spans()[..] else { panic!("{:?}", memory.spans()) };
    assert_eq!(outer.payload::<Value>(), Some(json!({ "text": "abcde", "api_key": "[REDACTED]" })));
    assert_eq!(inner.result::<Value>().unwrap()["message"], "too many");
    assert_eq!((inner.parent_id, outer.parent_id), (Some(outer.span_id), None));
    assert_eq!(inner.trace.trace_id, outer.trace.trace_id);
    assert_ne!(inner.span_id, outer.span_id);
    assert_eq!((inner.status, outer.status), (SpanStatus::Failed, SpanStatus::Failed));
    assert!(inner.started_at >= outer.started_at && inner.ended_at <= outer.ended_at);
    assert_eq!(outer.trace.trace_id.to_string().len(), 32);
    assert_eq!(outer.span_id.to_string().len(), 16);
    assert_eq!(memory.traces()[0].agent.name(), "tester");
}

#[test]
fn spans_that_are_open_at_the_shutdown_end_as_cancelled() {
    let memory = MemoryProcessor::new();
    let client = Client::builder().processor(memory.clone()).build().unwrap();
    let open = client.register("tester").span("test:open");
    open.start(&json!({ "a": 1 }));
    let report = client.shutdown(TIMEOUT);
    assert!(report.is_complete && report.stats.acknowledged == 1, "{report}");
    assert_eq!(memory.spans()[0].status, SpanStatus::Cancelled);
}

#[test]
fn hanging_processor_delays_neither_the_agent_nor_the_api_nor_another_processor() {
    let server = Server::start().unwrap();
    let ((hanging, reached, release), memory) = (hanging(), MemoryProcessor::new());
    let builder = Client::builder().api_url(server.url()).api_token(server.token()).prefactor();
    let client = builder.processor(hanging).processor(memory.clone()).build().unwrap();
    client.register("tester").in_scope(|| {
        for _ in 0..100 {
            let _ = outer("abc", "");
        }
    });
    reached.recv().unwrap();
    let report = client.flush(Duration::from_secs(2));
    assert!(!report.is_complete, "{report}");
    assert_eq!((report.stats.created, report.stats.acknowledged), (200, 200), "{report}");
    assert_eq!(memory.spans().len(), 200);
    let stats = client.processor_stats();
    assert_eq!((stats[0].1.outstanding, stats[1].1.acknowledged), (200, 200), "{stats:?}");
    drop(release);
    let report = client.shutdown(TIMEOUT);
    assert!(report.is_complete, "{report}");
    assert!(client.processor_stats().iter().all(|(_, stats)| stats.acknowledged == 200));
}

#[test]
fn queue_that_is_full_drops_whole_spans_and_counts_them() {
    let ((hanging, reached, release), memory) = (hanging(), MemoryProcessor::new());
    let builder = Client::builder().max_queue_bytes(64 << 10).max_queue_operations(100_000);
    let client = builder.processor(hanging).processor(memory.clone()).build().unwrap();
    let run = client.register("tester");
    let text = "x".repeat(1_000);
    run.in_scope(|| drop(outer(&text, "")));
    reached.recv().unwrap();
    for _ in 0..50 {
        run.in_scope(|| {
            let _ = outer(&text, "");
            let _ = outer(&text, "");
        });
        let _ = client.flush(Duration::ZERO);
        while memory.spans().len() < usize::try_from(client.stats().created).unwrap() {
            std::thread::yield_now();
        }
    }
    let stats = client.processor_stats();
    let (full, created) = (stats[0].1.dropped(DropReason::QueueFull), stats[0].1.created);
    assert!(full > 0 && full < created, "{stats:?}");
    drop(release);
    assert!(client.shutdown(TIMEOUT).is_complete);
    let stats = client.processor_stats();
    assert_eq!(stats[0].1.acknowledged + full, stats[0].1.created, "{stats:?}");
    assert_eq!((stats[1].1.acknowledged, stats[1].1.dropped_total()), (created, 0), "{stats:?}");
}

#[test]
fn panicking_processor_costs_the_span_in_hand_and_nobody_else() {
    let memory = MemoryProcessor::new();
    let client = Client::builder().processor(Panicking).processor(memory.clone()).build().unwrap();
    client.register("tester").in_scope(|| drop(outer("abc", "")));
    let report = client.shutdown(TIMEOUT);
    assert!(report.is_complete, "{report}");
    let stats = client.processor_stats();
    assert_eq!(stats[0].1.dropped(DropReason::ProcessorPanicked), 2);
    assert_eq!((stats[0].1.outstanding, memory.spans().len()), (0, 2));
}

#[test]
fn processor_makes_no_spans_of_its_own() {
    struct Annotated(Arc<AtomicUsize>);
    impl SpanProcessor for Annotated {
        fn on_span_end(&mut self, _: &Arc<SpanRecord>) {
            let _ = inner(1);
            self.0.fetch_add(1, SeqCst);
        }
    }
    let ended = Arc::new(AtomicUsize::new(0));
    let client = Client::builder().processor(Annotated(Arc::clone(&ended))).build().unwrap();
    client.register("tester").in_scope(|| drop(inner(1)));
    let report = client.shutdown(TIMEOUT);
    assert!(report.is_complete && report.stats.created == 1, "{report}");
    assert_eq!(ended.load(SeqCst), 1);
}

#[test]
fn processors_alone_need_no_address_and_no_token() {
    let client = Client::builder().api_url("not an address").processor(MemoryProcessor::new()).build();
    assert!(client.is_ok(), "{client:?}");
    let error =
        Client::builder().api_url("not an address").prefactor().processor(MemoryProcessor::new()).build();
    assert!(error.is_err_and(|error| error.is_configuration()));
}
