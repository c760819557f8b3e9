//! Request and response bodies, exactly as the Prefactor API spells them.
//!
//! The one place with API field names. Source: the API reference of the platform and the traffic of its
//! official Python SDK (`prefactor-core` 0.5.3).

mod accepting;
mod encoded_call;
mod response;
mod span;

pub(crate) use encoded_call::{Bulk, EncodedCall};
pub(crate) use response::{Output, Outputs, ResponseBody, read};
pub(crate) use span::{Create, IdempotencyKey, SpanId, create_span, finish_span};

use serde_json::{Value, json};

use crate::config::settings::Identity;
use crate::operation::InstanceRecord;
use crate::platform::clock::Timestamp;
use crate::transport::{Method, Request};
use crate::types::status::InstanceStatus;

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
pub(crate) fn register(run: &InstanceRecord, identity: &Identity, key: IdempotencyKey) -> EncodedCall {
    let agent = &run.agent;
    let mut body = json!({
        "agent_version": {
            "name": agent.name(),
            "external_identifier": agent.version(),
            "description": agent.description(),
            "runtime_environment": {
                "os": std::env::consts::OS,
                "prefactor_sdk": [concat!("prefactor-rust@", env!("CARGO_PKG_VERSION"))],
                "runtime": "rust",
            },
        },
        // A version's content is frozen under its identifier, so the identifier tells the content.
        "agent_schema_version": { "external_identifier": "prefactor-rust-untyped", "span_type_schemas": [] },
        "update_current_version": true,
        // Unique per agent, as the API asks: it holds 80 random bits.
        "external_identifier": run.trace_id_text(),
        "idempotency_key": key.to_string(),
    });
    for (name, id) in [("agent_id", identity.agent_id), ("environment_id", identity.environment_id)] {
        if let Some(id) = id {
            body[name] = Value::String(id.to_string());
        }
    }
    EncodedCall::of_instance("/api/v1/agent_instance/register".into(), &body)
}

/// `POST /agent_instance/{id}/start`.
pub(crate) fn start_instance(id: &str, at: Timestamp, key: IdempotencyKey) -> EncodedCall {
    let body = json!({ "timestamp": at.to_rfc3339(), "idempotency_key": key.to_string() });
    EncodedCall::of_instance(format!("/api/v1/agent_instance/{id}/start"), &body)
}

/// `POST /agent_instance/{id}/finish`.
pub(crate) fn finish_instance(
    id: &str,
    status: InstanceStatus,
    at: Timestamp,
    key: IdempotencyKey,
) -> EncodedCall {
    let body = json!({ "status": status.as_str(), "timestamp": at.to_rfc3339(), "idempotency_key": key.to_string() });
    EncodedCall::of_instance(format!("/api/v1/agent_instance/{id}/finish"), &body)
}
