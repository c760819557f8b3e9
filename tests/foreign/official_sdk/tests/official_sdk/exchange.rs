//! The Python program's own account of its reports, and the server's data.

use std::process::{Command, Stdio};

use prefactor_local::Server;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// One span, in the SDK's report or in the server's data.
#[derive(Debug, Deserialize, PartialEq)]
pub(crate) struct Span {
    /// The id; the SDK does not report that of a span that it cancelled before the start.
    pub(crate) id: Option<String>,
    schema_name: String,
    parent_span_id: Option<String>,
    status: String,
    payload: Value,
    result_payload: Option<Value>,
}

/// Start and end of a span or an instance.
#[derive(Deserialize)]
pub(crate) struct Times {
    pub(crate) id: String,
    pub(crate) parent_span_id: Option<String>,
    pub(crate) started_at: String,
    pub(crate) finished_at: String,
}

#[derive(Deserialize)]
pub(crate) struct Reported {
    pub(crate) instance: String,
    /// In the order in which they started.
    pub(crate) spans: Vec<Span>,
    /// Warnings and errors that the SDK logged.
    pub(crate) complaints: Vec<String>,
    /// Output of one scenario only.
    #[serde(flatten)]
    pub(crate) more: Value,
}

/// Returns the output of the Python program, or `None` where it cannot run.
pub(crate) fn run<T: DeserializeOwned>(scenario: &str, url: &str, token: &str) -> Option<T> {
    let folders = prefactor_foreign_support::folders!();
    let python = folders.install()?.remove(0);
    let output = Command::new(python)
        .arg(folders.source("agent.py"))
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

/// The answer of the server to a read.
pub(crate) fn get(server: &Server, path: &str) -> Value {
    let address = [server.url(), "/api/v1/", path].concat();
    let token = ["Bearer ", server.token()].concat();
    ureq::get(address).header("authorization", token).call().unwrap().body_mut().read_json().unwrap()
}

/// An instance as the server has stored it.
pub(crate) fn instance<T: DeserializeOwned>(server: &Server, id: &str) -> T {
    serde_json::from_value(get(server, &["agent_instance/", id].concat())["details"].take()).unwrap()
}

/// The spans of an instance as the server has stored them, in the order in which they started.
pub(crate) fn spans<T: DeserializeOwned>(server: &Server, instance: &str) -> Vec<T> {
    let path = ["agent_spans?pagination[page_size]=100&include_summaries=true&agent_instance_id=", instance]
        .concat();
    let mut spans: Vec<Value> = serde_json::from_value(get(server, &path)["summaries"].take()).unwrap();
    spans.sort_by_key(|span| span["started_at"].as_str().unwrap().to_owned());
    spans.into_iter().map(|span| serde_json::from_value(span).unwrap()).collect()
}
