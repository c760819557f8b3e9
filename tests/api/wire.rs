//! Recorded bodies: the client sends them, and the server takes them.
//!
//! `tests/wire/` holds one body of each call, with ids and times normalised. The client's bodies are compared with them
//! byte for byte, and the server is sent them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use prefactor::transport::Method;
use prefactor::{Agent, Client, InstanceStatus};
use prefactor_local::Server;
use serde_json::{Value, json};

use crate::support::{Recorder, post};

const TIMEOUT: Duration = Duration::from_secs(60);
const NAMES: [&str; 9] = [
    "register",
    "start_instance",
    "create_span_active",
    "create_span_complete",
    "create_span_cancelled",
    "finish_span",
    "finish_instance",
    "bulk_create",
    "bulk_finish",
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("wire")
}

/// The bodies of one small run, with their paths.
fn sent() -> Vec<(String, Value)> {
    let recorder = Recorder::holding();
    let client = Client::builder().transport(recorder.clone()).build().unwrap();
    let instance =
        client.register(Agent::new("researcher").with_version("2.1.0").with_description("Answers questions"));
    let parent = instance.span("agent:run");
    parent.start(&json!({ "question": "Why?" }));
    let child = parent.in_scope(|| prefactor::span("agent:llm_call"));
    child.start(&json!({ "model": "m" }));
    child.complete(&json!({ "text": "Because." }));
    recorder.release();
    assert!(client.flush(TIMEOUT).is_complete);
    instance.span("agent:retrieval").cancel();
    assert!(client.flush(TIMEOUT).is_complete);
    parent.fail(&json!({ "error_type": "Timeout", "message": "too late" }));
    instance.finish(InstanceStatus::Complete);
    assert!(client.shutdown(TIMEOUT).is_complete);
    let sent = recorder.requests().into_iter().filter(|sent| sent.method == Method::Post);
    sent.map(|sent| (sent.path, serde_json::from_slice(&sent.body).unwrap())).collect()
}

/// Returns the bodies of a run whose spans are all there before the first answer, and are all ended by the shutdown.
fn sent_in_bulk() -> Vec<(String, Value)> {
    let recorder = Recorder::holding().with_bulk();
    let client = Client::builder().transport(recorder.clone()).build().unwrap();
    let instance = client.register("researcher");
    let open = ["agent:run", "agent:plan"].map(|name| instance.span(name));
    open.each_ref().iter().for_each(|span| span.start(&json!({})));
    instance.span("agent:llm_call").complete(&json!({ "text": "Because." }));
    recorder.release();
    assert!(client.shutdown(TIMEOUT).is_complete);
    let sent = recorder.requests().into_iter().filter(|sent| sent.path == "/api/v1/bulk");
    sent.map(|sent| (sent.path, serde_json::from_slice(&sent.body).unwrap())).collect()
}

fn name(path: &str, body: &Value) -> Option<&'static str> {
    let status = body.pointer("/details/status").and_then(Value::as_str);
    Some(match (path.rsplit('/').next()?, status) {
        ("bulk", _) if body["items"][0]["_type"] == "agent_spans/create" => "bulk_create",
        ("bulk", _) => "bulk_finish",
        ("register", _) => "register",
        ("start", _) => "start_instance",
        ("agent_spans", Some("active")) => "create_span_active",
        ("agent_spans", Some("complete")) => "create_span_complete",
        ("agent_spans", Some("cancelled")) => "create_span_cancelled",
        ("finish", _) if path.contains("agent_instance") => "finish_instance",
        ("finish", _) if body["status"] == "failed" => "finish_span",
        _ => return None,
    })
}

/// Replaces ids, times and versions by words that stay the same.
fn normalised(value: &Value, key: &str) -> Value {
    match value {
        Value::Object(members) => {
            members.iter().map(|(key, value)| (key.clone(), normalised(value, key))).collect()
        }
        Value::Array(items) => items.iter().map(|item| normalised(item, key)).collect(),
        Value::String(text) if key == "idempotency_key" => format!("<id>-{}", &text[33..]).into(),
        Value::String(text) if key == "external_identifier" && text.len() == 32 => "<trace id>".into(),
        Value::String(_) if key.ends_with("_at") || key == "timestamp" => "<time>".into(),
        Value::String(_)
            if matches!(key, "id" | "agent_span_id" | "parent_span_id" | "agent_instance_id") =>
        {
            "<id>".into()
        }
        Value::String(text) if key == "prefactor_sdk" => {
            assert_eq!(text, concat!("prefactor-rust@", env!("CARGO_PKG_VERSION")));
            "prefactor-rust@<version>".into()
        }
        Value::String(_) if key == "os" => "<os>".into(),
        Value::String(text) if key == "runtime" && text.starts_with("rust@") => "rust@<version>".into(),
        other => other.clone(),
    }
}

#[test]
fn client_sends_the_recorded_bodies() {
    let sent = [sent(), sent_in_bulk()].concat();
    let mut seen = Vec::new();
    let mut differences = String::new();
    for (path, body) in &sent {
        let Some(name) = name(path, body) else { continue };
        seen.push(name);
        let text = serde_json::to_string_pretty(&normalised(body, "")).unwrap() + "\n";
        let file = folder().join(format!("{name}.json"));
        if std::env::var_os("UPDATE_WIRE").is_some() {
            std::fs::write(&file, &text).unwrap();
        }
        if std::fs::read_to_string(&file).unwrap_or_default() != text {
            writeln!(differences, "{name}.json should be:\n{text}").unwrap();
        }
    }
    assert!(differences.is_empty(), "{differences}(UPDATE_WIRE=1 writes the files anew)");
    for name in NAMES {
        assert!(seen.contains(&name), "{name} was not sent, but {seen:?}");
    }
}

/// Puts real ids and times where the recorded bodies have words.
fn concrete(text: &str, ids: &[(&str, &str)]) -> String {
    let mut body: Value = serde_json::from_str(text).unwrap();
    fill(&mut body, "", ids);
    body.to_string()
}

fn fill(value: &mut Value, key: &str, ids: &[(&str, &str)]) {
    match value {
        Value::Object(members) => members.iter_mut().for_each(|(key, value)| fill(value, key, ids)),
        Value::Array(items) => items.iter_mut().for_each(|item| fill(item, key, ids)),
        Value::String(text) if *text == "<trace id>" => *text = "019c14a1f00000112233445566778899".into(),
        Value::String(text) if *text == "<time>" => *text = "2026-01-31T12:00:00.123456Z".into(),
        Value::String(text) if *text == "<id>" => {
            *text = ids.iter().find(|(name, _)| *name == key).unwrap().1.into();
        }
        _ => {}
    }
}

#[test]
fn server_takes_the_recorded_bodies() {
    let server = Server::start().unwrap();
    let read = |name: &str| std::fs::read_to_string(folder().join(format!("{name}.json"))).unwrap();
    let accepted = |path: &str, body: &str| {
        let (status, answer) = post(&server, path, body);
        assert_eq!((status, &answer["status"]), (200, &json!("success")), "{path} {body}: {answer}");
        answer["details"].clone()
    };
    let instance = accepted("/api/v1/agent_instance/register", &read("register"));
    let instance = instance["id"].as_str().unwrap();
    accepted(&format!("/api/v1/agent_instance/{instance}/start"), &concrete(&read("start_instance"), &[]));
    let [parent, child, cancelled] = ["1", "2", "3"].map(|digit| format!("{}{digit}", &instance[..31]));
    for (name, id, idempotency_key) in [
        ("create_span_active", &parent, "key-of-parent"),
        ("create_span_complete", &child, "key-of-child"),
        ("create_span_cancelled", &cancelled, "key-of-cancelled"),
    ] {
        let ids = [("id", id.as_str()), ("parent_span_id", &parent), ("agent_instance_id", instance)];
        let body = concrete(&read(name), &ids).replace("<id>-create", idempotency_key);
        assert_eq!(accepted("/api/v1/agent_spans", &body)["id"], id.as_str());
    }
    let in_bulk = |name: &str, ids: &[String]| {
        let mut body: Value = serde_json::from_str(&read(name)).unwrap();
        let items = body["items"].as_array_mut().unwrap();
        assert_eq!(items.len(), ids.len());
        for (item, id) in items.iter_mut().zip(ids) {
            fill(item, "", &[("id", id), ("agent_span_id", id), ("agent_instance_id", instance)]);
            item["idempotency_key"] = format!("{name}-{id}").into();
        }
        let (status, answer) = post(&server, "/api/v1/bulk", &body.to_string());
        let outputs = answer["outputs"].as_object().unwrap().values();
        assert_eq!(
            (status, outputs.filter(|output| output["status"] == "success").count()),
            (200, ids.len())
        );
    };
    let ids = ["4", "5", "6"].map(|digit| format!("{}{digit}", &instance[..31]));
    in_bulk("bulk_create", &ids);
    in_bulk("bulk_finish", &ids[..2]);
    let finished =
        accepted(&format!("/api/v1/agent_spans/{parent}/finish"), &concrete(&read("finish_span"), &[]));
    assert_eq!(finished["status"], "failed");
    let path = format!("/api/v1/agent_instance/{instance}/finish");
    assert_eq!(accepted(&path, &concrete(&read("finish_instance"), &[]))["status"], "complete");
}
