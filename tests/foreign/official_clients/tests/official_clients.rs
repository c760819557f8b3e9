//! Every public method of the official packages, unmodified, against the local server: nothing but successes and the
//! refusals that the platform itself gives.

use std::path::Path;
use std::process::{Command, Stdio};

use prefactor_local::Server;
use serde_json::{Value, json};

/// Returns the output of a program, or `None` where it cannot run.
fn run(server: &Server, scenario: &str) -> Option<Value> {
    let folders = prefactor_foreign_support::folders!();
    let installed = folders.install()?;
    let (program, script, argument) = match scenario {
        "typescript" => (Path::new("node"), "every_method.mjs", installed[1].as_str()),
        scenario => (Path::new(&installed[0]), "every_method.py", scenario),
    };
    let output = Command::new(program)
        .arg(folders.source(script))
        .arg(argument)
        .env("PREFACTOR_API_URL", server.url())
        .env("PREFACTOR_API_TOKEN", server.token())
        .stdin(Stdio::null())
        .output()
        .expect("the program starts");
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {log}", output.status);
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    assert_eq!(report["complaints"], json!([]), "the package warned of something");
    Some(report)
}

fn get(server: &Server, path: &str) -> Value {
    let address = [server.url(), "/api/v1/", path].concat();
    let token = ["Bearer ", server.token()].concat();
    let mut answer = ureq::get(address).header("authorization", token).call().expect("an answer");
    answer.body_mut().read_json().expect("JSON")
}

/// Name, status and whether it has a parent, of each span of a run in the order of their start.
fn spans(server: &Server, instance: &str) -> Vec<(String, String, bool)> {
    let path =
        ["agent_spans?pagination[page_size]=100&sorting=started_at&agent_instance_id=", instance].concat();
    let list = get(server, &path);
    let rows = list["summaries"].as_array().expect("rows");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    rows.iter()
        .map(|row| (text(&row["schema_name"]), text(&row["status"]), row["parent_span_id"].is_string()))
        .collect()
}

fn span(name: &str, status: &str, has_parent: bool) -> (String, String, bool) {
    (name.to_owned(), status.to_owned(), has_parent)
}

#[test]
fn python_http_package_gets_a_valid_answer_from_each_of_its_methods() {
    let server = Server::start().expect("a server");
    let Some(report) = run(&server, "http") else { return };
    assert_eq!(report["uncalled"], json!([]));
    assert_eq!(report["ping"], json!(["success", "success"]));
    assert_eq!(report["same"], true, "an agent is one, by key, by id and by external identifier");
    assert_eq!(report["names"], json!(["helper two", "helper two", "helper two"]));
    assert_eq!(report["listed"], json!(["helper two"]));
    assert_eq!(report["none"], 0);
    assert_eq!(report["statuses"], json!(["retired", "pending", "pending"]));
    assert_eq!(report["instances"], json!(["pending", "active", "complete", "complete"]));
    assert_eq!(report["spans"], json!(["active", "complete", "failed"]));
    assert_eq!(report["started_at"], "2026-01-31 12:00:00+00:00", "an instant without a zone is UTC");
    assert_eq!(report["parent"], true);
    assert_eq!(report["quality"], json!([{"accuracy": {"score": 4}}, {"accuracy": "4 of 5"}, {}]));
    assert_eq!(report["counts"]["finished"], 2);
    for (key, status) in report["bulk"].as_object().expect("outputs") {
        assert_eq!(status, "success", "{key}");
    }
    let refusals = json!({
        "taken": "PrefactorApiError 409 conflict",
        "gone": "PrefactorNotFoundError 404 not_found",
        "finished": "PrefactorApiError 409 invalid_action",
        "finished span": "PrefactorApiError 409 invalid_action",
        "started": "PrefactorApiError 409 invalid_action",
        "undeclared": "PrefactorValidationError 422 validation_errors",
        "runs": "PrefactorApiError 409 invalid_action",
    });
    assert_eq!(report["refusals"], refusals);
}

#[test]
fn python_core_package_loses_nothing_of_long_and_of_very_short_runs() {
    let server = Server::start().expect("a server");
    let Some(report) = run(&server, "core") else { return };
    // The queue's abstract class, parts that ask the server for nothing, and the monitor, by which the test of the
    // LangChain package stops an agent.
    let uncalled = json!([
        "InMemoryQueue.closed",
        "Queue.close",
        "Queue.closed",
        "Queue.get",
        "Queue.put",
        "Queue.size",
        "SpanManager.get_span",
        "TerminationMonitor.detect_termination",
        "TerminationMonitor.get_termination_event",
        "TerminationMonitor.subscribe",
        "TerminationMonitor.termination_reason",
    ]);
    let mut found = report["uncalled"].clone();
    found.as_array_mut().expect("a list").retain(|method| method != "TerminationMonitor.sync");
    assert_eq!(found, uncalled);
    assert_eq!(report["by_id"], "cancelled");
    let seen = &report["seen"];
    assert_eq!(seen["status"], "failed");
    assert_eq!(seen["started_at"], "2026-01-31T12:00:00Z");
    assert_eq!(seen["external_identifier"], "core-1");
    assert_eq!(seen["purpose"], "eval");
    assert_eq!(seen["quality_payloads"], json!({"accuracy": {"score": 5}}), "recorded after the finish");
    assert_eq!(report["short"], json!(["complete"]), "its workers race a run's start and its finish");
    let expected = [
        span("every:old", "complete", false),
        span("every:step", "complete", false),
        span("every:step", "complete", false),
        span("every:old", "complete", true),
        span("every:step", "cancelled", false),
        span("every:step", "failed", false),
    ];
    let mut stored = spans(&server, report["instance"].as_str().expect("an id"));
    stored.sort();
    let mut expected = expected.to_vec();
    expected.sort();
    assert_eq!(stored, expected);
    assert_eq!(get(&server, "agent")["pagination"]["item_count"], 1, "32 runs of one agent");
}

#[test]
fn python_langchain_package_reports_an_agent_and_a_graph() {
    let server = Server::start().expect("a server");
    let Some(report) = run(&server, "langchain") else { return };
    assert_eq!(report["answers"], json!(["It is 5.", "It is 5."]));
    assert_eq!(report["stopped"], "Agent instance terminated by p2: enough");
    let uncalled = [
        "AgentSpan.to_dict",
        "LLMSpan.to_dict",
        "LangChainSpan.fail",
        "LangChainSpan.to_dict",
        "ToolSpan.to_dict",
    ];
    assert_eq!(report["uncalled"], json!(uncalled));
    let count = |spans: &[(String, String, bool)], name: &str, has_parent: bool| {
        spans.iter().filter(|span| **span == (name.to_owned(), "complete".to_owned(), has_parent)).count()
    };
    let flat = spans(&server, report["instance"].as_str().expect("an id"));
    assert_eq!(count(&flat, "langchain:agent", false), 1, "{flat:?}");
    assert_eq!(count(&flat, "langchain:llm", true) + count(&flat, "langchain:llm", false), 2, "{flat:?}");
    assert_eq!(
        count(&flat, "langchain:tool:add", true) + count(&flat, "langchain:tool:add", false),
        1,
        "{flat:?}"
    );
    let nested = spans(&server, report["graph"].as_str().expect("an id"));
    let expected = [
        span("langchain:agent", "complete", false),
        span("langchain:node", "complete", true),
        span("langchain:llm", "complete", true),
    ];
    assert_eq!(nested, expected);
    let mut failing = spans(&server, report["failing"].as_str().expect("an id"));
    failing.sort();
    let expected = [
        span("langchain:agent", "failed", false),
        span("langchain:llm", "failed", false),
        span("langchain:node", "failed", true),
        span("langchain:tool", "complete", false),
        span("langchain:tool", "failed", false),
    ];
    assert_eq!(failing, expected, "errors of a graph, a model and a tool");
    for run in ["synchronous", "shared"] {
        let spans = spans(&server, report[run].as_str().expect("an id"));
        assert_eq!(count(&spans, "langchain:llm", true), 2, "{run}: {spans:?}");
        assert_eq!(count(&spans, "langchain:tool", true), 1, "{run}: {spans:?}");
        assert_eq!(spans.iter().filter(|(.., has_parent)| !has_parent).count(), 1, "{run}: {spans:?}");
    }
}

#[test]
fn typescript_core_package_gets_a_valid_answer_from_each_of_its_methods() {
    let server = Server::start().expect("a server");
    let Some(report) = run(&server, "typescript") else { return };
    assert_eq!(report["same"], true, "a repeated key is the same span");
    assert_eq!(report["started_at"], "2026-01-31T12:00:00.200000Z");
    assert_eq!(report["twice"], "success", "409 invalid_action is success to it");
    assert_eq!(report["finished"], "complete");
    assert_eq!(report["missing"], json!([true, 404, "not_found"]));
    assert_eq!(report["isDown"], true);
    assert_eq!(report["uncalled"], json!(["HttpTransport.queuePendingChild"]));
    let runs = get(&server, "agent_instance");
    let high = &runs["summaries"][1];
    assert_eq!(high["status"], "complete");
    let mut stored = spans(&server, high["id"].as_str().expect("an id"));
    stored.sort();
    let expected = [
        span("agent", "complete", false),
        span("ts:llm", "complete", false),
        span("ts:llm", "complete", true),
        span("ts:llm", "failed", true),
    ];
    assert_eq!(stored, expected);
    let parts = &runs["summaries"][2];
    assert_eq!(parts["status"], "complete");
    assert_eq!(spans(&server, parts["id"].as_str().expect("an id")), [span("agent", "failed", false)]);
}
