//! Request and response bodies, exactly as the Prefactor API spells them.
//!
//! The one place with API field names. Source: the API reference of the platform and the traffic of its
//! official Python SDK (`prefactor-core` 0.5.3).

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::{Value, json};

use crate::agent::Agent;
use crate::clock::Timestamp;
use crate::config::Identity;
use crate::id::Pfid;
use crate::operation::{SpanFinish, SpanStart};
use crate::payload::Redact;
use crate::status::{InstanceStatus, Terminated};
use crate::transport::{Method, Request};

/// `GET /ping`: whether the token is good.
pub(crate) fn ping() -> Request {
    Request { method: Method::Get, path: "/api/v1/ping".into(), body: Vec::new() }
}

/// `POST /agent_instance/register`.
pub(crate) fn register(agent: &Agent, identity: &Identity, idempotency_key: &str) -> Request {
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
        "idempotency_key": idempotency_key,
    });
    for (name, id) in [("agent_id", identity.agent_id), ("environment_id", identity.environment_id)] {
        if let Some(id) = id {
            body[name] = Value::String(id.to_string());
        }
    }
    request("/api/v1/agent_instance/register", &body)
}

/// `POST /agent_instance/{id}/start`.
pub(crate) fn start_instance(id: &str, at: Timestamp, idempotency_key: &str) -> Request {
    let body = json!({ "timestamp": at.to_rfc3339(), "idempotency_key": idempotency_key });
    request(&format!("/api/v1/agent_instance/{id}/start"), &body)
}

/// `POST /agent_instance/{id}/finish`.
pub(crate) fn finish_instance(
    id: &str,
    status: InstanceStatus,
    at: Timestamp,
    idempotency_key: &str,
) -> Request {
    let body = json!({ "status": status.as_str(), "timestamp": at.to_rfc3339(), "idempotency_key": idempotency_key });
    request(&format!("/api/v1/agent_instance/{id}/finish"), &body)
}

/// `POST /agent_spans`, in a terminal state when the finish is known already.
pub(crate) fn create_span(
    instance_id: &str,
    id: Pfid,
    parent_id: Option<&str>,
    start: &SpanStart,
    finish: Option<&SpanFinish>,
    idempotency_key: &str,
    redact: &dyn Redact,
) -> Request {
    let details = SpanDetails { instance_id, id, parent_id, start, finish, redact };
    request("/api/v1/agent_spans", &CreateSpan { details, idempotency_key })
}

/// `POST /agent_spans/{id}/finish`.
pub(crate) fn finish_span(
    id: &str,
    finish: &SpanFinish,
    idempotency_key: &str,
    redact: &dyn Redact,
) -> Request {
    request(&format!("/api/v1/agent_spans/{id}/finish"), &FinishSpan { finish, idempotency_key, redact })
}

fn request(path: &str, body: &impl Serialize) -> Request {
    // Maps with text keys and values that are JSON already: nothing here can fail to serialize.
    Request {
        method: Method::Post,
        path: path.to_owned(),
        body: serde_json::to_vec(body).unwrap_or_default(),
    }
}

struct CreateSpan<'a> {
    details: SpanDetails<'a>,
    idempotency_key: &'a str,
}

impl Serialize for CreateSpan<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("details", &self.details)?;
        map.serialize_entry("idempotency_key", self.idempotency_key)?;
        map.end()
    }
}

struct SpanDetails<'a> {
    instance_id: &'a str,
    id: Pfid,
    parent_id: Option<&'a str>,
    start: &'a SpanStart,
    finish: Option<&'a SpanFinish>,
    redact: &'a dyn Redact,
}

impl Serialize for SpanDetails<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let status = self.finish.map_or(self.start.status, |finish| finish.status);
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &self.id.to_string())?;
        map.serialize_entry("agent_instance_id", self.instance_id)?;
        map.serialize_entry("parent_span_id", &self.parent_id)?;
        map.serialize_entry("schema_name", &self.start.schema_name)?;
        map.serialize_entry("status", status.as_str())?;
        map.serialize_entry("started_at", &self.start.at.to_rfc3339())?;
        map.serialize_entry("payload", &self.start.payload.render_with(self.redact))?;
        if let Some(finish) = self.finish {
            map.serialize_entry("finished_at", &finish.at.to_rfc3339())?;
            serialize_result::<S>(&mut map, finish, self.redact)?;
        }
        map.end()
    }
}

struct FinishSpan<'a> {
    finish: &'a SpanFinish,
    idempotency_key: &'a str,
    redact: &'a dyn Redact,
}

impl Serialize for FinishSpan<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("status", self.finish.status.as_str())?;
        map.serialize_entry("timestamp", &self.finish.at.to_rfc3339())?;
        serialize_result::<S>(&mut map, self.finish, self.redact)?;
        map.serialize_entry("idempotency_key", self.idempotency_key)?;
        map.end()
    }
}

/// Nothing is sent for a span without a result: the platform shows `null` then.
fn serialize_result<S: Serializer>(
    map: &mut S::SerializeMap,
    finish: &SpanFinish,
    redact: &dyn Redact,
) -> Result<(), S::Error> {
    if finish.result.is_empty() {
        return Ok(());
    }
    map.serialize_entry("result_payload", &finish.result.render_with(redact))
}

/// The parts of an answer that matter to delivery.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Body {
    /// The id of the thing made or changed.
    pub(crate) id: Option<String>,
    /// The code of an error.
    pub(crate) code: Option<String>,
    /// The control signal to end the run, with its reason.
    pub(crate) terminate: Option<Terminated>,
}

/// Reads an answer, or `None` when it is not the API's protocol: not JSON, or without its `status`.
pub(crate) fn read(body: &[u8]) -> Option<(bool, Body)> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let is_success = match value.get("status")?.as_str()? {
        "success" => true,
        "error" => false,
        _ => return None,
    };
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let control = value.get("control");
    let is_terminated = control.and_then(|control| control.get("terminate")).and_then(Value::as_bool);
    let body = Body {
        id: text(value.pointer("/details/id")).filter(|id| is_safe_in_path(id)),
        code: text(value.get("code")),
        terminate: is_terminated
            .unwrap_or(false)
            .then(|| Terminated { reason: text(value.pointer("/control/reason")) }),
    };
    Some((is_success, body))
}

/// Ids of the server end up in paths: nothing that could climb out of one is taken over.
fn is_safe_in_path(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_success_error_and_control() {
        let body =
            br#"{"status":"success","details":{"id":"a_1"},"control":{"terminate":true,"reason":"r"}}"#;
        let expected = Body {
            id: Some("a_1".into()),
            code: None,
            terminate: Some(Terminated { reason: Some("r".into()) }),
        };
        assert_eq!(read(body), Some((true, expected)));
        let body = br#"{"status":"error","code":"invalid_action","message":"m"}"#;
        assert_eq!(
            read(body),
            Some((false, Body { code: Some("invalid_action".into()), ..Body::default() }))
        );
    }

    #[test]
    fn what_is_not_the_protocol_is_not_an_answer() {
        for body in ["", "<html>", "[]", "{}", r#"{"status":1}"#, r#"{"status":"fine"}"#] {
            assert_eq!(read(body.as_bytes()), None, "{body}");
        }
    }

    #[test]
    fn a_malformed_control_is_ignored() {
        for control in ["7", "[]", r#"{"terminate":"yes"}"#, "null"] {
            let body = format!(r#"{{"status":"success","details":{{}},"control":{control}}}"#);
            assert_eq!(read(body.as_bytes()).unwrap().1.terminate, None, "{control}");
        }
    }

    #[test]
    fn an_id_that_would_climb_out_of_a_path_is_not_taken_over() {
        let body = br#"{"status":"success","details":{"id":"../../admin"}}"#;
        assert_eq!(read(body).unwrap().1.id, None);
    }
}
