//! Runs and spans in the form of OpenAI's traces ingest, as its Agents SDK (0.24) sends them.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};

use super::clean;
use crate::export::kind::{self, Kind};
use crate::export::record::{SpanRecord, TraceRecord};
use crate::export::typed::Typed;
use crate::operation::SpanKey;
use crate::platform::rfc3339::rfc3339;
use crate::types::status::SpanStatus;

/// A run: all five members, nulls written out.
pub(super) fn trace(trace: &TraceRecord) -> String {
    let metadata: Option<Map<String, Value>> = trace.metadata();
    let mut metadata = metadata.unwrap_or_default();
    for (name, value) in [("session_id", &trace.session_id), ("user_id", &trace.user_id)] {
        if let Some(value) = value {
            metadata.entry(name).or_insert_with(|| json!(value));
        }
    }
    if !trace.tags.is_empty() {
        metadata.entry("tags").or_insert_with(|| json!(trace.tags.join(",")));
    }
    let metadata: Map<String, Value> =
        metadata.into_iter().map(|(name, value)| (name, Value::String(text(&value)))).collect();
    json!({
        "object": "trace",
        "id": trace_id(trace),
        "workflow_name": trace.name.as_deref().unwrap_or(trace.agent.name()),
        "group_id": trace.group_id.as_ref().or(trace.session_id.as_ref()),
        "metadata": if metadata.is_empty() { Value::Null } else { Value::Object(metadata) },
    })
    .to_string()
}

/// A span: all eight members, nulls written out.
pub(super) fn span(span: &SpanRecord, is_default: bool, has_content: bool) -> String {
    let payload: Map<String, Value> = span.payload().unwrap_or_default();
    let result: Map<String, Value> = span.result().unwrap_or_default();
    let error = error(span, &result, has_content);
    let mut data = span_data(span, payload, result, has_content);
    if is_default {
        clean::span_data(&mut data);
    }
    json!({
        "object": "trace.span",
        "id": span_id(span.key),
        "trace_id": trace_id(&span.trace),
        "parent_id": span.parent_key.map(span_id),
        "started_at": time(span.started_at),
        "ended_at": span.ended_at.map(time),
        "span_data": data,
        "error": error,
    })
    .to_string()
}

fn span_data(
    span: &SpanRecord,
    mut payload: Map<String, Value>,
    mut result: Map<String, Value>,
    has_content: bool,
) -> Value {
    let name = &*span.schema_name;
    let typed = Typed::of(name, |kind| [&result, &payload].iter().any(|of| says(of, kind)));
    if let Some(typed) = typed {
        return typed_data(typed, payload, result, has_content);
    }
    match Kind::of(name) {
        Kind::Model => {
            let usage = usage(span);
            let model = span.model();
            let config: Map<String, Value> =
                ["temperature", "top_p", "max_tokens", "max_output_tokens", "seed", "tool_choice"]
                    .into_iter()
                    .filter_map(|name| Some((name.to_owned(), payload.get(name)?.clone())))
                    .collect();
            let input =
                take(&mut payload, &["messages", "input", "inputs", "prompt", "question"], has_content);
            let output = take(
                &mut result,
                &["choices", "messages", "message", "output", "content", "text", "completion", "result"],
                has_content,
            );
            json!({
                "type": "generation",
                "input": input.map(|input| messages(input, "user")),
                "output": output.map(|output| messages(output, "assistant")),
                "model": model,
                "model_config": if config.is_empty() { Value::Null } else { Value::Object(config) },
                "usage": usage,
            })
        }
        Kind::Tool => json!({
            "type": "function",
            "name": payload.get("tool_name").and_then(Value::as_str).unwrap_or(kind::tool_name(name)),
            "input": whole(payload, has_content),
            "output": whole(result, has_content),
            "mcp_data": null,
        }),
        Kind::Agent => json!({
            "type": "agent",
            "name": payload.get("agent_name").and_then(Value::as_str).unwrap_or(span.trace.agent.name()),
            "handoffs": payload.get("handoffs"),
            "tools": payload.get("tools"),
            "output_type": payload.get("output_type"),
        }),
        Kind::Guardrail => {
            let triggered = result.get("triggered").or_else(|| payload.get("triggered"));
            json!({ "type": "guardrail", "name": name, "triggered": triggered.and_then(Value::as_bool).unwrap_or(false) })
        }
        _ => {
            let mut data = Map::new();
            if has_content {
                if !payload.is_empty() {
                    data.insert("input".into(), Value::Object(payload));
                }
                if !result.is_empty() {
                    data.insert("output".into(), Value::Object(result));
                }
            }
            json!({ "type": "custom", "name": name, "data": data })
        }
    }
}

fn says(members: &Map<String, Value>, kind: &str) -> bool {
    members.get("type").and_then(Value::as_str) == Some(kind)
}

/// Typed span data as it is at the end, else as it was at the start.
fn typed_data(
    typed: Typed,
    mut payload: Map<String, Value>,
    mut result: Map<String, Value>,
    has_content: bool,
) -> Value {
    let kind = result.get("type").or_else(|| payload.get("type")).cloned().unwrap_or_default();
    let is_at_end = result.contains_key("type");
    let mut data = Map::from_iter([("type".to_owned(), kind)]);
    for member in typed.members() {
        let value = if is_at_end { result.remove(*member) } else { payload.remove(*member) };
        let is_shown = has_content || !["input", "output", "data"].contains(member);
        data.insert((*member).to_owned(), value.filter(|_| is_shown).unwrap_or_default());
    }
    if data.get("data").is_some_and(Value::is_null) {
        data.insert("data".to_owned(), json!({}));
    }
    Value::Object(data)
}

fn take(members: &mut Map<String, Value>, names: &[&str], has_content: bool) -> Option<Value> {
    let found = names.iter().find_map(|name| members.remove(*name).filter(|value| !value.is_null()))?;
    has_content.then_some(found)
}

/// The server wants a list of messages, each a map.
fn messages(value: Value, role: &str) -> Value {
    let message = |value: Value| match value {
        Value::Object(_) => value,
        other => json!({ "role": role, "content": text(&other) }),
    };
    match value {
        Value::Array(elements) => elements.into_iter().map(message).collect(),
        other => Value::Array(vec![message(other)]),
    }
}

/// A function's input and output are texts.
fn whole(members: Map<String, Value>, has_content: bool) -> Value {
    if !has_content || members.is_empty() {
        return Value::Null;
    }
    match members.get("result").filter(|_| members.len() == 1) {
        Some(result) => Value::String(text(result)),
        None => Value::String(Value::Object(members).to_string()),
    }
}

fn usage(span: &SpanRecord) -> Value {
    let Some(usage) = span.usage() else { return Value::Null };
    let mut counts = Map::new();
    let names = ["input_tokens", "output_tokens", "total_tokens", "cached_tokens", "reasoning_tokens"];
    let values =
        [usage.input_tokens, usage.output_tokens, usage.total(), usage.cached_tokens, usage.reasoning_tokens];
    for (name, count) in names.into_iter().zip(values) {
        if let Some(count) = count {
            counts.insert(name.to_owned(), count.into());
        }
    }
    if counts.is_empty() { Value::Null } else { Value::Object(counts) }
}

fn error(span: &SpanRecord, result: &Map<String, Value>, has_content: bool) -> Value {
    let text = |name: &str| result.get(name).and_then(Value::as_str);
    let error_type = text("error_type");
    match span.status {
        SpanStatus::Failed if has_content => {
            let message = text("message").or(error_type).unwrap_or("failed");
            json!({ "message": message, "data": { "error_type": error_type } })
        }
        SpanStatus::Failed => json!({ "message": error_type.unwrap_or("failed"), "data": null }),
        SpanStatus::Cancelled => json!({ "message": "cancelled", "data": null }),
        _ => Value::Null,
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn trace_id(trace: &TraceRecord) -> String {
    format!("trace_{}", trace.trace_id)
}

/// The two lowest bytes above the random ones, and the eight that every destination has: 24 digits with two of the time.
fn span_id(key: SpanKey) -> String {
    format!("span_{:08x}{:016x}", key.high_bits(), u64::from_be_bytes(key.w3c_bytes()))
}

/// In microseconds, as the official client writes it.
fn time(time: SystemTime) -> String {
    let micros = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_micros();
    let text = rfc3339(u64::try_from(micros).unwrap_or(u64::MAX));
    let text = std::str::from_utf8(&text).unwrap_or_default();
    format!("{}+00:00", text.trim_end_matches('Z'))
}
