//! The rows of a trace: the spans of a run, part by part, in the order of their arrival.

use rusqlite::Row;
use serde::Serialize;

use super::{
    page_json::{Json, beginning},
    page_label::{Label, shorten},
    page_usage::Usage,
    work::Reader,
};
use crate::{
    error_response::ErrorResponse,
    model::Status,
    schema::{Declared, render},
};

const SELECT: &str = "SELECT s.*, t.payload, t.result_payload
    FROM agent_span s JOIN agent_span_payload t ON t.seq = s.seq";

/// The spans of a part, and the bytes of payloads that are read for it; the first limit ends it.
const SPANS: usize = 2000;
const BYTES: usize = 4 << 20;

/// A part of a trace.
#[derive(Debug, Default, Serialize)]
pub(crate) struct SpanRows {
    spans: Vec<SpanRow>,
    /// The place of the next part; `None` at the end.
    next: Option<i64>,
}

/// One row, as an array: a run may have a hundred thousand of them, and names would be most of the text. `spans.js`
/// names the columns in the same order.
#[derive(Debug, Serialize)]
struct SpanRow(
    /// The order of arrival.
    i64,
    /// Identifier.
    String,
    /// Identifier of the parent.
    Option<String>,
    /// Type.
    String,
    /// Status, as its number.
    u8,
    /// Start, in microseconds since 1970.
    i64,
    /// End.
    Option<i64>,
    /// Name.
    Option<String>,
    /// First text, or the summary.
    Option<String>,
    /// Error.
    Option<String>,
    /// Model.
    Option<String>,
    /// Tokens: input, output, cached.
    Option<i64>,
    Option<i64>,
    Option<i64>,
    /// Recorded cost in US dollars.
    Option<f64>,
    /// A fingerprint of what was recorded, to compare two runs by.
    u32,
);

impl Reader<'_> {
    /// Returns the spans of a run that arrived after the one with the number `after`.
    pub(crate) fn span_rows(&self, instance: &str, after: i64) -> Result<SpanRows, ErrorResponse> {
        let declared = self.declared_of(instance)?;
        let select = [SELECT, " WHERE s.agent_instance_id = ?1 AND s.seq > ?2 ORDER BY s.seq"].concat();
        let mut statement = self.sql.prepare_cached(&select)?;
        let (mut rows, mut part, mut bytes) = (statement.query((instance, after))?, SpanRows::default(), 0);
        while let Some(row) = rows.next()? {
            let (span, size) = read(row, declared.as_deref())?;
            bytes += size;
            let seq = span.0;
            part.spans.push(span);
            if part.spans.len() == SPANS || bytes > BYTES {
                part.next = Some(seq);
                break;
            }
        }
        Ok(part)
    }

    /// Returns these spans of a run, named by their numbers of arrival.
    pub(crate) fn span_rows_of(&self, instance: &str, seqs: &[i64]) -> Result<SpanRows, ErrorResponse> {
        let declared = self.declared_of(instance)?;
        let select = [SELECT, " WHERE s.agent_instance_id = ?1 AND s.seq = ?2"].concat();
        let mut statement = self.sql.prepare_cached(&select)?;
        let mut part = SpanRows::default();
        for seq in seqs {
            let mut rows = statement.query((instance, seq))?;
            while let Some(row) = rows.next()? {
                part.spans.push(read(row, declared.as_deref())?.0);
            }
        }
        Ok(part)
    }
}

/// How much of a span's type a row shows.
const KIND_LENGTH: usize = 256;

/// Returns the row, and the number of bytes that were read for it.
fn read(row: &Row<'_>, declared: Option<&Declared>) -> rusqlite::Result<(SpanRow, usize)> {
    let text =
        |column| -> rusqlite::Result<&str> { Ok(row.get_ref(column)?.as_str_or_null()?.unwrap_or("{}")) };
    let (payload, result) = (text("payload")?, text("result_payload")?);
    let bytes = payload.len() + result.len();
    let content = fingerprint(payload, result);
    let kind: String = row.get("schema_name")?;
    let summary = declared.and_then(|declared| summary(declared, &kind, payload, result));
    let (payload, result) = (Json::read(payload), Json::read(result));
    let status: Status = row.get("status")?;
    let label = Label::of(&kind, status, &payload, &result);
    let usage = Usage::of(&payload, &result);
    let inserted: i64 = row.get("inserted_at")?;
    let span = SpanRow(
        row.get("seq")?,
        row.get("id")?,
        row.get("parent_span_id")?,
        beginning(&kind, KIND_LENGTH).to_owned(),
        number(status),
        row.get::<_, Option<i64>>("started_at")?.unwrap_or(inserted),
        row.get("finished_at")?,
        label.name,
        summary.or(label.text),
        label.error,
        usage.model,
        usage.input,
        usage.output,
        usage.cached,
        usage.cost,
        content,
    );
    Ok((span, bytes))
}

/// Renders the template of the span's type.
fn summary(declared: &Declared, kind: &str, payload: &str, result: &str) -> Option<String> {
    let template = declared.span_type_schemas.get(kind)?.template.as_ref()?;
    let (payload, result) = (serde_json::from_str(payload).ok()?, serde_json::from_str(result).ok());
    render(template, &payload, result.as_ref()).map(|text| shorten(&text)).filter(|text| !text.is_empty())
}

/// Hashes the texts. A payload that names its own span differs from all others, so only its result is hashed.
fn fingerprint(payload: &str, result: &str) -> u32 {
    let payload = if payload.contains("\"span_id\"") { "" } else { payload };
    let bytes = payload.bytes().chain([0]).chain(result.bytes());
    bytes.fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// Returns the index of a status in the page's list.
pub(super) fn number(status: Status) -> u8 {
    match status {
        Status::Pending => 0,
        Status::Active => 1,
        Status::Complete => 2,
        Status::Failed => 3,
        Status::Cancelled | Status::Terminated => 4,
    }
}
