//! The meaning of fields: the kind of a span, its tokens, its end.
//!
//! The names are those of OpenTelemetry's conventions for generative AI, v1.41, and what rig 0.44, genai 0.7 and adk-rust 2.3
//! write in their place.

use std::borrow::Cow;

use prefactor_runtime::Usage;

use crate::fields::Fields;

pub(crate) const OPERATION: &str = "gen_ai.operation.name";
pub(crate) const OUTCOME: &str = "gen_ai.tool.call.outcome";
/// The prefix of the fields of tokens.
pub(crate) const USAGE: &str = "gen_ai.usage.";

/// Fields of the output. Others are of the input.
const RESULTS: [&str; 8] = [
    "gen_ai.response.",
    USAGE,
    "gen_ai.output.",
    "gen_ai.completion",
    "gen_ai.tool.call.result",
    OUTCOME,
    "gen_ai.tool.error.",
    "gcp.vertex.agent.llm_response",
];

/// The schema name of a span.
pub(crate) fn kind(fields: &Fields, name: &'static str) -> Cow<'static, str> {
    let shown = fields.text("otel.name").unwrap_or(name);
    let operation = fields.text(OPERATION).or_else(|| match name {
        // adk-rust sets no operation.
        "call_llm" => Some("chat"),
        "agent.execute" => Some("invoke_agent"),
        _ => shown.starts_with("execute_tool").then_some("execute_tool"),
    });
    Cow::Borrowed(match operation {
        Some("chat" | "text_completion" | "generate_content") => "agent:llm_call",
        Some("embeddings") => "agent:embeddings",
        Some("execute_tool") => "agent:tool_call",
        Some("invoke_agent" | "create_agent") => "agent:run",
        Some("retrieval") => "agent:retrieval",
        _ => return Cow::Owned(format!("tracing:{}", if shown.is_empty() { "span" } else { shown })),
    })
}

pub(crate) fn is_result(name: &str) -> bool {
    RESULTS.iter().any(|prefix| name.starts_with(prefix))
}

/// The name of a span: as the conventions build it, for crates that leave it to the reader.
pub(crate) fn title(fields: &Fields, name: &'static str) -> String {
    if let Some(given) = fields.text("otel.name") {
        return given.to_owned();
    }
    let Some(operation) = fields.text(OPERATION) else { return name.to_owned() };
    let subject = match operation {
        "execute_tool" => "gen_ai.tool.name",
        "invoke_agent" | "create_agent" => "gen_ai.agent.name",
        _ => "gen_ai.request.model",
    };
    match fields.text(subject) {
        Some(subject) => format!("{operation} {subject}"),
        None => operation.to_owned(),
    }
}

/// Tokens, model and provider.
pub(crate) fn usage(fields: &Fields) -> Option<Usage> {
    let count = |names: &[&str]| names.iter().find_map(|name| fields.count(name));
    let mut usage = Usage::new();
    usage.input_tokens = count(&["gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens"]);
    usage.output_tokens = count(&["gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens"]);
    usage.cached_tokens = count(&["gen_ai.usage.cache_read.input_tokens"]);
    usage.reasoning_tokens = count(&[
        "gen_ai.usage.reasoning.output_tokens",
        "gen_ai.usage.reasoning_tokens",
        "gen_ai.usage.thinking_tokens",
    ]);
    usage.model =
        fields.text("gen_ai.response.model").or(fields.text("gen_ai.request.model")).map(Into::into);
    usage.provider = fields.text("gen_ai.provider.name").or(fields.text("gen_ai.system")).map(Into::into);
    (!usage.is_empty()).then_some(usage)
}

/// Why a span failed: type and message.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Failure {
    pub(crate) kind: String,
    pub(crate) message: String,
}

/// The failure that fields tell of.
pub(crate) fn failure(fields: &Fields) -> Option<Failure> {
    let says_error = |name| fields.text(name).is_some_and(|text| text.eq_ignore_ascii_case("error"));
    let kind = fields.text("error.type").or(fields.text("gen_ai.tool.error.type"));
    let message = ["otel.status_description", "error.message", "error", "exception.message"];
    let message = message.into_iter().find_map(|name| fields.text(name));
    let is_failed = kind.is_some()
        || says_error("otel.status_code")
        || says_error(OUTCOME)
        || fields.text("error").is_some();
    is_failed.then(|| Failure {
        kind: kind.unwrap_or("error").to_owned(),
        message: message.or(kind).unwrap_or("the span was marked as failed").to_owned(),
    })
}

/// The tool that an event calls failed, by its name. adk-rust says so in an event beside the tool's span, and in no field of it.
pub(crate) fn failed_tool(message: &str, fields: &Fields) -> Option<(String, Failure)> {
    let kind = match message {
        "tool_error" => "error",
        "tool_timeout" => "timeout",
        _ => return None,
    };
    let message = fields.text("error").unwrap_or("the tool took too long").to_owned();
    Some((fields.text("tool.name")?.to_owned(), Failure { kind: kind.to_owned(), message }))
}

/// Whether a model call has an answer or the tokens of one.
pub(crate) fn is_answered(fields: &Fields) -> bool {
    has_output(fields) || has_any(fields, &["gcp.vertex.agent.llm_response"])
}

/// Whether a span has an output of its own. rig's `gen_ai.completion` is none: an agent has one after each of its model calls.
pub(crate) fn has_output(fields: &Fields) -> bool {
    has_any(fields, &["gen_ai.response.", USAGE, "gen_ai.output."])
}

fn has_any(fields: &Fields, prefixes: &[&str]) -> bool {
    fields.0.keys().any(|name| prefixes.iter().any(|prefix| name.starts_with(prefix)))
}
