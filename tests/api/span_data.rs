//! Typed span data, `trace(…)` and guards of the OpenAI Agents SDK.

use prefactor::span_data::*;
use prefactor::testing::Recorder as Testing;
use prefactor::{Client, SpanError, SpanStatus, TypedSpan, Usage, current_span, span, trace, typed_span};
use serde_json::{Value, json};

use crate::support::Trace;

fn exported<D: SpanData>(data: &D) -> Value {
    serde_json::to_value(data).unwrap()
}

#[test]
fn span_data_of_every_kind_is_exported_as_the_original_does() {
    let usage = Usage::new().with_input_tokens(3).with_output_tokens(4);
    let used = json!({ "input_tokens": 3, "output_tokens": 4, "total_tokens": 7 });
    let rows = [
        (
            exported(&AgentSpanData::new("a").with_tools(["t"]).with_handoffs(["b"]).with_output_type("str")),
            json!({ "type": "agent", "name": "a", "handoffs": ["b"], "tools": ["t"], "output_type": "str" }),
        ),
        (
            exported(&TaskSpanData::new("t").with_usage(usage.clone())),
            json!({ "type": "custom", "name": "task", "data": { "sdk_span_type": "task", "name": "t", "usage": used } }),
        ),
        (
            exported(&TurnSpanData::new(2, "a")),
            json!({ "type": "custom", "name": "turn", "data": { "sdk_span_type": "turn", "turn": 2, "agent_name": "a" } }),
        ),
        (
            exported(&FunctionSpanData::new("f").with_input("{}").with_output(&json!({ "a": true }))),
            json!({ "type": "function", "name": "f", "input": "{}", "output": "{\"a\":true}", "mcp_data": null }),
        ),
        (
            exported(
                &GenerationSpanData::new().with_model("m").with_input(&["hi"]).with_usage(usage.clone()),
            ),
            json!({ "type": "generation", "input": ["hi"], "output": null, "model": "m", "model_config": null, "usage": used }),
        ),
        (
            exported(&ResponseSpanData::new().with_response_id("r")),
            json!({ "type": "response", "response_id": "r", "usage": null }),
        ),
        (
            exported(&HandoffSpanData::new().with_from_agent("a")),
            json!({ "type": "handoff", "from_agent": "a", "to_agent": null }),
        ),
        (
            exported(&GuardrailSpanData::new("g").with_triggered(true)),
            json!({ "type": "guardrail", "name": "g", "triggered": true }),
        ),
        (exported(&CustomSpanData::new("c")), json!({ "type": "custom", "name": "c", "data": {} })),
        (
            exported(&TranscriptionSpanData::new().with_output("text")),
            json!({ "type": "transcription", "input": { "data": "", "format": "pcm" }, "output": "text", "model": null, "model_config": null }),
        ),
        (
            exported(&SpeechSpanData::new().with_input("text").with_output("AAA=").with_output_format("wav")),
            json!({ "type": "speech", "input": "text", "output": { "data": "AAA=", "format": "wav" }, "model": null, "model_config": null, "first_content_at": null }),
        ),
        (
            exported(&SpeechGroupSpanData::new().with_input("x")),
            json!({ "type": "speech_group", "input": "x" }),
        ),
        (
            exported(&McpToolsSpanData::new().with_server("s").with_result(["t"])),
            json!({ "type": "mcp_tools", "server": "s", "result": ["t"] }),
        ),
    ];
    for (exported, expected) in rows {
        assert_eq!(exported, expected);
    }
}

#[test]
fn span_data_is_the_payload_at_the_start_and_in_the_result_at_the_end() {
    let recorder = Testing::new();
    recorder.run(|| {
        let span = typed_span(GenerationSpanData::new().with_model("m"));
        let guard = span.start_marked();
        assert_eq!(current_span().span_id(), span.span_id());
        span.update(|data| data.usage = Some(Usage::new().with_input_tokens(3)));
        assert_eq!(span.span_data().usage.unwrap().input_tokens, Some(3));
        guard.finish();
        assert!(current_span().is_noop(), "the span before is current again");
    });
    let trace = recorder.trace();
    let span = trace.find("agent:llm_call");
    assert_eq!((&span.payload["model"], &span.payload["usage"]), (&json!("m"), &Value::Null));
    assert_eq!(
        (&span.result["usage"]["input_tokens"], &span.result["token_usage"]["prompt_tokens"]),
        (&json!(3), &json!(3))
    );
}

#[test]
fn span_data_is_readable_and_writable_on_a_no_op_span() {
    let span = typed_span(AgentSpanData::new("a"));
    assert!(span.is_noop());
    span.update(|data| data.name.push('b'));
    assert_eq!(span.span_data().name, "ab");
    span.set_error("nobody hears");
    assert!(span.error().is_none());
}

#[test]
fn guards_leave_no_span_that_has_ended_current() {
    let recorder = Testing::new();
    recorder.run(|| {
        let outer = span("test:outer");
        let outer_guard = outer.start_marked();
        let inner = typed_span(GuardrailSpanData::new("g"));
        let inner_guard = inner.start_marked();
        inner.finish();
        drop(inner_guard);
        assert_eq!(current_span().span_id(), outer.span_id());
        inner.start_by_default();
        assert_eq!(inner.status(), Some(SpanStatus::Complete));
        outer_guard.finish();
        assert!(current_span().is_noop());
    });
    recorder.trace().assert_outline(&["test:outer complete", "  agent:guardrail complete"]);
}

#[test]
fn error_has_a_message_and_data_that_can_be_read() {
    let trace = Trace::new();
    let span = trace.instance.span("test:error");
    span.set_error(SpanError::new("no answer").with_data(&json!({ "tries": 3 })));
    let error = span.error().unwrap();
    assert_eq!((error.message(), error.data()), ("no answer", Some(json!({ "tries": 3 }))));
}

#[test]
fn trace_is_an_agent_instance_with_group_and_metadata() {
    let server = Trace::new();
    let run = server
        .client
        .trace("triage")
        .group_id("chat-7")
        .user_id("u")
        .tag("t")
        .metadata(&json!({ "plan": "gold" }))
        .start();
    run.in_scope(|| span("test:top").complete(&()));
    let _ = server.flushed();
    let stored = server.stored_of(&run);
    let facts = json!({ "plan": "gold", "user_id": "u", "group_id": "chat-7", "workflow_name": "triage", "tags": ["t"] });
    assert_eq!(stored.span("test:top").payload, json!({ "metadata": facts }));
    assert_eq!(stored.instance["external_identifier"], json!(run.trace_id()));
}

#[test]
fn disabled_trace_masks_what_is_under_it() {
    let recorder = Testing::new();
    recorder.run(|| {
        let masked = recorder.client().trace("hidden").disabled(true).start();
        masked.in_scope(|| {
            assert!(span("test:hidden").is_noop());
            assert!(typed_span(AgentSpanData::new("a")).is_noop());
            recorder.instance().in_scope(|| span("test:seen").complete(&()));
        });
        span("test:sibling").complete(&());
    });
    recorder.trace().assert_outline(&["test:seen complete", "test:sibling complete"]);
    assert!(trace("nothing is installed").start().trace_id().is_none());
}

#[test]
fn spans_of_a_trace_within_another_have_no_parent_from_outside() {
    let recorder = Testing::new();
    let inner = recorder.client().trace("inner").start();
    recorder.run(|| {
        let outer = span("test:outer");
        let _entered = outer.start_marked();
        inner.in_scope(|| assert!(span("test:inner").parent_id().is_none()));
    });
    recorder.trace().assert_outline(&["test:outer complete", "test:inner complete"]);
}

#[test]
fn typed_span_goes_under_an_explicit_parent() {
    let recorder = Testing::new();
    recorder.run(|| {
        let outer = span("test:outer");
        TypedSpan::child_of(&outer, FunctionSpanData::new("f")).finish();
    });
    recorder.trace().assert_outline(&["test:outer complete", "  agent:tool_call complete"]);
}

#[test]
fn disabled_client_has_no_op_traces() {
    let client = Client::builder().disabled(true).build().unwrap();
    assert!(client.trace("off").start().span("test:off").is_noop());
}
