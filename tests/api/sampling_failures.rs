//! A span that the sample rate leaves out is sent nevertheless if it fails, with the spans above it.

use std::cell::Cell;
use std::collections::BTreeMap;

use prefactor::testing::Recorder as Records;
use prefactor::{AgentInstance, Client, ClientBuilder, DropReason, FlushReport, InstanceStatus, span};
use prefactor_local::Server;
use prefactor_local::oracle::{Kind, Oracle};
use prefactor_tests::stored::{StoredSpan, list};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::support::{Recorder, TIMEOUT};

/// A client that leaves out every run, and a real server with its ledger.
struct Case {
    server: Server,
    oracle: Oracle,
    client: Client,
}

impl Case {
    fn new(set: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Self {
        let oracle = Oracle::new();
        let server = Server::builder().oracle(&oracle).start().unwrap();
        let builder = Client::builder().api_url(server.url()).api_token(server.token());
        let client = set(builder.sample_rate(0.0).keep_failures(true)).build().unwrap();
        Self { server, oracle, client }
    }

    /// Ends the run, and returns what the server has, as `name status` under the name above.
    fn end(self, run: AgentInstance) -> (Vec<(String, Option<String>)>, FlushReport) {
        run.finish(InstanceStatus::Complete);
        drop(run);
        let report = self.client.shutdown(TIMEOUT);
        let stats = &report.stats;
        assert!(report.is_complete, "{report}");
        assert_eq!(
            stats.created,
            stats.acknowledged + stats.dropped_total() + stats.unknown + stats.outstanding,
            "{report}"
        );
        let spans: Vec<StoredSpan> = list(&self.server, "agent_spans");
        assert_eq!(spans.len() as u64, stats.acknowledged, "acknowledged is stored: {report}");
        assert_eq!(self.oracle.ledger().count(Kind::CreateSpan), spans.len(), "and nothing twice");
        let names: BTreeMap<_, _> = spans.iter().map(|span| (&span.id, &span.schema_name)).collect();
        let line = |span: &StoredSpan| {
            let above = span.parent_span_id.as_ref().map(|id| names[id].clone());
            (format!("{} {}", span.schema_name, span.status), above)
        };
        let mut lines: Vec<_> = spans.iter().map(line).collect();
        lines.sort_by_key(|(_, above)| above.clone());
        (lines, report)
    }
}

#[span("test:outer")]
fn outer(depth: u32, fails: bool) -> Result<u32, String> {
    let _ = quiet();
    if depth == 0 { inner(fails) } else { outer(depth - 1, fails) }
}

#[span("test:quiet")]
fn quiet() -> u32 {
    7
}

#[span("test:inner")]
fn inner(fails: bool) -> Result<u32, String> {
    if fails { Err("broken".into()) } else { Ok(1) }
}

#[span("test:caught")]
fn caught() -> u32 {
    inner(true).unwrap_or(3)
}

#[test]
fn failed_span_of_a_run_that_is_left_out_is_sent_with_those_above_it() {
    let case = Case::new(|builder| builder);
    let run = case.client.register("tester");
    run.in_scope(|| {
        assert_eq!(outer(0, false), Ok(1));
        assert_eq!(caught(), 3);
        assert_eq!(quiet(), 7);
    });
    let (spans, report) = case.end(run);
    assert_eq!(
        spans,
        [("test:caught complete".into(), None), ("test:inner failed".into(), Some("test:caught".to_owned()))]
    );
    assert_eq!(report.stats.dropped(DropReason::SampledOut), 4, "outer, its quiet and its inner; quiet");
}

#[test]
fn payloads_and_results_of_what_is_kept_are_whole() {
    let case = Case::new(|builder| builder);
    let run = case.client.register("tester");
    run.in_scope(|| {
        let top = run.span("test:top");
        top.start(&json!({ "question": "why?" }));
        top.in_scope(|| inner(true)).unwrap_err();
        top.complete(&json!({ "answer": "so" }));
    });
    run.finish(InstanceStatus::Failed);
    assert!(case.client.flush(TIMEOUT).is_complete);
    let spans: Vec<StoredSpan> = list(&case.server, "agent_spans");
    let of = |name: &str| spans.iter().find(|span| span.schema_name == name).unwrap();
    assert_eq!(
        (&of("test:top").payload, of("test:top").result()),
        (&json!({ "question": "why?" }), &json!({ "answer": "so" }))
    );
    assert_eq!(
        (&of("test:inner").payload, &of("test:inner").result()["message"]),
        (&json!({ "fails": true }), &json!("broken"))
    );
    let times = |name: &str| (of(name).started_at.clone().unwrap(), of(name).finished_at.clone().unwrap());
    assert!(times("test:top").0 <= times("test:inner").0 && times("test:inner").1 <= times("test:top").1);
    let runs: Vec<Value> = list(&case.server, "agent_instance");
    assert_eq!((runs.len(), &runs[0]["status"]), (1, &json!("failed")));
    assert!(
        runs[0]["started_at"].as_str().unwrap() <= &*times("test:top").0,
        "the run starts with its first span"
    );
    drop(run);
    assert!(case.client.shutdown(TIMEOUT).is_complete);
}

#[test]
fn left_out_run_without_failures_sends_nothing() {
    let case = Case::new(|builder| builder);
    let run = case.client.register("tester");
    run.in_scope(|| outer(3, false)).unwrap();
    run.record_quality("rating", Some(&json!({ "stars": 4 })));
    let oracle = case.oracle.clone();
    let (spans, report) = case.end(run);
    assert!(spans.is_empty());
    assert_eq!(report.stats.dropped(DropReason::SampledOut), 9);
    assert_eq!(oracle.ledger().count(Kind::Register), 0);
}

#[test]
fn span_that_outlives_those_above_it_brings_them_when_it_fails() {
    let case = Case::new(|builder| builder);
    let run = case.client.register("tester");
    let top = run.span("test:top");
    top.start(&1);
    let late = top.child("test:late");
    late.start(&2);
    let early = top.child("test:early");
    early.start(&3);
    early.complete(&());
    drop(early);
    top.complete(&"done");
    drop(top);
    late.fail(&"late");
    drop(late);
    let (spans, report) = case.end(run);
    assert_eq!(
        spans,
        [("test:top complete".into(), None), ("test:late failed".into(), Some("test:top".to_owned()))]
    );
    assert_eq!(report.stats.dropped(DropReason::SampledOut), 1);
}

#[test]
fn siblings_that_fail_on_many_threads_bring_what_is_above_once() {
    let case = Case::new(|builder| builder);
    let run = case.client.register("tester");
    let top = run.span("test:top");
    top.start(&1);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| top.in_scope(|| (0..50).for_each(|number| drop(inner(number % 5 == 0)))));
        }
    });
    top.complete(&());
    drop(top);
    let (spans, report) = case.end(run);
    assert_eq!(spans.iter().filter(|(line, _)| line == "test:top complete").count(), 1);
    assert_eq!((spans.len(), report.stats.dropped(DropReason::SampledOut)), (1 + 80, 320));
}

#[test]
fn failure_after_the_end_of_its_run_is_left_out() {
    let case = Case::new(|builder| builder);
    let run = case.client.register("tester");
    let span = run.span("test:late");
    span.start(&1);
    run.finish(InstanceStatus::Complete);
    span.fail(&2);
    drop(span);
    let (spans, report) = case.end(run);
    assert_eq!((spans.len(), report.stats.dropped(DropReason::SampledOut)), (0, 1));
}

#[test]
fn deep_trees_are_let_go_without_recursion() {
    let case = Case::new(|builder| builder);
    let run = case.client.register("tester");
    let mut spans = vec![run.span("test:top")];
    spans[0].start(&());
    for _ in 0..20_000 {
        let child = spans.last().unwrap().child("test:below");
        child.start(&());
        spans.push(child);
    }
    for span in spans.drain(..) {
        span.complete(&());
    }
    let (spans, report) = case.end(run);
    assert_eq!((spans.len(), report.stats.dropped(DropReason::SampledOut)), (0, 20_001));
}

#[test]
fn payloads_that_are_held_are_bounded_and_failures_come_without_them() {
    let case = Case::new(|builder| builder.max_queue_bytes(64 << 10));
    let run = case.client.register("tester");
    let large = "x".repeat(7 << 10);
    let held: Vec<_> = (0..4)
        .map(|number| {
            let span = run.span("test:large");
            span.start(&json!({ "number": number, "text": large }));
            span
        })
        .collect();
    for span in &held {
        span.fail(&());
    }
    drop(held);
    let again = run.span("test:again");
    again.start(&json!({ "text": large }));
    again.fail(&());
    drop(again);
    run.finish(InstanceStatus::Complete);
    assert!(case.client.flush(TIMEOUT).is_complete);
    let spans: Vec<StoredSpan> = list(&case.server, "agent_spans");
    let whole = |name: &str| {
        spans.iter().filter(|span| span.schema_name == name && span.payload["text"] == *large).count()
    };
    assert_eq!((spans.len(), whole("test:large"), whole("test:again")), (5, 2, 1));
    drop(run);
    assert!(case.client.shutdown(TIMEOUT).is_complete);
}

#[test]
fn held_spans_that_are_open_at_the_shutdown_are_cancelled_or_left_out() {
    let case = Case::new(|builder| builder);
    let run = case.client.register("tester");
    let (top, other) = (run.span("test:top"), run.span("test:other"));
    top.start(&1);
    other.start(&2);
    top.in_scope(|| inner(true)).unwrap_err();
    let report = case.client.shutdown(TIMEOUT);
    assert!(report.is_complete, "{report}");
    assert_eq!((report.stats.created, report.stats.acknowledged, report.stats.outstanding), (2, 2, 0));
    let spans: Vec<StoredSpan> = list(&case.server, "agent_spans");
    let status = |name: &str| spans.iter().find(|span| span.schema_name == name).map(|span| &*span.status);
    assert_eq!((status("test:top"), status("test:inner")), (Some("cancelled"), Some("failed")));
    other.fail(&3);
    top.fail(&3);
    drop((top, other, run));
    let after = case.client.stats();
    assert_eq!((after.created, after.dropped(DropReason::SampledOut), after.outstanding), (3, 1, 0));
    assert_eq!(list::<StoredSpan>(&case.server, "agent_spans").len(), 2);
}

#[tokio::test]
async fn run_that_a_failure_has_made_known_can_be_terminated() {
    let case = Case::new(|builder| builder);
    let run = case.client.register("tester");
    run.terminate("nobody hears of it");
    run.in_scope(|| inner(true)).unwrap_err();
    let open = run.span("test:open");
    open.start(&1);
    run.terminate("enough");
    assert_eq!(run.terminated().await.reason.as_deref(), Some("enough"));
    open.fail(&"terminated");
    drop(open);
    run.in_scope(|| outer(0, false)).unwrap();
    run.finish(InstanceStatus::Failed);
    drop(run);
    let report = case.client.shutdown(TIMEOUT);
    let stats = &report.stats;
    assert!(report.is_complete && stats.outstanding == 0, "{report}");
    assert_eq!((stats.created, stats.dropped(DropReason::SampledOut)), (5, 3), "{report}");
    let runs: Vec<Value> = list(&case.server, "agent_instance");
    assert_eq!((runs.len(), &runs[0]["termination_reason"]), (1, &json!("enough")));
}

thread_local! {
    static READS: Cell<u32> = const { Cell::new(0) };
}

struct Counted;

impl Serialize for Counted {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        READS.set(READS.get() + 1);
        serializer.serialize_unit()
    }
}

#[span("test:tick")]
fn tick(argument: &Counted, fails: bool) -> Result<Counted, &'static str> {
    let _ = argument;
    let _ = quiet();
    if fails { Err("broken") } else { Ok(Counted) }
}

#[test]
fn kind_is_recorded_at_its_own_rate_and_what_is_below_goes_under_what_is_above() {
    let recorder = Records::with(Client::builder().sample_rate_of("test:tick", 0.0));
    READS.set(0);
    recorder.run(|| {
        let top = span("test:top");
        top.start(&1);
        top.in_scope(|| tick(&Counted, false).map(drop)).unwrap();
        top.complete(&());
    });
    recorder.trace().assert_outline(&["test:top complete", "  test:quiet complete"]);
    assert_eq!(READS.get(), 0, "nothing is read of what is left out");
}

#[test]
fn kind_that_is_left_out_is_counted_and_decided_span_by_span() {
    let transport = Recorder::new();
    let client = Client::builder().transport(transport).sample_rate_of("test:quiet", 0.5).build().unwrap();
    let run = client.register("tester");
    run.in_scope(|| (0..400).for_each(|_| assert_eq!(quiet(), 7)));
    run.finish(InstanceStatus::Complete);
    let stats = client.shutdown(TIMEOUT).stats;
    let (sent, left_out) = (stats.acknowledged, stats.dropped(DropReason::SampledOut));
    // 100 is ten standard deviations.
    assert!(sent.abs_diff(200) < 100 && sent + left_out == 400, "{sent} and {left_out}");
}

#[test]
fn failed_span_of_a_kind_that_is_left_out_is_kept() {
    let recorder = Records::with(Client::builder().sample_rate_of("test:tick", 0.0).keep_failures(true));
    recorder.run(|| {
        tick(&Counted, false).map(drop).unwrap();
        tick(&Counted, true).map(drop).unwrap_err();
    });
    recorder.trace().assert_outline(&["test:quiet complete", "test:tick failed", "test:quiet complete"]);
}

#[test]
fn failed_span_of_a_kind_that_is_left_out_is_let_go_after_the_end_of_its_run() {
    let transport = Recorder::new();
    let builder = Client::builder().transport(transport).sample_rate_of("test:late", 0.0).keep_failures(true);
    let client = builder.build().unwrap();
    let run = client.register("tester");
    let (late, other) = (run.span("test:late"), run.span("test:other"));
    late.start(&1);
    other.start(&1);
    run.finish(InstanceStatus::Complete);
    late.fail(&2);
    other.complete(&2);
    drop((late, other, run));
    let stats = client.shutdown(TIMEOUT).stats;
    assert_eq!((stats.acknowledged, stats.dropped(DropReason::SampledOut)), (1, 1), "{stats}");
}

#[test]
fn rate_of_a_kind_that_is_no_share_is_refused_by_name() {
    let builder = Client::builder().api_url("http://127.0.0.1:9").api_token("a-token");
    let error = builder.sample_rate_of("test:tick", 1.5).build().unwrap_err();
    assert!(error.is_configuration() && error.to_string().contains("test:tick"), "{error}");
}

#[test]
fn processors_hear_of_what_is_kept_alone() {
    let recorder = Records::with(Client::builder().sample_rate(0.0).keep_failures(true));
    recorder.run(|| {
        assert_eq!(caught(), 3);
        outer(1, false).unwrap();
    });
    recorder.trace().assert_outline(&["test:caught complete", "  test:inner failed"]);
}
