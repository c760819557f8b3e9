//! One span as OTLP, written once into the body of its request.

use std::borrow::Cow;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use super::attributes::{Attributes, literal};
use super::common::{Facts, Head};
use super::fields::Fields;
use super::kinds;
use super::link::Link;
use super::messages::{SpanKind, StatusCode};
use super::parts::Parts;
use super::vocabulary::Vocabulary;
use crate::export::json_members::JsonMembers;
use crate::export::kind::Kind;
use crate::export::record::SpanRecord;
use crate::types::status::SpanStatus;

/// The W3C flag of a trace that is recorded, as the field `flags`: 16, of four bytes.
const SAMPLED: [u8; 6] = [0x85, 0x01, 1, 0, 0, 0];

/// Writes the fields of the message `Span`. `scratch` is memory that is used again.
pub(super) fn write(
    vocabulary: &Vocabulary,
    head: &Head,
    facts: &Facts,
    parts: &Parts<'_>,
    scratch: &mut Vec<u8>,
    span: &mut Fields,
) {
    let Parts { record, payload, result, .. } = parts;
    span.0.reserve(1_024 + 3 * (parts.payload_json.len() + parts.result_json.len()));
    span.bytes(1, &record.trace.trace_id.to_bytes());
    span.bytes(2, &record.span_id.to_bytes());
    // Left out at the top: zeros would be an id.
    if let Some(parent) = record.parent_id {
        span.bytes(4, &parent.to_bytes());
    }
    span.0.extend_from_slice(&SAMPLED);
    let model = parts.model();
    write_name(parts, head.kind, model.as_deref(), span);
    let kind = if head.kind.is_remote() { SpanKind::Client } else { SpanKind::Internal };
    span.number(6, kind as u8);
    let ended_at = nanos(record.ended_at.unwrap_or(record.started_at));
    span.fixed64(7, nanos(record.started_at));
    span.fixed64(8, ended_at);
    let mut attributes = Attributes::of_span(span);
    attributes.encoded(&head.attributes.0);
    attributes.encoded(&facts.of_all.0);
    if record.parent_id.is_none() {
        attributes.encoded(&facts.of_top.0);
    }
    if vocabulary.has_content && !payload.is_empty() {
        attributes.utf8("input.value", parts.payload_json);
        attributes.encoded(literal!("input.mime_type", "application/json"));
    }
    if vocabulary.has_content && !result.is_empty() {
        attributes.utf8("output.value", parts.result_json);
        attributes.encoded(literal!("output.mime_type", "application/json"));
    }
    kinds::add(&mut attributes, vocabulary, head.kind, parts, scratch);
    kinds::usage(&mut attributes, parts, model.as_deref());
    let (code, message) = status(&mut attributes, record, result);
    events(vocabulary, record, result, ended_at, span);
    let caller_of_run = facts.caller.filter(|_| record.parent_id.is_none());
    if let Some(caller) = Link::of(payload).or(caller_of_run) {
        caller.write(record.trace.trace_id.to_bytes(), span);
    }
    span.message(15, |status| {
        if !message.is_empty() {
            status.bytes(2, message.as_bytes());
        }
        status.number(3, code as u8);
    });
}

/// Writes the name of the conventions, where they have one for the kind.
fn write_name(parts: &Parts<'_>, kind: Kind, model: Option<&str>, span: &mut Fields) {
    let of_tool;
    let what = match kind {
        Kind::Tool => {
            of_tool = parts.tool_name(parts.asked());
            Some(&*of_tool)
        }
        Kind::Model | Kind::Embedding => model,
        _ => None,
    };
    match kind.operation().zip(what) {
        Some((operation, what)) => {
            span.with_length(5, operation.len() + 1 + what.len());
            span.0.extend_from_slice(operation.as_bytes());
            span.0.push(b' ');
            span.0.extend_from_slice(what.as_bytes());
        }
        None => span.bytes(5, parts.record.schema_name.as_bytes()),
    }
}

/// A failure needs both the code and the type: receivers look at one or the other.
fn status<'a>(
    attributes: &mut Attributes<'_>,
    record: &SpanRecord,
    result: &JsonMembers<'a>,
) -> (StatusCode, Cow<'a, str>) {
    match record.status {
        SpanStatus::Complete => (StatusCode::Ok, Cow::Borrowed("")),
        SpanStatus::Failed => {
            let error_type = result.text(&["error_type"]);
            attributes.text("error.type", error_type.as_deref().unwrap_or("_OTHER"));
            (StatusCode::Error, result.text(&["message"]).unwrap_or_default())
        }
        SpanStatus::Cancelled => {
            attributes.bool("prefactor.cancelled", true);
            (StatusCode::Unset, Cow::Borrowed(""))
        }
        _ => (StatusCode::Unset, Cow::Borrowed("")),
    }
}

fn events(
    vocabulary: &Vocabulary,
    record: &SpanRecord,
    result: &JsonMembers<'_>,
    ended_at: u64,
    span: &mut Fields,
) {
    let events = if result.has("events") { record.events() } else { Vec::new() };
    for event in events {
        span.message(11, |fields| {
            fields.fixed64(1, nanos(event.at));
            fields.bytes(2, event.name.as_bytes());
            if !vocabulary.has_content || event.data.is_null() {
                return;
            }
            let mut attributes = Attributes::of_event(fields);
            let mut add = |key: &str, value: &Value| match value {
                Value::String(text) => attributes.text(key, text),
                other => attributes.text(key, &other.to_string()),
            };
            match &event.data {
                Value::Object(data) => data.iter().for_each(|(key, value)| add(key, value)),
                other => add("data", other),
            }
        });
    }
    if record.status == SpanStatus::Failed {
        span.message(11, |fields| {
            fields.fixed64(1, ended_at);
            fields.bytes(2, b"exception");
            let mut attributes = Attributes::of_event(fields);
            for (name, key) in [("error_type", "exception.type"), ("message", "exception.message")] {
                if let Some(text) = result.text(&[name]) {
                    attributes.text(key, &text);
                }
            }
        });
    }
}

fn nanos(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
