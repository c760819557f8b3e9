//! Spans made by hand: times, parents, scoped forms, later fields, and spans that outlive their process.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use prefactor::{AgentInstance, Client, InstanceStatus, SpanRef, SpanStatus, current_span, span};
use prefactor_local::Server;
use prefactor_local::oracle::{Kind, Oracle};
use prefactor_tests::stored::list;
use serde_json::{Value, json};

use crate::support::{Recorder, TIMEOUT, Trace};

const PAST: Duration = Duration::from_micros(1_700_000_000_123_456);

#[test]
fn explicit_times_are_sent_as_they_are() {
    let at = UNIX_EPOCH + PAST;
    let stored = Trace::of(|| {
        let span = span("test:past");
        span.start_at(&json!({ "a": 1 }), at);
        assert_eq!(span.started_at(), Some(at));
        span.complete_at(&json!({ "b": 2 }), at + Duration::from_secs(90));
        assert_eq!(span.ended_at(), Some(at + Duration::from_secs(90)));
    });
    let span = stored.span("test:past");
    assert_eq!(span.started_at.as_deref(), Some("2023-11-14T22:13:20.123456Z"));
    assert_eq!(span.finished_at.as_deref(), Some("2023-11-14T22:14:50.123456Z"));
    assert_eq!((&span.payload, span.result()), (&json!({ "a": 1 }), &json!({ "b": 2 })));
}

#[test]
fn fail_at_and_finish_at_end_at_their_time() {
    let at = SystemTime::now() - Duration::from_secs(5);
    let stored = Trace::of(|| {
        let failed = span("test:failed");
        failed.start_at(&(), at);
        failed.fail_at(&json!({ "why": 1 }), at + Duration::from_secs(1));
        let finished = span("test:finished");
        finished.start_at(&(), at);
        finished.finish_at(at + Duration::from_secs(2));
    });
    assert_eq!(
        (stored.span("test:failed").status.as_str(), stored.span("test:finished").status.as_str()),
        ("failed", "complete")
    );
}

#[test]
fn child_has_its_parent_whatever_is_current() {
    let trace = Trace::new();
    trace.instance.in_scope(|| {
        let (outer, other) = (span("test:outer"), span("test:other"));
        let _entered = other.start_as_current(&());
        outer.child("test:child").complete(&());
    });
    let stored = trace.finish();
    assert_eq!(stored.parent_of("test:child"), Some("test:outer"));
}

#[test]
fn client_span_goes_to_the_default_instance() {
    let trace = Trace::new();
    let outer = trace.client.span("test:outer");
    outer.in_scope(|| trace.client.span("test:inner").complete(&()));
    drop(outer);
    let default = trace.client.default_instance();
    let _ = trace.flushed();
    let stored = trace.stored_of(&default);
    assert_eq!((stored.parent_of("test:inner"), stored.spans.len()), (Some("test:outer"), 2));
}

#[test]
fn set_status_says_what_finish_ends_as() {
    let stored = Trace::of(|| {
        let dropped = span("test:dropped");
        dropped.set_status(SpanStatus::Failed);
        dropped.set_status(SpanStatus::Active);
        drop(dropped);
        let explicit = span("test:explicit");
        explicit.set_status(SpanStatus::Failed);
        explicit.complete(&());
    });
    assert_eq!(
        (stored.span("test:dropped").status.as_str(), stored.span("test:explicit").status.as_str()),
        ("failed", "complete")
    );
}

#[test]
fn record_fills_in_a_member_later() {
    let stored = Trace::of(|| {
        let span = span("test:record");
        span.start(&json!({}));
        span.record("status_code", &500);
        span.record("status_code", &200);
        span.record("hits", &[1, 2]);
    });
    assert_eq!(stored.span("test:record").result(), &json!({ "status_code": 200, "hits": [1, 2] }));
}

#[test]
fn run_sees_the_result_the_panic_and_the_drop() {
    let stored = Trace::of_async(async {
        let ok = span("test:ok").run(async { Ok::<_, String>(json!({ "n": 1 })) }).await;
        assert_eq!(ok.unwrap(), json!({ "n": 1 }));
        let error = span("test:err").run(async { Err::<u32, _>("7x".parse::<u32>().unwrap_err()) }).await;
        assert!(error.is_err());
        let panicking = tokio::spawn(prefactor::SpanFutureExt::with_current_span(
            span("test:panicked").run_value(async { panic!("on purpose") }),
        ));
        assert!(panicking.await.unwrap_err().is_panic());
        let mut dropped = Box::pin(span("test:dropped").run_value(std::future::pending::<()>()));
        assert!(futures_util::FutureExt::now_or_never(&mut dropped).is_none());
        drop(dropped);
        span("test:by_hand")
            .run(async {
                current_span().complete(&json!({ "by": "hand" }));
                Err::<(), _>("too late")
            })
            .await
            .unwrap_err();
    });
    let status = |name| stored.span(name).status.clone();
    assert_eq!(
        ["test:ok", "test:err", "test:panicked", "test:dropped", "test:by_hand"].map(status),
        ["complete", "failed", "failed", "cancelled", "complete"]
    );
    assert_eq!(stored.span("test:ok").result(), &json!({ "n": 1 }));
    let error = stored.span("test:err").result();
    assert_eq!(
        (&error["message"], &error["error_type"]),
        (&json!("invalid digit found in string"), &json!("core::num::error::ParseIntError"))
    );
    assert_eq!(stored.span("test:panicked").result()["message"], "on purpose");
    assert_eq!(stored.span("test:by_hand").result(), &json!({ "by": "hand" }), "a finish by hand wins");
}

#[test]
fn run_sync_sees_the_result_and_the_panic() {
    let stored = Trace::of(|| {
        let number = span("test:ok").run_sync(|| {
            span("test:inner").complete(&());
            "42".parse::<u32>()
        });
        assert_eq!(number, Ok(42));
        assert!(span("test:err").run_sync(|| Err::<(), _>("no")).is_err());
        let panicked =
            std::panic::catch_unwind(|| span("test:panicked").run_value_sync(|| panic!("on purpose")));
        assert!(panicked.is_err());
        assert_eq!(span("test:value").run_value_sync(|| 7), 7);
    });
    let status = |name| stored.span(name).status.clone();
    assert_eq!(
        ["test:ok", "test:err", "test:panicked", "test:value"].map(status),
        ["complete", "failed", "failed", "complete"]
    );
    assert_eq!(
        (stored.span("test:ok").result(), stored.parent_of("test:inner")),
        (&json!({ "result": 42 }), Some("test:ok"))
    );
}

#[test]
fn cancel_before_start_falls_back_to_pending_first() {
    use prefactor::Fallback;
    use prefactor::transport::Response;

    let recorder = Recorder::answering(|request| {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let is_cancelled =
            |details: &Value| details["status"] == "cancelled" && details["schema_name"].is_string();
        if let Some(items) = body["items"].as_array() {
            if let Some(item) = items.iter().find(|item| is_cancelled(&item["details"])) {
                let key = item["idempotency_key"].as_str().unwrap_or_default();
                let outputs = json!({ key: { "status": "error", "code": "validation_errors", "errors": { "status": ["is invalid"] } } });
                return Some(Response::new(
                    200,
                    json!({ "status": "success", "outputs": outputs }).to_string(),
                ));
            }
        }
        let refusal =
            json!({ "status": "error", "code": "validation_errors", "errors": { "status": ["is invalid"] } });
        is_cancelled(&body["details"]).then(|| Response::new(422, refusal.to_string()))
    });
    let client = Client::builder().transport(recorder.clone()).build().unwrap();
    client.register("tester").in_scope(|| span("test:cancelled").cancel());
    let report = client.shutdown(TIMEOUT);
    assert!(report.is_complete && report.stats.acknowledged == 1, "{report}");
    assert!(report.stats.fallbacks().any(|fallback| fallback == Fallback::PendingFirst));
    let text: Vec<_> = recorder
        .requests()
        .iter()
        .map(|request| String::from_utf8_lossy(&request.body).into_owned())
        .collect();
    assert!(text.iter().any(|body| body.contains(r#""status":"pending""#)), "{text:#?}");
}

#[test]
fn span_is_started_here_and_ended_in_another_process() {
    let trace = Trace::new();
    let span_ref = trace.instance.create_span("human:approval", &json!({ "amount": 120 })).unwrap();
    let stored = trace.flushed();
    assert_eq!(stored.span("human:approval").status, "active");
    let other =
        Client::builder().api_url(trace.server.url()).api_token(trace.server.token()).build().unwrap();
    let text = span_ref.to_string();
    let run = other.attach(trace.instance.id().unwrap());
    let again: SpanRef = text.parse().unwrap();
    let below = run.create_span_under(&again, "human:comment", &json!({})).unwrap();
    run.finish_span(&below, SpanStatus::Failed, &json!({ "why": "late" }));
    run.finish_span(&again, SpanStatus::Complete, &json!({ "approved": true }));
    let report = other.shutdown(TIMEOUT);
    assert!(report.is_complete && report.stats.acknowledged == report.stats.created, "{report}");
    let stored = trace.finish();
    let approval = stored.span("human:approval");
    assert_eq!((approval.status.as_str(), approval.result()), ("complete", &json!({ "approved": true })));
    assert_eq!(stored.parent_of("human:comment"), Some("human:approval"));
    assert_eq!(stored.span("human:comment").status, "failed");
    assert_eq!(stored.instance["status"], "complete", "the other process did not end the run");
}

#[test]
fn run_and_spans_by_reference_take_explicit_times() {
    let trace = Trace::new();
    let at = |seconds: u64| UNIX_EPOCH + Duration::from_secs(1_700_000_000 + seconds);
    trace.instance.start_at(at(0));
    trace.instance.start_at(at(50));
    let span = trace.instance.create_span_at("human:approval", &json!({ "amount": 120 }), at(1)).unwrap();
    trace.instance.finish_span_at(&span, SpanStatus::Active, &json!({ "is": "no end" }), at(2));
    trace.instance.finish_span_at(&span, SpanStatus::Failed, &json!({ "why": "late" }), at(3));
    trace.instance.finish_at(InstanceStatus::Failed, at(4));
    let report = trace.client.shutdown(TIMEOUT);
    assert!(report.is_complete, "{report}");
    let stored = trace.stored_of(&trace.instance);
    let approval = stored.span("human:approval");
    assert_eq!((approval.status.as_str(), approval.result()), ("failed", &json!({ "why": "late" })));
    let seconds = |time: Option<&str>| time.unwrap().get(..19).map(str::to_owned);
    let second = |number: u64| Some(format!("2023-11-14T22:13:{:02}", 20 + number));
    let times = [&approval.started_at, &approval.finished_at].map(|time| seconds(time.as_deref()));
    assert_eq!(times, [second(1), second(3)]);
    let of_run = ["started_at", "finished_at"].map(|name| seconds(stored.instance[name].as_str()));
    assert_eq!(of_run, [second(0), second(4)]);
    assert_eq!(stored.instance["status"], "failed");
}

#[test]
fn span_left_open_stays_open_when_its_process_ends() {
    let trace = Trace::new();
    trace.instance.in_scope(|| span("test:open").start(&()));
    assert!(trace.instance.create_span("human:approval", &json!({})).is_some());
    let stored = trace.finish();
    assert_eq!(stored.span("human:approval").status, "active");
}

#[tokio::test]
async fn run_without_an_installed_client_runs_the_agent_all_the_same() {
    assert_eq!(prefactor::run("tester", async { Ok::<_, ()>(1) }).await.unwrap(), Ok(1));
    assert_eq!(prefactor::run_value("tester", async { 2 }).await.unwrap(), 2);
}

#[test]
fn run_starts_no_later_than_its_first_span_whose_time_is_given() {
    let at = UNIX_EPOCH + PAST;
    let (started, next) = ("2023-11-14T22:13:20.123456Z", at + Duration::from_secs(1));
    let first_span: [(&str, &dyn Fn(&AgentInstance)); 4] = [
        ("by reference", &|run| {
            let _ = run.create_span_at("test:first", &(), at);
        }),
        ("by hand", &|run| run.span("test:first").start_at(&(), at)),
        ("prepared before another", &|run| {
            let (first, other) = (run.span("test:first"), run.span("test:other"));
            first.start_at(&(), at);
            other.start_at(&(), next);
        }),
        ("of a parent that is started by it", &|run| {
            let parent = run.span("test:parent");
            parent.start_at(&(), at);
            parent.child("test:first").start_at(&(), next);
        }),
    ];
    for (what, make) in first_span {
        let trace = Trace::new();
        make(&trace.instance);
        let stored = trace.finish();
        assert_eq!(stored.instance["started_at"], started, "{what}");
    }
}

#[test]
fn run_starts_when_its_first_span_is_prepared_if_that_span_starts_later() {
    let trace = Trace::new();
    let (prepared, later) = (trace.instance.span("test:prepared"), trace.instance.span("test:later"));
    let hour = SystemTime::now() + Duration::from_secs(3_600);
    later.start_at(&(), hour);
    later.complete_at(&(), hour + Duration::from_secs(1));
    let before = trace.flushed().instance["started_at"].as_str().unwrap().to_owned();
    prepared.start(&());
    drop(prepared);
    let stored = trace.finish();
    let started = stored.span("test:prepared").started_at.clone().unwrap();
    assert!(before <= started, "{before} {started}");
    assert_eq!(stored.instance["started_at"], *before, "a run starts once");
}

#[test]
fn span_in_a_run_that_was_cancelled_before_its_start_does_not_start_it() {
    for is_sent in [false, true] {
        let oracle = Oracle::new();
        let server = Server::builder().oracle(&oracle).start().unwrap();
        let client = Client::builder().api_url(server.url()).api_token(server.token()).build().unwrap();
        let run = client.register("tester");
        run.finish(InstanceStatus::Cancelled);
        if is_sent {
            assert!(client.flush(TIMEOUT).is_complete);
        }
        run.span("test:late").start(&());
        let _ = client.shutdown(TIMEOUT);
        let ledger = oracle.ledger();
        let asked: Vec<_> = ledger.requests().iter().flat_map(|request| &request.items).collect();
        let count = |kind: Kind| asked.iter().filter(|item| item.kind == kind).count();
        assert_eq!(count(Kind::FinishInstance), 1, "{is_sent}");
        assert_eq!((count(Kind::StartInstance), count(Kind::CreateSpan)), (0, 0), "{is_sent}");
        let stored = &list::<Value>(&server, "agent_instance")[0];
        assert_eq!(stored["status"], "cancelled", "{is_sent}");
    }
}
