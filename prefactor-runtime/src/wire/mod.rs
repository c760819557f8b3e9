//! Request and response bodies, exactly as the Prefactor API spells them.
//!
//! The one place with API field names. Source: the API reference of the platform and the traffic of its
//! official Python SDK (`prefactor-core` 0.5.3).

mod accepting;
pub(crate) mod classify;
mod encoded_call;
mod response;
pub(crate) mod schema_findings;
mod span;

pub(crate) use encoded_call::{Bulk, EncodedCall};
#[cfg(feature = "api")]
pub(crate) use response::termination;
pub(crate) use response::{Output, Outputs, ResponseBody, TYPE_FIELDS};
pub(crate) use span::{Create, IdempotencyKey, SpanId, create_span, finish_span};

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::config::settings::Identity;
use crate::operation::{InstanceRecord, Note, NoteKind};
use crate::payload::{Redact, WithoutSensitive};
use crate::platform::clock::Timestamp;
use crate::transport::{Method, Request};
use crate::types::adapters;
use crate::types::registration::Registration;
use crate::types::schema::version::SchemaVersion;
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

/// The compiler's version, told by the build script.
const RUNTIME: &str = concat!("rust@", env!("PREFACTOR_RUSTC_VERSION"));

/// The operating system, as the other SDKs spell it.
const fn os() -> &'static str {
    if cfg!(target_os = "macos") { "darwin" } else { std::env::consts::OS }
}

/// `POST /agent_instance/register`.
pub(crate) fn register(run: &InstanceRecord, identity: &Identity, key: IdempotencyKey) -> EncodedCall {
    const PATH: &str = "/api/v1/agent_instance/register";
    if let Some(body) = &run.adopted_body {
        let mut body: Value = serde_json::from_slice(body).unwrap_or_default();
        body["idempotency_key"] = Value::String(key.to_string());
        if identity.schema_version.is_refused() {
            body["agent_schema_version"] = SchemaVersion::untyped();
        }
        return EncodedCall::of_instance(PATH.into(), &body);
    }
    // The API requires an identifier that is unique per agent. This one holds 80 random bits.
    let identifier = run.external_identifier();
    let body = registration(&run.registration, Some(&identifier), identity, &key.to_string());
    EncodedCall::of_instance(PATH.into(), &body)
}

/// The body of a run's registration.
pub(crate) fn registration(
    of: &Registration,
    external_identifier: Option<&str>,
    identity: &Identity,
    key: &str,
) -> Value {
    let agent = &of.agent;
    let mut body = json!({
        "agent_version": {
            "name": agent.name(),
            "external_identifier": agent.version(),
            "description": agent.description(),
            "runtime_environment": {
                "os": os(),
                "prefactor_sdk": [concat!("prefactor-rust@", env!("CARGO_PKG_VERSION"))],
                "runtime": RUNTIME,
            },
        },
        "agent_schema_version": identity.schema_version.to_json(),
        "update_current_version": of.updates_current_version,
        "idempotency_key": key,
    });
    if let Some(identifier) = external_identifier {
        body["external_identifier"] = Value::String(identifier.to_owned());
    }
    let adapters = adapters::announced(&identity.sdk_entries);
    if !adapters.is_empty() {
        body["agent_version"]["runtime_environment"]["agent_sdk"] = json!(adapters);
    }
    let own = [("agent_id", &of.agent_id), ("environment_id", &of.environment_id)];
    for ((name, own), common) in own.into_iter().zip([identity.agent_id, identity.environment_id]) {
        if let Some(id) = own.clone().or_else(|| Some(common?.to_string())) {
            body[name] = Value::String(id);
        }
    }
    if let Some(id) = of.id {
        body["id"] = Value::String(id.to_string());
    }
    if let Some(purpose) = of.purpose {
        body["purpose"] = Value::String(purpose.as_str().to_owned());
    }
    body
}

/// Whether the registration of a run says anything of the types of its spans.
pub(crate) fn says_types(run: &InstanceRecord, identity: &Identity) -> bool {
    run.adopted_body.is_some() || identity.schema_version.says_something()
}

/// `GET /agent_instance/show`: the run of a caller in another process, by its name.
pub(crate) fn find_instance(external_identifier: &str) -> EncodedCall {
    let identifier = percent_encoded(external_identifier);
    EncodedCall::of_question(format!("/api/v1/agent_instance/show?external_identifier={identifier}"))
}

/// A text as a value in a query: everything but letters, digits and `-._~` is encoded.
pub(crate) fn percent_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// Quality, alerts and the termination of a run.
pub(crate) fn note(id: &str, note: &Note, key: IdempotencyKey, redact: &dyn Redact) -> EncodedCall {
    let mut json = Vec::new();
    // The API stores sensitive values apart for spans only.
    note.payload.render_into(&mut json, &WithoutSensitive(redact));
    let payload: Value = serde_json::from_slice(&json).unwrap_or_else(|_| json!({}));
    let text = |text: &str| redact.shape(text, false).into_owned();
    let key = key.to_string();
    let (path, body) = match &note.kind {
        NoteKind::Quality { name } => (
            format!("/api/v1/agent_instance/{id}/record_quality"),
            json!({ "name": text(name), "payload": payload, "idempotency_key": key }),
        ),
        NoteKind::QualityRemoved { name } => (
            format!("/api/v1/agent_instance/{id}/record_quality"),
            json!({ "name": text(name), "payload": null, "idempotency_key": key }),
        ),
        NoteKind::AlertRaised { name, severity } => (
            "/api/v1/alerts/raise".to_owned(),
            json!({
                "agent_instance_id": id, "name": text(name), "severity": severity.as_str(), "payload": payload,
                "raised_at": note.at.to_rfc3339(), "idempotency_key": key,
            }),
        ),
        NoteKind::AlertCleared { name } => (
            "/api/v1/alerts/clear".to_owned(),
            json!({ "agent_instance_id": id, "name": text(name), "idempotency_key": key }),
        ),
        NoteKind::Terminate { reason } => (
            format!("/api/v1/agent_instance/{id}/terminate"),
            json!({ "reason": text(reason), "idempotency_key": key }),
        ),
    };
    EncodedCall::of_instance(path, &body)
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
