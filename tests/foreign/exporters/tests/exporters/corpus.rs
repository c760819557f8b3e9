//! Payloads of every kind, and their records.

use std::collections::BTreeMap;
use std::time::Duration;

use prefactor::export::MemoryProcessor;
use prefactor::span_data::*;
use prefactor::{Client, ClientBuilder, Json, Registration, SpanError, Usage, typed_span};
use serde::Serialize;
use serde_json::{Value, json};

pub(crate) const TIMEOUT: Duration = Duration::from_secs(60);

struct Bytes(Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

#[derive(Serialize)]
struct Numbers {
    numbers: [f64; 4],
    largest: u128,
}

/// Keys that are empty, have dots or control characters, and mean what others mean; and a text of 300,000 characters.
pub(crate) fn odd() -> Value {
    json!({ "": 1, "a.b": 2, "a": { "b": 3 }, "quote\" \u{1}": 4, "\u{1f600}": "\u{0}", "big": "x".repeat(300_000) })
}

/// Records one span for each payload, and for each kind of span, in a run with all its facts.
pub(crate) fn record(builder: ClientBuilder) -> MemoryProcessor {
    let memory = MemoryProcessor::new();
    let client = builder.processor(memory.clone()).max_input_length(1 << 20).build().unwrap();
    let registration = Registration::new("corpus")
        .with_session_id("session-1")
        .with_user_id("user-1")
        .with_tag("one")
        .with_tag("two")
        .with_metadata(&json!({ "answer": 42 }));
    let run = client.register(registration);
    let top = run.span("agent:run");
    top.start(&json!({ "question": "why" }));
    let nested = (0..200).fold(json!("end"), |inner, _| json!({ "a": inner }));
    let child = |name: &str, payload: &dyn Fn(&prefactor::Span), result: &Value| {
        let span = top.in_scope(|| prefactor::span(name.to_owned()));
        payload(&span);
        span.complete(result);
    };
    child("test:bytes", &|span| span.start(&BTreeMap::from([("data", Bytes(vec![0, 255, 7]))])), &json!({}));
    child(
        "test:numbers",
        &|span| span.start(&Numbers { numbers: [f64::NAN, f64::INFINITY, -0.0, 1e300], largest: u128::MAX }),
        &json!([1, "a", { "b": null }]),
    );
    child("test:deep", &|span| span.start(&nested), &json!(null));
    child("test:odd", &|span| span.start(&odd()), &json!("text"));
    child("test:empty", &|span| span.start(&json!({})), &json!({}));
    let messages = json!({
        "model": "gpt-4o-mini",
        "temperature": 0.5,
        "max_tokens": 100,
        "messages": [{ "role": "system", "content": "be brief" }, { "role": "user", "content": "why" }],
    });
    // The total is more than the sum, as of a provider that counts more than both: a receiver that adds up itself is found out.
    let answer = json!({
        "text": "so",
        "model": "gpt-4o-mini-2024",
        "provider": "openai",
        "cost": 0.25,
        "token_usage": { "prompt_tokens": 40, "completion_tokens": 2, "total_tokens": 45, "cached_tokens": 8, "reasoning_tokens": 1 },
    });
    child("agent:llm_call", &|span| span.start(&messages), &answer);
    child("tool:search", &|span| span.start(&json!({ "q": "x" })), &json!({ "hits": 3 }));
    child("agent:retrieval", &|span| span.start(&json!({ "query": "x" })), &json!({ "documents": [] }));
    child(
        "agent:embedding",
        &|span| span.start(&json!({ "model": "e-1", "input": "x" })),
        &json!({ "token_usage": { "prompt_tokens": 1 } }),
    );
    child("guardrail:pii", &|span| span.start(&json!({})), &json!({ "triggered": false }));
    let failed = top.in_scope(|| prefactor::span("tool:failing"));
    failed.start(&json!({ "q": "x" }));
    failed.set_error(SpanError::new("no answer").with_type("Timeout"));
    failed.finish();
    let cancelled = top.in_scope(|| prefactor::span("test:cancelled"));
    cancelled.start(&json!({}));
    cancelled.cancel();
    top.complete(&json!({ "answer": "so" }));
    drop((failed, cancelled, top, run));
    assert!(client.shutdown(TIMEOUT).is_complete);
    let _: &Client = &client;
    memory
}

/// Makes a span of each type of typed data, some of which change after their start.
pub(crate) fn typed() {
    let usage = || Usage::new().with_input_tokens(3).with_output_tokens(4);
    typed_span(AgentSpanData::new("a").with_tools(["t"])).start_marked().finish();
    typed_span(TaskSpanData::new("t").with_usage(usage())).start_marked().finish();
    typed_span(TurnSpanData::new(2, "a")).start_marked().finish();
    let function = typed_span(FunctionSpanData::new("f").with_input(r#"{"q":1}"#));
    let guard = function.start_marked();
    function.update(|data| data.output = Json::of("found"));
    guard.finish();
    let config = json!({ "temperature": 0.5 });
    let generation = typed_span(GenerationSpanData::new().with_model("m").with_model_config(&config));
    let guard = generation.start_marked();
    generation.update(|data| {
        data.input = Json::of(&json!([{ "role": "user", "content": "hi" }]));
        data.output = Json::of(&json!([{ "role": "assistant", "content": "so" }]));
        data.usage = Some(usage());
    });
    guard.finish();
    typed_span(ResponseSpanData::new().with_response_id("r").with_usage(usage())).start_marked().finish();
    typed_span(HandoffSpanData::new().with_from_agent("a").with_to_agent("b")).start_marked().finish();
    typed_span(GuardrailSpanData::new("g").with_triggered(true)).start_marked().finish();
    typed_span(CustomSpanData::new("c")).start_marked().finish();
    typed_span(TranscriptionSpanData::new().with_model("t-1")).start_marked().finish();
    typed_span(SpeechSpanData::new().with_model("s-1").with_input("text")).start_marked().finish();
    typed_span(SpeechGroupSpanData::new().with_input("x")).start_marked().finish();
    typed_span(McpToolsSpanData::new().with_server("s").with_result(["t"])).start_marked().finish();
}
