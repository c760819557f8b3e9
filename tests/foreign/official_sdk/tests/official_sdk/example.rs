//! The SDK's own end-to-end example and the same agent in Rust store the same data.

use std::path::Path;
use std::process::{Command, Stdio};

use prefactor_local::Server;
use serde_json::{Map, Value, json};

use crate::exchange::{get, instance, spans};

/// Runs a program against a server of its own, and returns the stored data.
fn stored_by(mut program: Command) -> Value {
    let server = Server::start().unwrap();
    let output = program
        .env("PREFACTOR_API_URL", server.url())
        .env("PREFACTOR_API_TOKEN", server.token())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && log.is_empty(), "{}: {log}", output.status);
    let runs = get(&server, "agent_instance")["summaries"].take();
    assert_eq!(runs.as_array().unwrap().len(), 1, "{runs}");
    let run: Value = instance(&server, runs[0]["id"].as_str().unwrap());
    let of =
        |kind: &str, id: &Value| get(&server, &[kind, "/", id.as_str().unwrap()].concat())["details"].take();
    let version = of("agent_version", &run["agent_version_id"]);
    let schemas = of("agent_schema_version", &version["agent_schema_version_id"]);
    json!({
        "run": of_names(&run, &["status", "purpose", "span_counts", "span_schema_counts", "termination_reason"]),
        "agent": of_names(&of("agent", &run["agent_id"]), &["name"]),
        "version": of_names(&version, &["name", "external_identifier"]),
        "schemas": of_names(&schemas, &["span_type_schemas", "quality_schemas", "alert_schemas"]),
        "spans": nodes(&server, run["id"].as_str().unwrap()),
    })
}

fn of_names(object: &Value, names: &[&str]) -> Value {
    names.iter().map(|name| ((*name).to_owned(), object[name].clone())).collect::<Map<_, _>>().into()
}

/// The spans in the order of their start, with the place of the span above instead of its id.
fn nodes(server: &Server, run: &str) -> Vec<Value> {
    let spans: Vec<Value> = spans(server, run);
    let place = |id: &Value| spans.iter().position(|span| span["id"] == *id);
    let names = ["schema_name", "schema_title", "status", "payload", "result_payload", "summary", "purpose"];
    let node = |span: &Value| {
        let mut node = of_names(span, &names);
        node["parent"] = json!(place(&span["parent_span_id"]));
        node
    };
    spans.iter().map(node).collect()
}

#[test]
fn example_in_rust_stores_what_the_original_stores() {
    let Some(installed) = prefactor_foreign_support::folders!().install() else { return };
    let mut original = Command::new(&installed[0]);
    original.arg(Path::new(&installed[1]));
    let (original, ours) = (stored_by(original), stored_by(Command::new(env!("CARGO_BIN_EXE_agent_e2e"))));
    assert_eq!(original["spans"].as_array().unwrap().len(), 7);
    assert_eq!(
        original["spans"][1]["summary"],
        "claude-3-5-sonnet: Plan the task → [claude-3-5-sonnet] response to: Plan the task (150 tokens)"
    );
    let parts = ["run", "agent", "version", "schemas"];
    for part in parts {
        assert_eq!(ours[part], original[part], "{part}");
    }
    let nodes = |stored: &Value| stored["spans"].as_array().unwrap().clone();
    for (number, (ours, original)) in nodes(&ours).iter().zip(nodes(&original)).enumerate() {
        assert_eq!(*ours, original, "span {number}");
    }
    assert_eq!(nodes(&ours).len(), nodes(&original).len());
}
