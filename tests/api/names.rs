//! Names of agents, runs and spans are cleaned and bounded before the platform gets them.

use std::process::Command;

use prefactor::{Agent, Client, Registration, span};
use serde_json::Value;

use crate::support::{Recorder, TIMEOUT};

/// The body of the one request to a path.
fn body_of(recorder: &Recorder, path: &str) -> Value {
    let requests = recorder.requests();
    let request = requests.iter().find(|request| request.path == path).unwrap();
    serde_json::from_slice(&request.body).unwrap()
}

const REGISTER: &str = "/api/v1/agent_instance/register";
const SPANS: &str = "/api/v1/agent_spans";

/// A name of 150,000 characters, as of an agent that is named by its prompt.
fn long() -> String {
    "name\0 ".repeat(25_000)
}

fn assert_clean(name: &Value, max: usize) {
    let name = name.as_str().unwrap();
    assert_eq!(name.chars().count(), max, "{name}");
    assert!(!name.chars().any(char::is_control), "{name:?}");
    assert!(name.starts_with("name\u{fffd} ") && name.ends_with('…'), "{name:?}");
}

#[test]
fn names_of_an_agent_are_cleaned_and_bounded() {
    let recorder = Recorder::new();
    let client = Client::builder().transport(recorder.clone()).build().unwrap();
    let run = client.register(Agent::new(long()).with_version(long()).with_description(long()));
    drop(run);
    assert!(client.shutdown(TIMEOUT).is_complete);
    let version = &body_of(&recorder, REGISTER)["agent_version"];
    assert_clean(&version["name"], 256);
    assert_clean(&version["external_identifier"], 256);
    assert_clean(&version["description"], 512);
}

#[test]
fn identifier_of_a_run_is_cleaned_and_bounded() {
    let recorder = Recorder::new();
    let client = Client::builder().transport(recorder.clone()).build().unwrap();
    drop(client.register(Registration::new("tester").with_external_identifier(long())));
    assert!(client.shutdown(TIMEOUT).is_complete);
    assert_clean(&body_of(&recorder, REGISTER)["external_identifier"], 256);
}

#[test]
fn schema_names_are_cleaned_and_bounded() {
    #[span("test:two\nlines\u{7}")]
    fn written() {}
    let recorder = Recorder::new();
    let client = Client::builder().transport(recorder.clone()).build().unwrap();
    let run = client.register("tester");
    run.span(long()).complete(&());
    run.in_scope(written);
    drop(run);
    let report = client.shutdown(TIMEOUT);
    assert_eq!(report.stats.acknowledged, 2, "{report}");
    let bodies = recorder.requests().into_iter().filter(|request| request.path == SPANS);
    let names: Vec<Value> = bodies
        .map(|request| {
            serde_json::from_slice::<Value>(&request.body).unwrap()["details"]["schema_name"].clone()
        })
        .collect();
    assert_clean(&names[0], 256);
    assert_eq!(names[1], "test:two lines\u{fffd}");
}

#[test]
fn display_name_of_a_span_is_cleaned_and_bounded() {
    #[span(
        "test:named",
        name = "a name\u{1}that goes on, and on, and on: 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789"
    )]
    fn named() {}
    let recorder = Recorder::new();
    let client = Client::builder().transport(recorder.clone()).build().unwrap();
    let run = client.register("tester");
    run.in_scope(named);
    drop(run);
    assert!(client.shutdown(TIMEOUT).is_complete);
    let body = body_of(&recorder, SPANS);
    let name = body["details"]["payload"]["name"].as_str().unwrap();
    assert!(name.starts_with("a name\u{fffd}that goes on") && name.ends_with('…'), "{name}");
    assert_eq!(name.chars().count(), 256);
}

#[test]
fn child_process() {
    if std::env::var_os("PREFACTOR_TEST_NAMES").is_none() {
        return;
    }
    let recorder = Recorder::new();
    let client = Client::builder().transport(recorder.clone()).build().unwrap();
    client.default_instance().span("test:one").complete(&());
    client.default_instance().span("test\u{1}:two").complete(&());
    assert!(client.shutdown(TIMEOUT).is_complete);
    let version = &body_of(&recorder, REGISTER)["agent_version"];
    assert_eq!(version["name"], "an\u{fffd}agent");
    assert_eq!(version["external_identifier"].as_str().unwrap().chars().count(), 256);
    println!("all good");
}

#[test]
fn environment_values_are_cleaned_with_one_log_line() {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["names::child_process", "--exact", "--nocapture"])
        .env("PREFACTOR_TEST_NAMES", "1")
        .env("PREFACTOR_AGENT_NAME", "an\u{1b}agent")
        .env("PREFACTOR_AGENT_IDENTIFIER", "1".repeat(300));
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("all good"), "{text}");
    assert_eq!(text.matches("a name was changed").count(), 1, "{text}");
    assert!(text.contains("control characters") && text.contains("256"), "{text}");
}
