//! Request and response bodies, exactly as the Prefactor API spells them.
//!
//! The one place with API field names. Source: the API reference of the platform and the traffic of its
//! official Python SDK (`prefactor-core` 0.5.3).

mod answer;
mod message;
mod span;

pub(crate) use answer::{Body, Output, Outputs, read};
pub(crate) use message::{Bulk, Message};

use serde_json::{Value, json};

use crate::agent::Agent;
use crate::clock::Timestamp;
use crate::config::Identity;
use crate::id::Pfid;
use crate::operation::{SpanFinish, SpanStart};
use crate::payload::Redact;
use crate::status::InstanceStatus;
use crate::transport::{Method, Request};
use message::Target;

/// `GET /ping`: whether the token is good.
pub(crate) fn ping() -> Request {
    get("/api/v1/ping".into())
}

/// `GET /agent_instance/{id}`: whether the instance was terminated.
pub(crate) fn poll(instance_id: &str) -> Request {
    get(format!("/api/v1/agent_instance/{instance_id}"))
}

fn get(path: String) -> Request {
    Request { method: Method::Get, path, body: Vec::new() }
}

/// `POST /agent_instance/register`.
pub(crate) fn register(agent: &Agent, identity: &Identity, key: String) -> Message {
    let mut body = json!({
        "agent_version": {
            "name": agent.name(),
            "external_identifier": agent.version_identifier(),
            "description": agent.description_text(),
            "runtime_environment": {
                "os": std::env::consts::OS,
                "prefactor_sdk": [concat!("prefactor-rust@", env!("CARGO_PKG_VERSION"))],
                "runtime": "rust",
            },
        },
        // A version's content is frozen under its identifier, so the identifier tells the content.
        "agent_schema_version": { "external_identifier": "prefactor-rust-untyped", "span_type_schemas": [] },
        "update_current_version": true,
        "idempotency_key": key,
    });
    for (name, id) in [("agent_id", identity.agent_id), ("environment_id", identity.environment_id)] {
        if let Some(id) = id {
            body[name] = Value::String(id.to_string());
        }
    }
    Message::new(Target::Register, key, &body)
}

/// `POST /agent_instance/{id}/start`.
pub(crate) fn start_instance(id: &str, at: Timestamp, key: String) -> Message {
    let body = json!({ "timestamp": at.to_rfc3339(), "idempotency_key": key });
    Message::new(Target::StartInstance(id.to_owned()), key, &body)
}

/// `POST /agent_instance/{id}/finish`.
pub(crate) fn finish_instance(id: &str, status: InstanceStatus, at: Timestamp, key: String) -> Message {
    let body = json!({ "status": status.as_str(), "timestamp": at.to_rfc3339(), "idempotency_key": key });
    Message::new(Target::FinishInstance(id.to_owned()), key, &body)
}

/// `POST /agent_spans`, in a terminal state when the finish is known already. Without an id, the API makes one.
pub(crate) fn create_span(
    instance_id: &str,
    id: Option<Pfid>,
    parent_id: Option<&str>,
    start: &SpanStart,
    finish: Option<&SpanFinish>,
    key: String,
    redact: &dyn Redact,
) -> Message {
    let body = span::create(instance_id, id, parent_id, start, finish, &key, redact);
    Message::encoded(Target::CreateSpan, key, body)
}

/// `POST /agent_spans/{id}/finish`.
pub(crate) fn finish_span(id: &str, finish: &SpanFinish, key: String, redact: &dyn Redact) -> Message {
    let body = span::finish(finish, &key, redact);
    Message::encoded(Target::FinishSpan(id.to_owned()), key, body)
}
