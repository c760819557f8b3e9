//! The lifecycle of Prefactor's Python `SpanContext`, row by row, as the server sees it.

use std::time::Duration;

use prefactor::{Client, SpanStatus, span};
use serde_json::json;

use crate::support::{Recorder, Trace};

#[test]
fn prepared_locally_nothing_is_sent() {
    let recorder = Recorder::new();
    let client = Client::builder().transport(recorder.clone()).build().unwrap();
    let instance = client.register("tester");
    let span = instance.span("test:prepared");
    assert_eq!(span.status(), Some(SpanStatus::Pending));
    assert_eq!(span.started_at(), None);
    assert!(client.flush(Duration::from_secs(60)).is_complete);
    assert!(recorder.requests().iter().all(|request| !request.path.contains("agent_spans")));
    span.cancel();
}

#[test]
fn start_posts_the_span_as_active_with_its_payload() {
    let trace = Trace::new();
    let span = trace.instance.span("test:started");
    span.start(&json!({ "model": "m", "prompt": "Hi" }));
    let stored = trace.flushed();
    let stored = stored.span("test:started");
    assert_eq!(stored.status, "active");
    assert_eq!(stored.payload, json!({ "model": "m", "prompt": "Hi" }));
    assert_eq!((stored.finished_at.as_ref(), span.status()), (None, Some(SpanStatus::Active)));
    span.finish();
}

#[test]
fn complete_ends_it_with_a_result() {
    let stored = Trace::of(|| {
        let span = span("test:complete");
        span.start(&json!({}));
        span.complete(&json!({ "response": "Hello", "tokens": 42 }));
        assert_eq!(span.status(), Some(SpanStatus::Complete));
    });
    let span = stored.span("test:complete");
    assert_eq!(
        (span.status.as_str(), span.result()),
        ("complete", &json!({ "response": "Hello", "tokens": 42 }))
    );
}

#[test]
fn fail_ends_it_as_failed_with_a_result() {
    let stored = Trace::of(|| {
        let span = span("test:fail");
        span.start(&json!({}));
        span.fail(&json!({ "error": "no" }));
    });
    let span = stored.span("test:fail");
    assert_eq!((span.status.as_str(), span.result()), ("failed", &json!({ "error": "no" })));
}

#[test]
fn cancel_before_start_is_posted_as_cancelled_in_one_call() {
    let recorder = Recorder::new();
    let client = Client::builder().transport(recorder.clone()).build().unwrap();
    client.register("tester").in_scope(|| span("test:cancelled").cancel());
    assert!(client.shutdown(Duration::from_secs(60)).is_complete);
    let bodies: Vec<serde_json::Value> =
        recorder.requests().iter().filter_map(|request| serde_json::from_slice(&request.body).ok()).collect();
    let spans: Vec<_> = bodies.iter().map(|body| &body["details"]).filter(|span| span.is_object()).collect();
    assert_eq!(spans.len(), 1, "{bodies:#?}");
    assert_eq!((&spans[0]["status"], &spans[0]["payload"]), (&json!("cancelled"), &json!({})));
    assert!(spans[0]["finished_at"].is_string() && spans[0].get("result_payload").is_none());

    let stored = Trace::of(|| span("test:cancelled").cancel());
    assert_eq!(stored.span("test:cancelled").status, "cancelled");
}

#[test]
fn cancel_after_start_is_allowed() {
    let stored = Trace::of(|| {
        let span = span("test:cancelled");
        span.start(&json!({ "query": "…" }));
        span.cancel();
    });
    let span = stored.span("test:cancelled");
    assert_eq!((span.status.as_str(), &span.payload), ("cancelled", &json!({ "query": "…" })));
}

#[test]
fn finish_has_complete_as_its_default_status() {
    let stored = Trace::of(|| {
        let span = span("test:finish");
        span.start(&json!({}));
        span.finish();
    });
    assert_eq!(stored.span("test:finish").status, "complete");
}

#[test]
fn set_result_merges_and_does_not_finish() {
    let stored = Trace::of(|| {
        let span = span("test:result");
        span.start(&json!({}));
        span.set_result(&json!({ "a": 1, "b": 1 }));
        span.set_result(&json!({ "b": 2 }));
        assert_eq!(span.status(), Some(SpanStatus::Active));
        span.complete(&json!({ "c": 3 }));
    });
    assert_eq!(stored.span("test:result").result(), &json!({ "a": 1, "b": 2, "c": 3 }));
}

#[test]
fn id_is_the_one_that_the_server_stored() {
    let trace = Trace::new();
    let span = trace.instance.span("test:id");
    span.start(&json!({}));
    let stored = trace.flushed();
    assert_eq!(stored.span("test:id").id, span.id().unwrap().to_string());
}

#[test]
fn start_works_once() {
    let stored = Trace::of(|| {
        let span = span("test:once");
        span.start(&json!({ "first": true }));
        let started_at = span.started_at();
        span.start(&json!({ "second": true }));
        assert_eq!(span.started_at(), started_at);
    });
    assert_eq!(stored.span("test:once").payload, json!({ "first": true }));
}

#[test]
fn finish_works_once() {
    let stored = Trace::of(|| {
        let span = span("test:once");
        span.complete(&json!({ "first": true }));
        let ended_at = span.ended_at();
        span.fail(&json!({ "second": true }));
        span.cancel();
        span.finish();
        assert_eq!(span.ended_at(), ended_at);
    });
    let span = stored.span("test:once");
    assert_eq!((span.status.as_str(), span.result()), ("complete", &json!({ "first": true })));
}

#[test]
fn start_that_was_omitted_happens_on_finish_with_the_default_payload() {
    let stored =
        Trace::of(|| span("test:default").with_default_payload(&json!({ "default": 1 })).complete(&()));
    let span = stored.span("test:default");
    assert_eq!((span.status.as_str(), &span.payload), ("complete", &json!({ "default": 1 })));
}

#[test]
fn leaving_the_block_finishes() {
    let stored = Trace::of(|| {
        let span = span("test:left");
        span.start(&json!({}));
        drop(span.clone());
        assert_eq!(span.status(), Some(SpanStatus::Active), "a clone does not end it");
    });
    assert_eq!(stored.span("test:left").status, "complete");
}

#[test]
fn leaving_the_block_by_a_panic_fails() {
    let stored = Trace::of(|| {
        let caught = std::panic::catch_unwind(|| {
            let span = span("test:panicked");
            span.start(&json!({}));
            panic!("on purpose");
        });
        assert!(caught.is_err());
    });
    let span = stored.span("test:panicked");
    assert_eq!((span.status.as_str(), &span.result()["message"]), ("failed", &json!("on purpose")));
}

#[test]
fn none_of_the_calls_waits_for_the_network() {
    const NEVER: Duration = Duration::from_secs(3_600);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let client = Client::builder().api_url(url).api_token("token").request_timeout(NEVER).build().unwrap();
    let instance = client.register("tester");
    let spans = 200;
    for _ in 0..spans {
        let span = instance.span("test:unheard");
        span.start(&json!({}));
        span.complete(&json!({}));
    }
    instance.finish(prefactor::InstanceStatus::Complete);
    assert_eq!(client.stats().outstanding, spans);
    let report = client.shutdown(Duration::from_millis(50));
    assert_eq!(report.stats.outstanding, 0);
}
