//! Reads the API's complaints about the schemas of a registration that it has taken.
//!
//! The answer to a registration does not say. The schema version does: each of its schemas comes back with a
//! `…schema_validation` of `{"status", "message"}`. Source: the platform's `OpenAPI` document.

use serde_json::Value;

use super::{get, percent_encoded};
use crate::transport::Request;

/// Rows that are asked for at once: the most that the API gives.
const PAGE_SIZE: u32 = 100;

/// Where a schema version was looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Id(String),
    /// Not among these rows: the next ones start there.
    Later(u64),
    Nowhere,
}

/// `GET /agent_schema_version`: the schema versions of an agent, from that row.
pub(crate) fn list(agent_id: &str, offset: u64) -> Request {
    let agent_id = percent_encoded(agent_id);
    get(format!(
        "/api/v1/agent_schema_version?agent_id={agent_id}&pagination%5Bpage_size%5D={PAGE_SIZE}&\
         pagination%5Boffset%5D={offset}"
    ))
}

/// `GET /agent_schema_version/{id}`: one of them, with the problems of each schema.
pub(crate) fn show(id: &str) -> Request {
    get(format!("/api/v1/agent_schema_version/{}", percent_encoded(id)))
}

/// The agent of a run, by the answer to its registration.
pub(crate) fn agent_id(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    body.pointer("/details/agent_id")?.as_str().map(str::to_owned)
}

/// The schema version with that identifier in an answer to [`list`] from that row.
pub(crate) fn find(body: &[u8], external_identifier: &str, offset: u64) -> Found {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let mut rows = body["summaries"].as_array().into_iter().flatten();
    let row = rows.find(|row| row["external_identifier"] == external_identifier);
    let next = body.pointer("/pagination/next_page_offset").and_then(Value::as_u64);
    match (row.and_then(|row| row["id"].as_str()), next) {
        (Some(id), _) => Found::Id(id.to_owned()),
        (None, Some(next)) if next > offset => Found::Later(next),
        (None, _) => Found::Nowhere,
    }
}

/// The problems in an answer to [`show`], each as `tool:search (params): why`.
pub(crate) fn complaints(body: &[u8]) -> Vec<String> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let mut complaints = Vec::new();
    for (list, parts) in [
        ("span_type_schemas", &["params_schema", "result_schema"][..]),
        ("quality_schemas", &["schema"][..]),
        ("alert_schemas", &["schema"][..]),
    ] {
        for (name, entry) in body["details"][list].as_object().into_iter().flatten() {
            for part in parts {
                let validation = &entry[format!("{part}_validation")];
                if validation["status"] == "error" {
                    let why = validation["message"].as_str().unwrap_or("no reason is given");
                    complaints.push(format!("{name} ({part}): {why}"));
                }
            }
        }
    }
    complaints
}
