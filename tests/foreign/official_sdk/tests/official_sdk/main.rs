//! The official Python SDK, unmodified, reports to the local server, which stores its report.

#[expect(clippy::unwrap_used, reason = "a helper panics to fail its test")]
mod example;
#[expect(clippy::unwrap_used, reason = "a helper panics to fail its test")]
mod exchange;

use prefactor_local::Server;
use serde_json::{Value, json};

use exchange::{Reported, Span, Times, get, instance, run, spans};

fn assert_stored(server: &Server, reported: &Reported) {
    assert_eq!(reported.complaints, [""; 0]);
    let mut stored = spans::<Span>(server, &reported.instance);
    for (stored, reported) in stored.iter_mut().zip(&reported.spans) {
        assert!(stored.id.is_some());
        if reported.id.is_none() {
            stored.id = None;
        }
    }
    assert_eq!(stored, reported.spans);
}

/// Every span lies within its parent, and the first one within the instance.
fn assert_times(server: &Server, id: &str) {
    let instance = instance::<Times>(server, id);
    let spans = spans::<Times>(server, id);
    for span in &spans {
        let parent = spans.iter().find(|other| Some(&other.id) == span.parent_span_id.as_ref());
        let around = parent.unwrap_or(&instance);
        assert!(around.started_at <= span.started_at, "{} starts before {}", span.id, around.id);
        assert!(span.started_at <= span.finished_at, "{}", span.id);
        let late = around.finished_at < span.started_at;
        assert!(late || span.finished_at <= around.finished_at, "{} ends after {}", span.id, around.id);
    }
    assert_eq!(spans.iter().filter(|span| span.parent_span_id.is_none()).count(), 1);
}

#[test]
fn run_is_stored_as_the_sdk_reported_it() {
    let server = Server::start().unwrap();
    let Some(reported) = run::<Reported>("lifecycle", server.url(), server.token()) else { return };
    assert_stored(&server, &reported);
    assert_times(&server, &reported.instance);
    let instance = instance::<Value>(&server, &reported.instance);
    assert_eq!(instance["status"], "complete");
    let ended = json!({ "complete": 5, "failed": 1, "cancelled": 2, "finished": 8, "total": 8, "pending": 0, "active": 0 });
    assert_eq!(instance["span_counts"], ended);
    let agent = get(&server, &["agent/", instance["agent_id"].as_str().unwrap()].concat());
    assert_eq!(agent["details"]["name"], "visitor");
}

#[test]
fn sdk_reads_back_what_the_server_tells() {
    let server = Server::start().unwrap();
    let Some(reported) = run::<Reported>("lifecycle", server.url(), server.token()) else { return };
    let instance = instance::<Value>(&server, &reported.instance);
    let seen = &reported.more["seen"];
    for field in ["type", "id", "account_id", "agent_id", "agent_version_id", "agent_deployment_id", "status"]
    {
        assert!(seen[field].is_string(), "{field}");
        assert_eq!(seen[field], instance[field], "{field}");
    }
    for count in ["total", "active", "complete", "failed", "cancelled", "finished"] {
        assert_eq!(seen["span_counts"][count], instance["span_counts"][count], "{count}");
    }
}

#[test]
fn sdk_notices_that_its_run_was_terminated() {
    let server = Server::start().unwrap();
    let Some(reported) = run::<Reported>("termination", server.url(), server.token()) else { return };
    assert_eq!(reported.more, json!({ "before": false, "reason": "spent “too much”" }));
    assert_stored(&server, &reported);
    let instance = instance::<Value>(&server, &reported.instance);
    assert_eq!(instance["status"], "terminated");
    assert_eq!(instance["termination_reason"], reported.more["reason"]);
}

#[test]
fn sdk_understands_that_its_token_is_refused() {
    let server = Server::builder().token("pf_right").start().unwrap();
    let Some(reported) = run::<Value>("refused", server.url(), "pf_wrong") else { return };
    assert_eq!(reported, json!({ "status": 401, "code": "bad_authtoken", "complaints": [] }));
}
