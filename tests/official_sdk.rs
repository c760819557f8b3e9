//! The official Python SDK, unmodified, reports to the local server, which stores what was reported.

#[path = "official_sdk/install.rs"]
mod install;

use std::process::{Command, Stdio};

use prefactor_local::Server;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

const NAME: &str = "official_sdk";

/// One span, as the SDK says that it reported it or as the server has stored it.
#[derive(Debug, Deserialize, PartialEq)]
struct Span {
    /// The SDK does not tell the id of a span that it cancelled before the start.
    id: Option<String>,
    schema_name: String,
    parent_span_id: Option<String>,
    status: String,
    payload: Value,
    result_payload: Option<Value>,
}

#[derive(Deserialize)]
struct Times {
    id: String,
    parent_span_id: Option<String>,
    started_at: String,
    finished_at: String,
}

#[derive(Deserialize)]
struct Reported {
    instance: String,
    spans: Vec<Span>,
    complaints: Vec<String>,
    #[serde(flatten)]
    more: Value,
}

/// What the Python program prints, or `None` where it cannot run.
fn run<T: DeserializeOwned>(scenario: &str, url: &str, token: &str) -> Option<T> {
    let python = install::install(NAME)?.remove(0);
    let output = Command::new(python)
        .arg(install::sources(NAME).join("agent.py"))
        .arg(scenario)
        .env("PREFACTOR_API_URL", url)
        .env("PREFACTOR_API_TOKEN", token)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {log}", output.status);
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

fn get(server: &Server, path: &str) -> Value {
    let address = [server.url(), "/api/v1/", path].concat();
    let token = ["Bearer ", server.token()].concat();
    ureq::get(address).header("authorization", token).call().unwrap().body_mut().read_json().unwrap()
}

fn instance(server: &Server, id: &str) -> Value {
    get(server, &["agent_instance/", id].concat())["details"].take()
}

/// The spans of an instance in the order in which they started.
fn stored<T: DeserializeOwned>(server: &Server, instance: &str) -> Vec<T> {
    let mut answer =
        get(server, &["agent_spans?pagination[page_size]=100&agent_instance_id=", instance].concat());
    let mut spans: Vec<Value> = serde_json::from_value(answer["summaries"].take()).unwrap();
    spans.sort_by_key(|span| span["started_at"].as_str().unwrap().to_owned());
    spans.into_iter().map(|span| serde_json::from_value(span).unwrap()).collect()
}

fn assert_stored(server: &Server, reported: &Reported) {
    assert_eq!(reported.complaints, [""; 0]);
    let mut stored = stored::<Span>(server, &reported.instance);
    for (stored, reported) in stored.iter_mut().zip(&reported.spans) {
        assert!(stored.id.is_some());
        if reported.id.is_none() {
            stored.id = None;
        }
    }
    assert_eq!(stored, reported.spans);
}

/// Every span lies within its parent, and all of them within the instance.
fn assert_times(server: &Server, id: &str) {
    let instance = instance(server, id);
    let instance = (instance["started_at"].as_str().unwrap(), instance["finished_at"].as_str().unwrap());
    let spans = stored::<Times>(server, id);
    for span in &spans {
        let parent = spans.iter().find(|other| Some(&other.id) == span.parent_span_id.as_ref());
        let around = parent.map_or(instance, |parent| (&*parent.started_at, &*parent.finished_at));
        assert!(around.0 <= &*span.started_at, "{} starts before {}", span.id, around.0);
        assert!(span.started_at <= span.finished_at, "{}", span.id);
        // The SDK lets a child outlive its parent: this one was created below a span that had ended.
        let late = parent.is_some_and(|parent| parent.finished_at < span.started_at);
        assert!(late || &*span.finished_at <= around.1, "{} ends after {}", span.id, around.1);
    }
    assert_eq!(spans.iter().filter(|span| span.parent_span_id.is_none()).count(), 1);
}

#[test]
fn a_run_is_stored_as_the_sdk_reported_it() {
    let server = Server::start().unwrap();
    let Some(reported) = run::<Reported>("lifecycle", server.url(), server.token()) else { return };
    assert_stored(&server, &reported);
    assert_times(&server, &reported.instance);
    let instance = instance(&server, &reported.instance);
    assert_eq!(instance["status"], "complete");
    let counts = json!({ "total": 8, "pending": 0, "active": 0, "complete": 5, "failed": 1, "cancelled": 2, "finished": 8 });
    assert_eq!(instance["span_counts"], counts);
    let agent = get(&server, &["agent/", instance["agent_id"].as_str().unwrap()].concat());
    assert_eq!(agent["details"]["name"], "visitor");
}

#[test]
fn the_sdk_reads_back_what_the_server_tells() {
    let server = Server::start().unwrap();
    let Some(reported) = run::<Reported>("lifecycle", server.url(), server.token()) else { return };
    let instance = instance(&server, &reported.instance);
    let seen = &reported.more["seen"];
    for field in ["id", "type", "account_id", "agent_id", "agent_version_id", "agent_deployment_id", "status"]
    {
        assert!(seen[field].is_string(), "{field}");
        assert_eq!(seen[field], instance[field], "{field}");
    }
    // This release of the SDK knows no pending spans.
    for count in ["total", "active", "complete", "failed", "cancelled", "finished"] {
        assert_eq!(seen["span_counts"][count], instance["span_counts"][count], "{count}");
    }
}

#[test]
fn the_sdk_notices_that_its_run_was_terminated() {
    let server = Server::start().unwrap();
    let Some(reported) = run::<Reported>("termination", server.url(), server.token()) else { return };
    assert_eq!(reported.more, json!({ "before": false, "reason": "spent “too much”" }));
    assert_stored(&server, &reported);
    let instance = instance(&server, &reported.instance);
    assert_eq!(
        (&instance["status"], &instance["termination_reason"]),
        (&json!("terminated"), &reported.more["reason"])
    );
}

#[test]
fn the_sdk_understands_that_its_token_is_refused() {
    let server = Server::builder().token("pf_right").start().unwrap();
    let Some(reported) = run::<Value>("refused", server.url(), "pf_wrong") else { return };
    assert_eq!((&reported["status"], &reported["code"]), (&json!(401), &json!("bad_authtoken")));
}
