//! Bodies of OTLP, decoded by another's messages, say what was recorded.

use std::collections::BTreeMap;
use std::time::UNIX_EPOCH;

use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use prefactor::export::{SpanRecord, otlp};
use prefactor::{Client, SpanStatus};
use prefactor_tests::receiver::Receiver;
use serde_json::{Value, json};

use crate::corpus::{self, TIMEOUT};
use crate::otlp::{attributes, spans};

/// Returns the spans of one body, by their schema names.
fn exported(receiver: &Receiver) -> BTreeMap<String, (Span, BTreeMap<String, Value>)> {
    let spans = spans(receiver).into_iter().map(|(_, span)| {
        let attributes = attributes(&span.attributes);
        (attributes["prefactor.schema_name"].as_str().unwrap().to_owned(), (span, attributes))
    });
    spans.collect()
}

fn compare(record: &SpanRecord, span: &Span, attributes: &BTreeMap<String, Value>) {
    let name = &record.schema_name;
    assert_eq!(span.trace_id, record.trace.trace_id.to_bytes(), "{name}");
    assert_eq!(span.span_id, record.span_id.to_bytes(), "{name}");
    assert_eq!(
        span.parent_span_id,
        record.parent_id.map(|id| id.to_bytes().to_vec()).unwrap_or_default(),
        "{name}"
    );
    let nanos = |time: std::time::SystemTime| {
        u64::try_from(time.duration_since(UNIX_EPOCH).unwrap().as_nanos()).unwrap()
    };
    assert_eq!(span.start_time_unix_nano, nanos(record.started_at), "{name}");
    assert_eq!(span.end_time_unix_nano, nanos(record.ended_at.unwrap()), "{name}");
    for (value, mime, json) in [
        ("input.value", "input.mime_type", record.payload_json()),
        ("output.value", "output.mime_type", record.result_json()),
    ] {
        let expected = (json != "{}").then(|| json!(json));
        assert_eq!(attributes.get(value), expected.as_ref(), "{name}");
        assert_eq!(attributes.contains_key(mime), expected.is_some(), "{name}");
    }
    let code = span.status.as_ref().unwrap().code();
    let expected = match record.status {
        SpanStatus::Failed => StatusCode::Error,
        SpanStatus::Complete => StatusCode::Ok,
        _ => StatusCode::Unset,
    };
    assert_eq!(code, expected, "{name}");
    assert_eq!(attributes.contains_key("error.type"), record.status == SpanStatus::Failed, "{name}");
    for (key, value) in [
        ("session.id", json!("session-1")),
        ("gen_ai.conversation.id", json!("session-1")),
        ("user.id", json!("user-1")),
        ("tag.tags", json!(["one", "two"])),
        ("metadata", json!(r#"{"answer":42}"#)),
    ] {
        assert_eq!(attributes[key], value, "{name}");
    }
}

#[test]
fn bodies_decode_to_exactly_what_was_recorded() {
    let receiver = Receiver::start([]);
    let endpoint = format!("{}/v1/traces", receiver.url());
    let exporter =
        otlp::collector().endpoint(endpoint).resource_attribute("deployment.environment.name", "test");
    let memory = corpus::record(Client::builder().otlp(exporter));
    let sent = exported(&receiver);
    assert_eq!(sent.len(), memory.spans().len());
    for record in memory.spans() {
        let (span, attributes) = &sent[&*record.schema_name];
        compare(&record, span, attributes);
    }
    let roots: Vec<_> = sent.values().filter(|(span, _)| span.parent_span_id.is_empty()).collect();
    assert_eq!(roots.len(), 1);
    assert_eq!(roots[0].1["langfuse.trace.name"], "corpus");
    let resource = spans(&receiver).remove(0).0;
    assert_eq!(resource["service.name"], "corpus");
    assert_eq!(resource["deployment.environment.name"], "test");
}

/// JSON text as the value that it is: the order of members depends on `preserve_order`, which any crate may switch on.
fn as_value(attribute: &Value) -> Value {
    let text = attribute.as_str().filter(|text| text.starts_with(['[', '{']));
    text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_else(|| attribute.clone())
}

#[test]
fn bytes_odd_numbers_deep_huge_empty_and_odd_keys_are_sent_as_this_json() {
    let receiver = Receiver::start([]);
    corpus::record(Client::builder().otlp(otlp::collector().endpoint(receiver.url())));
    let exported = exported(&receiver);
    let text =
        |name: &str, key: &str| exported[name].1.get(key).map(|text| text.as_str().unwrap().to_owned());
    let deep = (1..32).fold(json!({ "a": "<too deep>" }), |inner, _| json!({ "a": inner }));
    // As texts, where a parser would lose what they say.
    for (name, input, output) in [
        ("test:bytes", Some(r#"{"data":{"$bytes":3,"fnv1a":"d6c3ff1869e7c005","head":"AP8H"}}"#), None),
        (
            "test:numbers",
            Some(
                r#"{"numbers":["NaN","Infinity",-0.0,1e+300],"largest":"340282366920938463463374607431768211455"}"#,
            ),
            Some(r#"{"result":[1,"a",{"b":null}]}"#),
        ),
        ("test:deep", Some(&*deep.to_string()), None),
        ("test:empty", None, None),
    ] {
        assert_eq!(text(name, "input.value").as_deref(), input, "{name}");
        assert_eq!(text(name, "output.value").as_deref(), output, "{name}");
    }
    let odd: Value = serde_json::from_str(&text("test:odd", "input.value").unwrap()).unwrap();
    let mut expected = corpus::odd();
    // Databases refuse the character zero.
    expected["\u{1f600}"] = json!("\u{fffd}");
    let (odd, expected) = (odd.as_object().unwrap(), expected.as_object().unwrap());
    assert_eq!(odd.len(), expected.len());
    for (key, value) in expected {
        assert!(odd[key] == *value, "{key:?}");
    }
    assert_eq!(text("test:odd", "output.value").as_deref(), Some(r#"{"result":"text"}"#));
}

#[test]
fn each_kind_of_span_has_the_attributes_that_receivers_look_for() {
    let receiver = Receiver::start([]);
    corpus::record(Client::builder().otlp(otlp::collector().endpoint(receiver.url())));
    let exported = exported(&receiver);
    for (name, expected) in [
        (
            "agent:llm_call",
            json!({
                "openinference.span.kind": "LLM",
                "langfuse.observation.type": "generation",
                "gen_ai.operation.name": "chat",
                "gen_ai.provider.name": "openai",
                "gen_ai.request.model": "gpt-4o-mini",
                "gen_ai.response.model": "gpt-4o-mini-2024",
                "gen_ai.request.temperature": 0.5,
                "gen_ai.request.max_tokens": 100,
                "gen_ai.usage.input_tokens": 40,
                "gen_ai.usage.output_tokens": 2,
                "gen_ai.usage.cache_read.input_tokens": 8,
                "gen_ai.usage.reasoning.output_tokens": 1,
                "llm.token_count.completion_details.reasoning": 1,
                "llm.token_count.total": 45,
                "llm.cost.total": 0.25,
                "gen_ai.input.messages": r#"[{"parts":[{"content":"be brief","type":"text"}],"role":"system"},{"parts":[{"content":"why","type":"text"}],"role":"user"}]"#,
                "gen_ai.output.messages": r#"[{"finish_reason":"","parts":[{"content":"so","type":"text"}],"role":"assistant"}]"#,
            }),
        ),
        (
            "tool:search",
            json!({
                "openinference.span.kind": "TOOL",
                "gen_ai.operation.name": "execute_tool",
                "gen_ai.tool.name": "search",
                "gen_ai.tool.call.arguments": r#"{"q":"x"}"#,
                "gen_ai.tool.call.result": r#"{"hits":3}"#,
            }),
        ),
        (
            "agent:retrieval",
            json!({ "openinference.span.kind": "RETRIEVER", "gen_ai.retrieval.query.text": "x" }),
        ),
        (
            "agent:embedding",
            json!({ "openinference.span.kind": "EMBEDDING", "gen_ai.usage.input_tokens": 1 }),
        ),
        ("agent:run", json!({ "openinference.span.kind": "AGENT", "gen_ai.agent.name": "corpus" })),
        ("guardrail:pii", json!({ "openinference.span.kind": "GUARDRAIL" })),
        ("test:odd", json!({ "openinference.span.kind": "CHAIN" })),
        ("tool:failing", json!({ "error.type": "Timeout" })),
    ] {
        let attributes = &exported[name].1;
        for (key, value) in expected.as_object().unwrap() {
            assert_eq!(attributes.get(key).map(as_value), Some(as_value(value)), "{name}: {key}");
        }
    }
    let names = |name: &str| exported[name].0.name.clone();
    assert_eq!(
        (names("agent:llm_call"), names("tool:search")),
        ("chat gpt-4o-mini".into(), "execute_tool search".into())
    );
    let (failing, _) = &exported["tool:failing"];
    assert_eq!(failing.status.as_ref().unwrap().message, "no answer");
    assert_eq!(failing.events[0].name, "exception");
    assert_eq!(attributes(&failing.events[0].attributes)["exception.message"], "no answer");
}

#[test]
fn each_type_of_span_data_has_the_attributes_that_receivers_look_for() {
    let receiver = Receiver::start([]);
    let client = Client::builder().otlp(otlp::collector().endpoint(receiver.url())).build().unwrap();
    client.register("tester").in_scope(corpus::typed);
    assert!(client.shutdown(TIMEOUT).is_complete);
    let exported = exported(&receiver);
    let rows = [
        (
            "agent:run",
            "AGENT",
            json!({ "gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "a", "agent.name": "a" }),
        ),
        ("agent:task", "CHAIN", json!({ "gen_ai.operation.name": "invoke_workflow" })),
        ("agent:turn", "CHAIN", json!({ "gen_ai.operation.name": "invoke_workflow" })),
        (
            "agent:tool_call",
            "TOOL",
            json!({
                "gen_ai.operation.name": "execute_tool",
                "gen_ai.tool.name": "f",
                "tool.name": "f",
                "gen_ai.tool.call.arguments": r#"{"q":1}"#,
                "gen_ai.tool.call.result": "found",
            }),
        ),
        (
            "agent:llm_call",
            "LLM",
            json!({
                "gen_ai.operation.name": "chat",
                "gen_ai.request.model": "m",
                "gen_ai.request.temperature": 0.5,
                "gen_ai.usage.input_tokens": 3,
                "gen_ai.usage.output_tokens": 4,
                "llm.token_count.total": 7,
                "gen_ai.input.messages": r#"[{"parts":[{"content":"hi","type":"text"}],"role":"user"}]"#,
                "gen_ai.output.messages": r#"[{"finish_reason":"","parts":[{"content":"so","type":"text"}],"role":"assistant"}]"#,
            }),
        ),
        ("agent:llm_response", "LLM", json!({ "gen_ai.response.id": "r", "gen_ai.usage.input_tokens": 3 })),
        ("agent:handoff", "CHAIN", json!({})),
        ("agent:guardrail", "GUARDRAIL", json!({})),
        ("custom", "CHAIN", json!({})),
        ("agent:transcription", "LLM", json!({ "gen_ai.request.model": "t-1" })),
        ("agent:speech", "LLM", json!({ "gen_ai.request.model": "s-1" })),
        ("agent:speech_group", "CHAIN", json!({ "gen_ai.operation.name": "invoke_workflow" })),
        ("agent:mcp_tools", "CHAIN", json!({})),
    ];
    assert_eq!(exported.len(), rows.len());
    for (name, kind, expected) in rows {
        let (span, attributes) = &exported[name];
        assert_eq!(attributes["openinference.span.kind"], kind, "{name}");
        for (key, value) in expected.as_object().unwrap() {
            assert_eq!(attributes.get(key).map(as_value), Some(as_value(value)), "{name}: {key}");
        }
        for key in ["input.value", "output.value"] {
            let data: Value = serde_json::from_str(attributes[key].as_str().unwrap()).unwrap();
            assert!(data["type"].is_string(), "{name}: {key}");
        }
        assert_eq!(span.status.as_ref().unwrap().code(), StatusCode::Ok, "{name}");
    }
    assert_eq!(exported["agent:tool_call"].0.name, "execute_tool f");
    assert_eq!(exported["agent:llm_call"].0.name, "chat m");
}

#[test]
fn without_content_no_text_of_the_program_is_in_a_body() {
    let receiver = Receiver::start([]);
    corpus::record(Client::builder().otlp(otlp::collector().endpoint(receiver.url()).content(false)));
    for (_, (_, attributes)) in exported(&receiver) {
        for key in attributes.keys() {
            assert!(
                !key.contains("value") && !key.contains("messages") && !key.contains("arguments"),
                "{key}"
            );
        }
    }
}

#[test]
fn events_of_a_span_are_events_of_the_span() {
    let receiver = Receiver::start([]);
    let client = Client::builder().otlp(otlp::collector().endpoint(receiver.url())).build().unwrap();
    let event = json!({ "name": "retry", "at": "2026-01-31T12:00:00.123456Z", "data": { "attempt": 2 } });
    client.register("tester").span("test:step").complete(&json!({ "events": [event] }));
    assert!(client.shutdown(TIMEOUT).is_complete);
    let (span, _) = &exported(&receiver)["test:step"];
    assert_eq!(
        (span.events[0].name.as_str(), span.events[0].time_unix_nano),
        ("retry", 1_769_860_800_123_456_000)
    );
    assert_eq!(attributes(&span.events[0].attributes)["attempt"], "2");
}
