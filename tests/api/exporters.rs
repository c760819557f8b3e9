//! Exporters of a program: their batches, retries and counts, and that none delays another.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use prefactor::export::{
    Batch, Batching, ExportFuture, ExportOutcome, Health, MemoryProcessor, SpanExporter, SpanProcessor,
    SpanRecord,
};
use prefactor::{Client, DropReason, Registration, Stats};
use prefactor_local::Server;
use prefactor_tests::stored::{StoredSpan, list};
use serde_json::{Value, json};

use crate::support::TIMEOUT;

/// Answers each batch by a rule, and keeps the numbers in what was accepted.
#[derive(Clone)]
struct Scripted {
    rule: Arc<dyn Fn(usize, &[u64]) -> ExportOutcome + Send + Sync>,
    calls: Arc<AtomicUsize>,
    taken: Arc<Mutex<Vec<u64>>>,
    sizes: Arc<Mutex<Vec<usize>>>,
    batching: Batching,
}

impl Scripted {
    /// `rule` gets the number of batches before, and the numbers of the spans in this one.
    fn new(rule: impl Fn(usize, &[u64]) -> ExportOutcome + Send + Sync + 'static) -> Self {
        let batching = Batching::default().delay(Duration::from_millis(1)).max_in_flight(1);
        let (calls, taken, sizes) = Default::default();
        Self { rule: Arc::new(rule), calls, taken, sizes, batching }
    }

    fn taken(&self) -> Vec<u64> {
        let mut taken = self.taken.lock().unwrap().clone();
        taken.sort_unstable();
        taken
    }
}

fn number(span: &SpanRecord) -> u64 {
    span.payload::<Value>().unwrap()["number"].as_u64().unwrap()
}

impl SpanExporter for Scripted {
    fn name(&self) -> &'static str {
        "scripted"
    }

    fn batching(&self) -> Batching {
        self.batching
    }

    fn export(&self, batch: Batch) -> ExportFuture<'_> {
        Box::pin(async move {
            let numbers: Vec<_> = batch.spans().iter().map(|span| number(span)).collect();
            self.sizes.lock().unwrap().push(numbers.len());
            let outcome = (self.rule)(self.calls.fetch_add(1, SeqCst), &numbers);
            if outcome == ExportOutcome::accepted() {
                self.taken.lock().unwrap().extend(numbers);
            }
            outcome
        })
    }
}

/// Never answers.
struct Hanging;

impl SpanExporter for Hanging {
    fn export(&self, _: Batch) -> ExportFuture<'_> {
        Box::pin(std::future::pending())
    }
}

fn record(client: &Client, numbers: std::ops::Range<u64>) {
    let run = client.register("tester");
    for number in numbers {
        let span = run.span("test:step");
        span.start(&json!({ "number": number }));
        span.complete(&json!({}));
    }
}

fn of(client: &Client, name: &str) -> Stats {
    client.processor_stats().into_iter().find(|(theirs, _)| theirs == name).unwrap().1
}

fn assert_account_closes(stats: &Stats) {
    let settled = stats.acknowledged + stats.dropped_total() + stats.unknown + stats.outstanding;
    assert_eq!(stats.created, settled, "{stats:?}");
}

#[test]
fn exporter_gets_each_span_once_in_batches_no_larger_than_it_says() {
    let mut exporter = Scripted::new(|_, _| ExportOutcome::accepted());
    exporter.batching = exporter.batching.max_spans(32).delay(Duration::from_secs(3_600));
    let client = Client::builder().exporter(exporter.clone()).build().unwrap();
    record(&client, 0..100);
    assert!(client.flush(TIMEOUT).is_complete);
    assert_eq!(exporter.taken(), (0..100).collect::<Vec<_>>());
    assert!(exporter.sizes.lock().unwrap().iter().all(|size| *size <= 32), "{:?}", exporter.sizes);
    record(&client, 100..110);
    assert!(client.shutdown(TIMEOUT).is_complete);
    assert_eq!(exporter.taken().len(), 110);
    let stats = of(&client, "scripted");
    assert_eq!((stats.acknowledged, stats.outstanding, stats.runs.finished), (110, 0, 2), "{stats:?}");
    assert_eq!(client.processor_health(), [("scripted".to_owned(), Health::Stopped)]);
}

#[test]
fn batch_that_did_not_arrive_is_sent_again_until_it_does() {
    let exporter = Scripted::new(|call, _| match call {
        0 => ExportOutcome::retry(None, "busy"),
        1 => ExportOutcome::unanswered("cut off"),
        _ => ExportOutcome::accepted(),
    });
    let client = Client::builder().exporter(exporter.clone()).build().unwrap();
    record(&client, 0..10);
    assert!(client.flush(TIMEOUT).is_complete);
    assert_eq!(exporter.taken(), (0..10).collect::<Vec<_>>());
    let stats = of(&client, "scripted");
    assert_eq!((stats.acknowledged, stats.dropped_total(), stats.retries), (10, 0, 2), "{stats:?}");
    assert_eq!(client.processor_health()[0].1, Health::Working);
}

#[test]
fn batch_that_fails_while_others_are_accepted_is_given_up_and_counted() {
    for in_flight in [1, 4] {
        for is_answered in [true, false] {
            let tries = Arc::new(AtomicUsize::new(0));
            let theirs = Arc::clone(&tries);
            let mut exporter = Scripted::new(move |_, numbers| {
                if !numbers.contains(&3) {
                    return ExportOutcome::accepted();
                }
                theirs.fetch_add(1, SeqCst);
                if is_answered {
                    ExportOutcome::retry(None, "busy")
                } else {
                    ExportOutcome::unanswered("cut off")
                }
            });
            exporter.batching = exporter.batching.max_spans(1).max_in_flight(in_flight);
            let client = Client::builder().exporter(exporter.clone()).build().unwrap();
            record(&client, 0..20);
            assert!(client.flush(TIMEOUT).is_complete, "{in_flight}");
            assert_eq!(exporter.taken(), (0..20).filter(|number| *number != 3).collect::<Vec<_>>());
            let stats = of(&client, "scripted");
            assert_account_closes(&stats);
            let given_up = if is_answered { stats.dropped(DropReason::Rejected) } else { stats.unknown };
            assert_eq!((stats.acknowledged, given_up, stats.outstanding), (19, 1, 0), "{stats:?}");
            assert!((6..=8).contains(&tries.load(SeqCst)), "{in_flight} {tries:?}");
        }
    }
}

#[test]
fn wish_to_wait_is_granted() {
    let asked = Duration::from_millis(700);
    let times = Arc::new(Mutex::new(Vec::new()));
    let theirs = Arc::clone(&times);
    let exporter = Scripted::new(move |call, _| {
        theirs.lock().unwrap().push(std::time::Instant::now());
        if call == 0 { ExportOutcome::retry(Some(asked), "busy") } else { ExportOutcome::accepted() }
    });
    let client = Client::builder().exporter(exporter).build().unwrap();
    record(&client, 0..1);
    assert!(client.flush(TIMEOUT).is_complete);
    let times = times.lock().unwrap();
    assert!(times[1] - times[0] >= asked, "{times:?}");
}

/// Counts the batches that have begun and did not get to go on yet: those of now, and the most at once.
#[derive(Clone, Default)]
struct Begun {
    now: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

impl SpanExporter for Begun {
    fn batching(&self) -> Batching {
        Batching::default().max_spans(1).max_in_flight(16)
    }

    fn export(&self, _: Batch) -> ExportFuture<'_> {
        Box::pin(async move {
            self.most.fetch_max(self.now.fetch_add(1, SeqCst) + 1, SeqCst);
            tokio::task::yield_now().await;
            self.now.fetch_sub(1, SeqCst);
            ExportOutcome::accepted()
        })
    }
}

#[test]
fn batches_begin_one_at_a_time_so_that_one_that_can_go_on_does() {
    let begun = Begun::default();
    let client = Client::builder().exporter(begun.clone()).build().unwrap();
    record(&client, 0..100);
    assert!(client.flush(TIMEOUT).is_complete);
    assert_eq!(of(&client, "exporter").acknowledged, 100);
    assert!(begun.most.load(SeqCst) <= 2, "{} at once", begun.most.load(SeqCst));
}

#[test]
fn batch_that_is_refused_is_dropped_counted_and_holds_up_nothing() {
    let mut exporter = Scripted::new(|call, _| match call {
        0 => ExportOutcome::rejected("no"),
        1 => ExportOutcome::unauthorized("who are you"),
        2 => ExportOutcome::partly_accepted(3, "odd"),
        _ => ExportOutcome::accepted(),
    });
    exporter.batching = exporter.batching.max_spans(10).delay(Duration::from_secs(3_600));
    let client = Client::builder().exporter(exporter).build().unwrap();
    record(&client, 0..40);
    assert!(client.flush(TIMEOUT).is_complete);
    let stats = of(&client, "scripted");
    assert_eq!((stats.dropped(DropReason::Rejected), stats.dropped(DropReason::Auth)), (13, 10), "{stats:?}");
    assert_eq!(stats.acknowledged, 17, "{stats:?}");
    assert_account_closes(&stats);
}

#[test]
fn one_span_that_is_refused_does_not_cost_its_batch() {
    let exporter = Scripted::new(|_, numbers| match numbers {
        [7 | 20] => ExportOutcome::span_rejected("bad"),
        numbers if numbers.contains(&7) => ExportOutcome::span_rejected("bad"),
        numbers if numbers.contains(&20) => ExportOutcome::too_large("large"),
        _ => ExportOutcome::accepted(),
    });
    let client = Client::builder().exporter(exporter.clone()).build().unwrap();
    record(&client, 0..32);
    assert!(client.flush(TIMEOUT).is_complete);
    assert_eq!(exporter.taken(), (0..32).filter(|number| ![7, 20].contains(number)).collect::<Vec<_>>());
    let stats = of(&client, "scripted");
    assert_eq!((stats.acknowledged, stats.dropped(DropReason::Rejected)), (30, 2), "{stats:?}");
}

#[test]
fn destination_that_refuses_everything_is_not_asked_once_for_each_span() {
    let exporter = Scripted::new(|_, _| ExportOutcome::span_rejected("bad"));
    let client = Client::builder().exporter(exporter.clone()).build().unwrap();
    record(&client, 0..512);
    assert!(client.flush(TIMEOUT).is_complete);
    let stats = of(&client, "scripted");
    assert_eq!(stats.dropped(DropReason::Rejected), 512, "{stats:?}");
    assert!(exporter.calls.load(SeqCst) < 512, "{:?}", exporter.calls);
}

#[test]
fn panicking_exporter_costs_the_batch_in_hand() {
    let exporter = Scripted::new(|call, _| {
        assert!(call > 0, "on purpose");
        ExportOutcome::accepted()
    });
    let client = Client::builder().exporter(exporter.clone()).build().unwrap();
    record(&client, 0..1);
    assert!(client.flush(TIMEOUT).is_complete);
    record(&client, 1..3);
    assert!(client.shutdown(TIMEOUT).is_complete);
    let stats = of(&client, "scripted");
    assert_eq!((stats.dropped(DropReason::ProcessorPanicked), stats.acknowledged), (1, 2), "{stats:?}");
}

#[test]
fn dead_exporter_holds_a_bounded_queue_and_costs_nobody_else_a_span() {
    let (server, memory) = (Server::start().unwrap(), MemoryProcessor::new());
    let builder = Client::builder().api_url(server.url()).api_token(server.token()).prefactor();
    let builder = builder.max_queue_bytes(256 << 10).max_queue_operations(100_000);
    let client = builder.exporter(Hanging).processor(memory.clone()).build().unwrap();
    let run = client.register("tester");
    let text = "x".repeat(1_000);
    for _ in 0..100 {
        for _ in 0..10 {
            run.span("test:step").complete(&text);
        }
        let _ = client.flush(Duration::ZERO);
        while memory.spans().len() < usize::try_from(client.stats().created).unwrap() {
            std::thread::yield_now();
        }
        while client.stats().outstanding > 0 {
            std::thread::yield_now();
        }
    }
    let stats = of(&client, "exporter");
    assert_eq!(stats.created, 1_000);
    assert!(stats.dropped(DropReason::QueueFull) > 600, "{stats:?}");
    let report = client.shutdown(Duration::from_secs(1));
    assert!(!report.is_complete && report.stats.acknowledged == 1_000, "{report}");
    let stats = of(&client, "exporter");
    assert!(stats.unknown > 0 && stats.outstanding == 0, "{stats:?}");
    assert_account_closes(&stats);
    assert_eq!(of(&client, "memory").acknowledged, 1_000);
}

#[test]
fn records_at_the_deadline_are_dropped_if_queued_and_unknown_if_in_flight() {
    let exporter = Scripted::new(|_, _| ExportOutcome::retry(Some(Duration::from_secs(3_600)), "busy"));
    let client = Client::builder().exporter(exporter).exporter(Hanging).build().unwrap();
    record(&client, 0..5);
    assert!(!client.shutdown(Duration::from_millis(500)).is_complete);
    let (busy, hanging) = (of(&client, "scripted"), of(&client, "exporter"));
    assert_eq!((busy.dropped(DropReason::ShutdownDeadline), busy.unknown), (5, 0), "{busy:?}");
    assert_eq!((hanging.dropped_total(), hanging.unknown), (0, 5), "{hanging:?}");
}

#[test]
fn records_and_requests_say_the_same_of_a_payload() {
    let (server, memory) = (Server::start().unwrap(), MemoryProcessor::new());
    let rendered = Arc::new(AtomicUsize::new(0));
    let counting = Arc::clone(&rendered);
    let builder = Client::builder().api_url(server.url()).api_token(server.token()).prefactor();
    let rule = move |name: &str, _: &str| {
        counting.fetch_add(usize::from(name == "once"), SeqCst);
        None
    };
    let client = builder.processor(memory.clone()).redact(rule).build().unwrap();
    let span = client.register("tester").span("test:step");
    let payload =
        json!({ "once": "text", "list": [1, 2.5, null], "api_key": "canary", "odd \" key": "\u{0}" });
    span.start(&payload);
    span.complete(&json!({ "answer": 42 }));
    assert!(client.shutdown(TIMEOUT).is_complete);
    assert_eq!(rendered.load(SeqCst), 1, "each text is looked at once");
    let record = memory.spans()[0].clone();
    let [stored] = &list::<StoredSpan>(&server, "agent_spans")[..] else { panic!("one span is stored") };
    assert_eq!(record.payload::<Value>().unwrap(), stored.payload);
    assert_eq!(&record.result::<Value>().unwrap(), stored.result());
}

#[test]
fn facts_of_a_run_are_added_to_a_payload_that_a_record_shares() {
    let (server, memory) = (Server::start().unwrap(), MemoryProcessor::new());
    let builder = Client::builder().api_url(server.url()).api_token(server.token()).prefactor();
    let client = builder.processor(memory.clone()).build().unwrap();
    let run = client.register(Registration::new("tester").with_session_id("s1"));
    for (name, payload) in [("test:own", json!({ "metadata": 1 })), ("test:none", json!({ "a": 1 }))] {
        let span = run.span(name);
        span.start(&payload);
        span.complete(&json!({}));
    }
    assert!(client.shutdown(TIMEOUT).is_complete);
    let stored = list::<StoredSpan>(&server, "agent_spans");
    let payload = |name: &str| &stored.iter().find(|span| span.schema_name == name).unwrap().payload;
    assert_eq!(*payload("test:own"), json!({ "metadata": 1, "run": { "session_id": "s1" } }));
    assert_eq!(*payload("test:none"), json!({ "a": 1, "metadata": { "session_id": "s1" } }));
    assert_eq!(memory.spans()[1].payload::<Value>().unwrap(), json!({ "a": 1 }));
    assert_eq!(memory.spans()[1].trace.session_id.as_deref(), Some("s1"));
}

#[test]
fn two_clients_keep_their_runs_apart() {
    let (first, second) = (MemoryProcessor::new(), MemoryProcessor::new());
    let clients =
        [&first, &second].map(|memory| Client::builder().processor(memory.clone()).build().unwrap());
    for (index, client) in clients.iter().enumerate() {
        client.register(format!("agent {index}")).span("test:step").complete(&index);
    }
    assert!(clients.iter().all(|client| client.shutdown(TIMEOUT).is_complete));
    let names: BTreeMap<_, _> = [first, second]
        .iter()
        .map(|memory| (memory.spans()[0].trace.agent.name().to_owned(), memory.spans().len()))
        .collect();
    assert_eq!(names, BTreeMap::from([("agent 0".to_owned(), 1), ("agent 1".to_owned(), 1)]));
}

/// Counts starts, which an exporter beside it does not need.
struct Starts(Arc<AtomicUsize>);

impl SpanProcessor for Starts {
    fn on_span_start(&mut self, _: &Arc<SpanRecord>) {
        self.0.fetch_add(1, SeqCst);
    }
}

#[test]
fn trace_that_is_sampled_out_reaches_no_processor_and_no_exporter() {
    let (starts, exporter) = (Arc::new(AtomicUsize::new(0)), Scripted::new(|_, _| ExportOutcome::accepted()));
    let builder = Client::builder().sample_rate(0.0).processor(Starts(Arc::clone(&starts)));
    let client = builder.exporter(exporter.clone()).build().unwrap();
    record(&client, 0..10);
    assert!(client.shutdown(TIMEOUT).is_complete);
    assert_eq!((starts.load(SeqCst), exporter.calls.load(SeqCst)), (0, 0));
}
