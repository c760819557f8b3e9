//! Usage of model calls, and events inside a span: each way to record them, and each reader.

use prefactor::export::MemoryProcessor;
use prefactor::testing::Recorder as Testing;
use prefactor::{Client, Span, Usage, span};
use serde::Serialize;
use serde_json::{Value, json};

use crate::support::{Recorder, TIMEOUT, Trace};

fn usage() -> Usage {
    Usage::new()
        .with_model("small-1")
        .with_provider("acme")
        .with_input_tokens(12)
        .with_output_tokens(40)
        .with_cached_tokens(4)
        .with_reasoning_tokens(8)
        .with_cost(0.25)
        .with_cache_hit(false)
}

fn sent() -> Value {
    json!({
        "token_usage": {
            "prompt_tokens": 12, "completion_tokens": 40, "total_tokens": 52, "cached_tokens": 4, "reasoning_tokens": 8,
        },
        "model": "small-1", "provider": "acme", "cost": 0.25, "cache_hit": false,
    })
}

#[span("test:within")]
fn within(text: &str) -> Result<Value, String> {
    Span::current().set_usage(&usage());
    Ok(json!({ "text": text }))
}

#[derive(Serialize)]
struct Completion {
    text: &'static str,
    model: &'static str,
    #[serde(skip)]
    tokens: u64,
}

fn usage_of(completion: &Completion) -> Usage {
    Usage::new().with_input_tokens(completion.tokens).with_output_tokens(1).with_model("small-1")
}

#[span("test:option", usage(with = usage_of))]
async fn by_option(fails: bool) -> Result<Completion, String> {
    if fails { Err("no".into()) } else { Ok(Completion { text: "Be", model: "asked", tokens: 6 }) }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as the option calls it")]
fn usage_of_number(value: &u64) -> Option<Usage> {
    (*value > 0).then(|| Usage::new().with_total_tokens(*value))
}

#[span("test:maybe", usage(with = usage_of_number))]
fn maybe(value: u64) -> u64 {
    value
}

#[test]
fn usage_set_within_the_body_is_in_the_result() {
    let stored = Trace::of(|| {
        let _ = within("a");
    });
    let mut expected = sent();
    expected["text"] = json!("a");
    assert_eq!(stored.span("test:within").result(), &expected);
}

#[test]
fn usage_is_in_the_payload_too_where_start_and_finish_go_out_as_one() {
    let recorder = Recorder::holding();
    let client = Client::builder().transport(recorder.clone()).build().unwrap();
    let run = client.register("tester");
    run.in_scope(|| drop(within("a")));
    recorder.release();
    assert!(client.shutdown(TIMEOUT).is_complete);
    let requests = recorder.requests();
    let bodies = requests.iter().filter_map(|request| serde_json::from_slice::<Value>(&request.body).ok());
    let create = bodies.into_iter().find(|body| body["details"]["status"] == "complete").unwrap();
    assert_eq!(create["details"]["payload"], json!({ "text": "a", "token_usage": sent()["token_usage"] }));
}

#[test]
fn usage_of_a_span_that_was_sent_while_it_ran_is_in_its_result_alone() {
    let trace = Trace::new();
    let span = trace.instance.span("test:slow");
    span.start(&json!({}));
    let _ = trace.flushed();
    span.set_usage(&usage());
    drop(span);
    let stored = trace.finish();
    assert_eq!((&stored.span("test:slow").payload, stored.span("test:slow").result()), (&json!({}), &sent()));
}

#[test]
fn usage_is_read_from_the_returned_value_by_an_option() {
    let recorder = Testing::new();
    recorder.run(|| futures_executor_free(by_option(false))).unwrap();
    assert!(recorder.run(|| futures_executor_free(by_option(true))).is_err());
    recorder.run(|| (maybe(0), maybe(9)));
    let trace = recorder.trace();
    let expected = json!({
        "text": "Be", "model": "small-1", "model_returned": "asked",
        "token_usage": { "prompt_tokens": 6, "completion_tokens": 1, "total_tokens": 7 },
    });
    assert_eq!(trace.roots[0].result, expected, "nothing is overwritten in silence");
    assert_eq!(trace.roots[1].error.as_ref().unwrap().message, "no");
    assert_eq!(trace.roots[2].result, json!({ "result": 0 }));
    assert_eq!(trace.roots[3].result["token_usage"], json!({ "total_tokens": 9 }));
}

/// The output of a future that never waits.
fn futures_executor_free<F: Future>(future: F) -> F::Output {
    futures_util::FutureExt::now_or_never(future).unwrap()
}

#[test]
fn usage_is_taken_from_the_usual_json_if_the_client_is_told() {
    #[span("test:openai")]
    fn openai() -> Value {
        json!({ "id": "r", "model": "m", "usage": {
            "prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7,
            "prompt_tokens_details": { "cached_tokens": 1 }, "completion_tokens_details": { "reasoning_tokens": 2 },
        } })
    }
    #[span("test:anthropic")]
    fn anthropic() -> Value {
        json!({ "usage": { "input_tokens": 3, "output_tokens": 4, "cache_read_input_tokens": 10, "cache_creation_input_tokens": 5 } })
    }
    #[span("test:gemini")]
    fn gemini() -> Value {
        json!({ "usageMetadata": { "promptTokenCount": 3, "candidatesTokenCount": 4, "thoughtsTokenCount": 2, "totalTokenCount": 9 } })
    }
    #[span("test:own")]
    fn own() -> Value {
        json!({ "usage": { "prompt_tokens": 3 }, "token_usage": "mine" })
    }
    #[span("test:other")]
    fn other() -> Value {
        json!({ "usage": "often", "text": "\"usage\":" })
    }
    let run = |builder| {
        let recorder = Testing::with(builder);
        recorder.run(|| (openai(), anthropic(), gemini(), own(), other()));
        let trace = recorder.trace();
        trace.roots.iter().map(|span| span.result["token_usage"].clone()).collect::<Vec<_>>()
    };
    let expected = [
        json!({ "prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7, "cached_tokens": 1, "reasoning_tokens": 2 }),
        json!({ "prompt_tokens": 18, "completion_tokens": 4, "total_tokens": 22, "cached_tokens": 10 }),
        json!({ "prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 9, "reasoning_tokens": 2 }),
        json!("mine"),
        Value::Null,
    ];
    assert_eq!(run(Client::builder().read_usage(true)), expected);
    assert_eq!(run(Client::builder())[0], Value::Null, "not unasked");
}

#[test]
fn usage_and_events_are_read_from_a_record() {
    let memory = MemoryProcessor::new();
    let client = Client::builder().processor(memory.clone()).build().unwrap();
    let span = client.register("tester").span("test:recorded");
    span.start(&json!({ "model": "asked" }));
    span.set_usage(&Usage::new().with_input_tokens(1));
    span.set_usage(&Usage::new().with_output_tokens(2));
    span.add_event("retry", &json!({ "attempt": 2 }));
    drop(span);
    assert!(client.shutdown(TIMEOUT).is_complete);
    let record = &memory.spans()[0];
    let usage = record.usage().unwrap();
    assert_eq!((usage.input_tokens, usage.output_tokens, usage.total()), (Some(1), Some(2), Some(3)));
    assert_eq!((usage.model.as_deref(), record.model().as_deref()), (Some("asked"), Some("asked")));
    let events = record.events();
    assert_eq!(
        (events.len(), events[0].name.as_str(), events[0].data()),
        (1, "retry", Some(json!({ "attempt": 2 })))
    );
    assert!(record.started_at <= events[0].at && events[0].at <= record.ended_at.unwrap());
}

#[test]
fn events_are_kept_in_order_with_the_result_and_bounded() {
    let stored = Trace::of(|| {
        let span = span("test:events");
        for number in 0..200 {
            span.add_event("retry", &json!({ "number": number, "password": "hunter2-hunter2" }));
        }
        span.complete(&json!({ "events": "returned" }));
        span.add_event("late", &());
    });
    let result = stored.span("test:events").result();
    let events = result["events"].as_array().unwrap();
    assert_eq!((events.len(), &events[128]), (129, &json!({ "$truncated": 72 })));
    assert!(
        (0..128)
            .all(|number| events[number]["data"]["number"] == number && events[number]["name"] == "retry")
    );
    assert!(events[..128].is_sorted_by_key(|event| event["at"].as_str().unwrap()));
    assert_eq!(
        (&events[0]["data"]["password"], &result["events_returned"]),
        (&json!("[REDACTED]"), &json!("returned"))
    );
}
