//! One span as its panel shows it.

use rusqlite::{OptionalExtension, Row};
use serde::Serialize;
use serde_json::value::RawValue;

use super::{page_json::Json, page_spans::number, work::Reader};
use crate::{
    error_response::{ErrorResponse, Errors},
    fields::Fields,
};

/// Payload and result are JSON text inside of JSON strings: a browser that parsed them would round large
/// numbers and reorder keys.
#[derive(Debug, Serialize)]
pub(crate) struct SpanDetail {
    id: String,
    run: String,
    parent: Option<String>,
    kind: String,
    title: Option<String>,
    name: Option<String>,
    status: u8,
    start: i64,
    end: Option<i64>,
    payload: String,
    result: Option<String>,
    /// Whether the agent said that the payload may hold sensitive values.
    sensitive: bool,
    /// What the agent registered for this type, as JSON text.
    schema: Option<String>,
}

impl Reader<'_> {
    pub(crate) fn span_detail(&self, id: &str) -> Result<SpanDetail, ErrorResponse> {
        let mut statement = self.sql.prepare_cached(
            "SELECT s.*, t.payload, t.result_payload, p.title, v.content
             FROM agent_span s JOIN agent_span_payload t ON t.seq = s.seq
             JOIN agent_instance i ON i.id = s.agent_instance_id
             LEFT JOIN agent_schema_version v ON v.id = i.agent_schema_version_id
             LEFT JOIN span_type p ON p.agent_schema_version_id = v.id AND p.name = s.schema_name
             WHERE s.id = ?1",
        )?;
        let detail = statement.query_row([id], read).optional()?;
        detail.ok_or_else(|| ErrorResponse::not_found("span"))
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<SpanDetail> {
    let (kind, payload): (String, String) = (row.get("schema_name")?, row.get("payload")?);
    let content: Option<String> = row.get("content")?;
    let inserted: i64 = row.get("inserted_at")?;
    let name = Json::read(&payload).get("name").and_then(Json::text).map(str::to_owned);
    Ok(SpanDetail {
        id: row.get("id")?,
        run: row.get("agent_instance_id")?,
        parent: row.get("parent_span_id")?,
        title: row.get("title")?,
        name: name.filter(|name| *name != kind),
        status: number(row.get("status")?),
        start: row.get::<_, Option<i64>>("started_at")?.unwrap_or(inserted),
        end: row.get("finished_at")?,
        result: row.get("result_payload")?,
        sensitive: row.get("sensitive_encoding")?,
        schema: content.and_then(|content| schema(&content, &kind)),
        payload,
        kind,
    })
}

/// The entry of a span type in a schema version: one of `span_type_schemas`, or what the older maps say of it.
fn schema(content: &str, kind: &str) -> Option<String> {
    let version = Fields::parse(content).ok()?;
    let types = version.array("span_type_schemas", &mut Errors::default());
    let of_kind = |entry: &&&RawValue| Json::read(entry.get()).get("name").and_then(Json::text) == Some(kind);
    if let Some(entry) = types.iter().find(of_kind) {
        return Some(entry.get().to_owned());
    }
    let of = |map| Some(version.inner(map).ok()??.raw(kind)?.to_owned());
    match (of("span_schemas"), of("span_result_schemas")) {
        (None, None) => None,
        (params, result) => {
            let null = || "null".to_owned();
            let (params, result) = (params.unwrap_or_else(null), result.unwrap_or_else(null));
            Some([r#"{"params_schema":"#, &params, r#","result_schema":"#, &result, "}"].concat())
        }
    }
}
