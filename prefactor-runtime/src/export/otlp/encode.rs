//! Encodes a batch of records as one OTLP request.

use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use prost::Message as _;

use super::attributes::Attributes;
use super::gen_ai;
use super::messages::{
    Event, ExportTraceServiceRequest, InstrumentationScope, Resource, ResourceSpans, ScopeSpans, Span,
    SpanKind, Status, StatusCode,
};
use crate::export::json_members::JsonMembers;
use crate::export::kind::{self, Kind};
use crate::export::record::{SpanRecord, TraceRecord};
use crate::export::typed::Typed;
use crate::types::agent::Agent;
use crate::types::status::SpanStatus;

const JSON: &str = "application/json";
/// The W3C flag of a trace that is recorded.
const SAMPLED: u32 = 1;

/// What is said of every span.
#[derive(Clone, Debug, Default)]
pub(super) struct Vocabulary {
    /// Whether arguments, results and messages are among the attributes.
    pub(super) has_content: bool,
    /// `service.name`; the agent's name if there is none.
    pub(super) service_name: Option<String>,
    /// Further attributes of the resource.
    pub(super) resource: Vec<(String, String)>,
}

/// The body of a request.
pub(super) fn encode<'a>(
    vocabulary: &Vocabulary,
    spans: impl IntoIterator<Item = &'a SpanRecord>,
) -> Vec<u8> {
    let mut agents: Vec<(&Agent, Vec<Span>)> = Vec::new();
    for record in spans {
        let (agent, span) = (&record.trace.agent, span(vocabulary, record));
        match agents.iter_mut().find(|(theirs, _)| *theirs == agent) {
            Some((_, spans)) => spans.push(span),
            None => agents.push((agent, vec![span])),
        }
    }
    let scope = InstrumentationScope {
        name: Bytes::from_static(b"prefactor"),
        version: Bytes::from_static(env!("CARGO_PKG_VERSION").as_bytes()),
    };
    let resource_spans = agents.into_iter().map(|(agent, spans)| ResourceSpans {
        resource: Some(resource(vocabulary, agent)),
        scope_spans: vec![ScopeSpans { scope: Some(scope.clone()), spans }],
    });
    ExportTraceServiceRequest { resource_spans: resource_spans.collect() }.encode_to_vec()
}

fn resource(vocabulary: &Vocabulary, agent: &Agent) -> Resource {
    let mut attributes = Attributes::default();
    attributes.text("service.name", vocabulary.service_name.as_deref().unwrap_or(agent.name()));
    let is_given = |key: &str| vocabulary.resource.iter().any(|(theirs, _)| theirs == key);
    if !is_given("service.version") {
        attributes.text("service.version", agent.version());
    }
    attributes.literal("telemetry.sdk.name", "prefactor");
    attributes.literal("telemetry.sdk.language", "rust");
    attributes.literal("telemetry.sdk.version", env!("CARGO_PKG_VERSION"));
    for (key, value) in &vocabulary.resource {
        if key != "service.name" {
            attributes.named(key.clone(), value.clone());
        }
    }
    Resource { attributes: attributes.0 }
}

fn span(vocabulary: &Vocabulary, record: &SpanRecord) -> Span {
    let payload = JsonMembers::read(record.payload_json());
    let result = JsonMembers::read(record.result_json());
    let says =
        |kind: &str| [&result, &payload].iter().any(|of| of.text(&["type"]).is_some_and(|said| said == kind));
    let typed = Typed::of(&record.schema_name, says);
    let kind = typed.map_or_else(|| Kind::of(&record.schema_name), Typed::kind);
    // Only the result holds typed data as it was at the end of the span.
    let asked = if typed.is_some() && result.get("type").is_some() { &result } else { &payload };
    let mut attributes = Attributes::default();
    attributes.literal("openinference.span.kind", kind.openinference());
    attributes.literal("langfuse.observation.type", kind.langfuse());
    attributes.text("prefactor.schema_name", record.schema_name.clone());
    if let Some(operation) = kind.operation() {
        attributes.literal("gen_ai.operation.name", operation);
    }
    if vocabulary.has_content {
        if payload.len() > 0 {
            attributes.bytes("input.value", record.payload.to_bytes());
            attributes.literal("input.mime_type", JSON);
        }
        if result.len() > 0 {
            attributes.bytes("output.value", record.result.to_bytes());
            attributes.literal("output.mime_type", JSON);
        }
    }
    let model = model(&payload, &result);
    match kind {
        Kind::Model => {
            if let Some(messages) = has(vocabulary).and_then(|()| gen_ai::input_messages(asked)) {
                attributes.text("gen_ai.input.messages", messages);
            }
            if let Some(messages) = has(vocabulary).and_then(|()| gen_ai::output_messages(&result)) {
                attributes.text("gen_ai.output.messages", messages);
            }
            if let Some(instructions) = has(vocabulary).and_then(|()| gen_ai::system_instructions(&payload)) {
                attributes.text("gen_ai.system_instructions", instructions);
            }
            let config = typed
                .and_then(|_| asked.first(&["model_config"]))
                .map(|config| JsonMembers::read(config.get()));
            parameters(&mut attributes, config.as_ref().unwrap_or(&payload), vocabulary);
            if let Some(id) = typed.and_then(|_| asked.text(&["response_id"])) {
                attributes.text("gen_ai.response.id", id);
            }
        }
        Kind::Tool if typed.is_some() => function(&mut attributes, vocabulary, asked),
        Kind::Tool => tool(&mut attributes, vocabulary, record, &payload, &result),
        Kind::Agent => {
            let name = payload.text(&["agent_name", "name"]);
            let name = name.unwrap_or_else(|| record.trace.agent.name().to_owned());
            attributes.text("gen_ai.agent.name", name.clone());
            attributes.text("agent.name", name);
        }
        Kind::Retrieval => {
            let query = payload.text(&["query", "question", "text", "input"]);
            if let Some(query) = has(vocabulary).and(query) {
                attributes.text("gen_ai.retrieval.query.text", query);
            }
        }
        _ => {}
    }
    usage(&mut attributes, record, model.as_ref(), &payload, &result);
    of_run(&mut attributes, record, vocabulary);
    let status = status(&mut attributes, record, &result);
    Span {
        trace_id: Bytes::copy_from_slice(&record.trace.trace_id.to_bytes()),
        span_id: Bytes::copy_from_slice(&record.span_id.to_bytes()),
        parent_span_id: record.parent_id.map_or_else(Bytes::new, |id| Bytes::copy_from_slice(&id.to_bytes())),
        flags: SAMPLED,
        name: Bytes::from(name(record, kind, model.as_deref(), asked)),
        kind: if kind.is_remote() { SpanKind::Client } else { SpanKind::Internal } as i32,
        start_time_unix_nano: nanos(record.started_at),
        end_time_unix_nano: nanos(record.ended_at.unwrap_or(record.started_at)),
        attributes: attributes.0,
        events: events(vocabulary, record, &result),
        status: Some(status),
    }
}

/// `Some` where content is among the attributes.
fn has(vocabulary: &Vocabulary) -> Option<()> {
    vocabulary.has_content.then_some(())
}

/// The name of the conventions, where they have one for the kind.
fn name(record: &SpanRecord, kind: Kind, model: Option<&str>, payload: &JsonMembers<'_>) -> String {
    match (kind, kind.operation(), model) {
        (Kind::Tool, Some(operation), _) => format!("{operation} {}", tool_name(record, payload)),
        (Kind::Model | Kind::Embedding, Some(operation), Some(model)) => format!("{operation} {model}"),
        _ => record.schema_name.clone().into_owned(),
    }
}

fn tool_name(record: &SpanRecord, payload: &JsonMembers<'_>) -> String {
    let named = payload.text(&["tool_name", "tool"]).or_else(|| function_name(payload));
    named.unwrap_or_else(|| kind::tool_name(&record.schema_name).to_owned())
}

/// The model that was asked for, else the one that answered.
fn model(payload: &JsonMembers<'_>, result: &JsonMembers<'_>) -> Option<String> {
    payload.text(&["model", "model_name"]).or_else(|| result.text(&["model", "model_name"]))
}

fn tool(
    attributes: &mut Attributes,
    vocabulary: &Vocabulary,
    record: &SpanRecord,
    payload: &JsonMembers<'_>,
    result: &JsonMembers<'_>,
) {
    let name = tool_name(record, payload);
    attributes.text("gen_ai.tool.name", name.clone());
    attributes.text("tool.name", name);
    if let Some(id) = payload.text(&["tool_call_id", "call_id"]) {
        attributes.text("gen_ai.tool.call.id", id);
    }
    if vocabulary.has_content {
        if payload.len() > 0 {
            attributes.bytes("gen_ai.tool.call.arguments", record.payload.to_bytes());
        }
        if result.len() > 0 {
            attributes.bytes("gen_ai.tool.call.result", record.result.to_bytes());
        }
    }
}

/// The name of a tool in typed span data.
fn function_name(data: &JsonMembers<'_>) -> Option<String> {
    data.text(&["type"]).filter(|kind| kind == "function").and_then(|_| data.text(&["name"]))
}

/// A tool by typed span data, whose input and output are texts.
fn function(attributes: &mut Attributes, vocabulary: &Vocabulary, data: &JsonMembers<'_>) {
    if let Some(name) = function_name(data) {
        attributes.text("gen_ai.tool.name", name.clone());
        attributes.text("tool.name", name);
    }
    let texts = [("input", "gen_ai.tool.call.arguments"), ("output", "gen_ai.tool.call.result")];
    for (member, key) in texts.into_iter().filter(|_| vocabulary.has_content) {
        if let Some(text) = data.text(&[member]) {
            attributes.text(key, text);
        }
    }
}

fn parameters(attributes: &mut Attributes, payload: &JsonMembers<'_>, vocabulary: &Vocabulary) {
    let number = |name: &str| -> Option<f64> { serde_json::from_str(payload.get(name)?.get()).ok() };
    for (name, key) in [
        ("temperature", "gen_ai.request.temperature"),
        ("top_p", "gen_ai.request.top_p"),
        ("frequency_penalty", "gen_ai.request.frequency_penalty"),
        ("presence_penalty", "gen_ai.request.presence_penalty"),
    ] {
        if let Some(number) = number(name) {
            attributes.double(key, number);
        }
    }
    for (names, key) in [
        (&["max_tokens", "max_output_tokens", "max_completion_tokens"][..], "gen_ai.request.max_tokens"),
        (&["seed"], "gen_ai.request.seed"),
    ] {
        let number = payload.first(names).and_then(|number| serde_json::from_str(number.get()).ok());
        if let Some(number) = number {
            attributes.int(key, number);
        }
    }
    if let Some(tools) = payload.first(&["tools"]).filter(|_| vocabulary.has_content) {
        attributes.text("gen_ai.tool.definitions", tools.get());
    }
}

fn usage(
    attributes: &mut Attributes,
    record: &SpanRecord,
    model: Option<&String>,
    payload: &JsonMembers<'_>,
    result: &JsonMembers<'_>,
) {
    if let Some(model) = model {
        attributes.text("gen_ai.request.model", model.clone());
        attributes.text("llm.model_name", model.clone());
    }
    if let Some(model) = result.text(&["model"]) {
        attributes.text("gen_ai.response.model", model);
    }
    let is_told = |members: &JsonMembers<'_>| {
        members.first(&["token_usage", "usage", "provider", "cost", "cache_hit"]).is_some()
    };
    let usage = (is_told(result) || is_told(payload)).then(|| record.usage()).flatten();
    let Some(usage) = usage else { return };
    if let Some(provider) = usage.provider {
        attributes.text("gen_ai.provider.name", provider.clone());
        attributes.text("llm.provider", provider);
    }
    let total = usage.total_tokens.or_else(|| Some(usage.input_tokens?.saturating_add(usage.output_tokens?)));
    for (keys, count) in [
        (&["gen_ai.usage.input_tokens", "llm.token_count.prompt"][..], usage.input_tokens),
        (&["gen_ai.usage.output_tokens", "llm.token_count.completion"], usage.output_tokens),
        (
            &["gen_ai.usage.cache_read.input_tokens", "llm.token_count.prompt_details.cache_read"],
            usage.cached_tokens,
        ),
        (
            &["gen_ai.usage.reasoning.output_tokens", "llm.token_count.completion_details.reasoning"],
            usage.reasoning_tokens,
        ),
        (&["llm.token_count.total"], total),
    ] {
        for key in keys {
            if let Some(count) = count {
                attributes.int(key, count);
            }
        }
    }
    if let Some(cost) = usage.cost {
        attributes.double("gen_ai.usage.cost", cost);
        attributes.double("llm.cost.total", cost);
    }
    if let Some(is_hit) = usage.cache_hit {
        attributes.bool("prefactor.cache_hit", is_hit);
    }
}

/// What is known of the run, on each span: receivers sort by it.
fn of_run(attributes: &mut Attributes, record: &SpanRecord, vocabulary: &Vocabulary) {
    let trace: &TraceRecord = &record.trace;
    if let Some(session) = &trace.session_id {
        attributes.text("session.id", session.clone());
        attributes.text("gen_ai.conversation.id", session.clone());
    }
    if let Some(user) = &trace.user_id {
        attributes.text("user.id", user.clone());
    }
    if let Some(group) = &trace.group_id {
        attributes.text("prefactor.group_id", group.clone());
    }
    if !trace.tags.is_empty() {
        attributes.list("tag.tags", &trace.tags);
        attributes.list("langfuse.trace.tags", &trace.tags);
    }
    if trace.metadata_json() != "{}" {
        attributes.text("metadata", trace.metadata_json());
    }
    let name = trace.name.as_deref().unwrap_or(trace.agent.name());
    if record.parent_id.is_none() {
        attributes.text("langfuse.trace.name", name);
        if vocabulary.has_content {
            if record.payload_json() != "{}" {
                attributes.bytes("langfuse.trace.input", record.payload.to_bytes());
            }
            if record.result_json() != "{}" {
                attributes.bytes("langfuse.trace.output", record.result.to_bytes());
            }
        }
        if trace.metadata_json() != "{}" {
            attributes.text("langfuse.trace.metadata", trace.metadata_json());
        }
    }
}

/// A failure needs both the code and the type: receivers look at one or the other.
fn status(attributes: &mut Attributes, record: &SpanRecord, result: &JsonMembers<'_>) -> Status {
    let (code, message) = match record.status {
        SpanStatus::Complete => (StatusCode::Ok, String::new()),
        SpanStatus::Failed => {
            let error_type = result.text(&["error_type"]).unwrap_or_else(|| "_OTHER".to_owned());
            attributes.text("error.type", error_type);
            (StatusCode::Error, result.text(&["message"]).unwrap_or_default())
        }
        SpanStatus::Cancelled => {
            attributes.bool("prefactor.cancelled", true);
            (StatusCode::Unset, String::new())
        }
        _ => (StatusCode::Unset, String::new()),
    };
    Status { code: code as i32, message: Bytes::from(message) }
}

fn events(vocabulary: &Vocabulary, record: &SpanRecord, result: &JsonMembers<'_>) -> Vec<Event> {
    let mut events = Vec::new();
    if result.get("events").is_some() {
        for event in record.events() {
            let mut attributes = Attributes::default();
            let data: Option<serde_json::Value> = event.data();
            if let Some(data) = data.filter(|data| vocabulary.has_content && !data.is_null()) {
                let fields = data
                    .as_object()
                    .cloned()
                    .unwrap_or_else(|| [("data".to_owned(), data)].into_iter().collect());
                for (key, value) in fields {
                    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    attributes.named(key, text);
                }
            }
            events.push(Event {
                time_unix_nano: nanos(event.at),
                name: Bytes::from(event.name),
                attributes: attributes.0,
            });
        }
    }
    if record.status == SpanStatus::Failed {
        let mut attributes = Attributes::default();
        if let Some(error_type) = result.text(&["error_type"]) {
            attributes.text("exception.type", error_type);
        }
        if let Some(message) = result.text(&["message"]) {
            attributes.text("exception.message", message);
        }
        let time_unix_nano = nanos(record.ended_at.unwrap_or(record.started_at));
        events.push(Event {
            time_unix_nano,
            name: Bytes::from_static(b"exception"),
            attributes: attributes.0,
        });
    }
    events
}

fn nanos(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
