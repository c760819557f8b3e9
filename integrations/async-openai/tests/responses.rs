//! The Responses API and embeddings of the real client against a stub model.

#![expect(clippy::unwrap_used, reason = "a failed step ends the test")]

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::error::OpenAIError;
use async_openai::middleware::ReqwestService;
use async_openai::types::embeddings::CreateEmbeddingRequestArgs;
use async_openai::types::responses::{
    CreateResponse, CreateResponseArgs, ResponseStream, ResponseStreamEvent,
};
use futures_util::StreamExt as _;
use prefactor::span;
use prefactor::testing::{Recorder, Trace};
use prefactor_async_openai::per_call;
use prefactor_async_openai::responses::ResponsesAnswer;
use prefactor_foreign_integrations::{Answer, Model};
use serde_json::{Value, json};

fn config(model: &Model) -> OpenAIConfig {
    OpenAIConfig::new().with_api_base(model.url.trim_end_matches('/')).with_api_key("none")
}

fn question() -> CreateResponse {
    CreateResponseArgs::default().model("small-1").input("why?").build().unwrap()
}

fn message(text: &str) -> Value {
    let content = json!([{ "type": "output_text", "text": text, "annotations": [] }]);
    json!({ "type": "message", "id": "m", "role": "assistant", "status": "completed", "content": content })
}

fn response(status: &str, output: &[Value], more: &Value) -> Value {
    let mut response = json!({
        "id": "r1", "object": "response", "created_at": 1, "model": "small-1-2026", "status": status,
        "output": output,
    });
    response.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    response
}

fn usage() -> Value {
    json!({ "usage": {
        "input_tokens": 12, "input_tokens_details": { "cached_tokens": 4 },
        "output_tokens": 5, "output_tokens_details": { "reasoning_tokens": 2 }, "total_tokens": 17,
    } })
}

/// The events of an answer up to its end, whose kind is given.
fn events(words: &[&str], last: &[Value]) -> Vec<String> {
    let mut number = 0;
    let mut event = |mut event: Value| {
        event["sequence_number"] = number.into();
        number += 1;
        event.to_string()
    };
    let place = json!({ "item_id": "m", "output_index": 0, "content_index": 0, "logprobs": [] });
    let mut events = vec![event(
        json!({ "type": "response.created", "response": response("in_progress", &[], &json!({})) }),
    )];
    for word in words {
        let mut delta = place.clone();
        delta["type"] = "response.output_text.delta".into();
        delta["delta"] = (*word).into();
        events.push(event(delta));
    }
    events.extend(last.iter().cloned().map(event));
    events
}

async fn recorded<F: Future>(body: F) -> (F::Output, Trace) {
    let recorder = Recorder::new();
    let output = recorder.run_async(body).await;
    (output, recorder.trace())
}

async fn read(answer: Answer) -> Trace {
    let model = Model::serve(vec![answer]);
    let client = Client::with_config(config(&model)).with_http_service(per_call(ReqwestService::default()));
    let ((), trace) = Box::pin(recorded(async {
        let mut events = client.responses().create_stream(question()).await.unwrap();
        while let Some(event) = events.next().await {
            if matches!(event, Ok(ResponseStreamEvent::ResponseCompleted(_))) {
                break;
            }
        }
    }))
    .await;
    trace
}

#[tokio::test]
async fn response_has_its_output_and_its_tokens() {
    let model =
        Model::serve(vec![Answer::Whole(200, response("completed", &[message("because")], &usage()))]);
    let client = Client::with_config(config(&model)).with_http_service(per_call(ReqwestService::default()));
    let (answer, trace) = recorded(async { client.responses().create(question()).await }).await;
    assert_eq!(answer.unwrap().output_text().as_deref(), Some("because"));
    trace.assert_outline(&["agent:llm_call complete"]);
    let call = trace.find("agent:llm_call");
    assert_eq!(call.payload["input"], "why?");
    assert_eq!(call.result["output"][0]["content"][0]["text"], "because");
    assert_eq!(call.result["token_usage"]["prompt_tokens"], 12);
    assert_eq!(call.result["token_usage"]["cached_tokens"], 4);
    assert_eq!(call.result["token_usage"]["reasoning_tokens"], 2);
    assert_eq!(call.result["model"], "small-1-2026");
}

#[tokio::test]
async fn response_says_by_its_status_how_it_ended() {
    let error = json!({ "error": { "code": "server_error", "message": "away" } });
    let cut = json!({ "incomplete_details": { "reason": "max_output_tokens" } });
    for (status, more, expected) in [
        ("failed", &error, "failed"),
        ("incomplete", &cut, "complete"),
        ("cancelled", &json!({}), "cancelled"),
        ("queued", &json!({}), "complete"),
    ] {
        let model = Model::serve(vec![Answer::Whole(200, response(status, &[], more))]);
        let client =
            Client::with_config(config(&model)).with_http_service(per_call(ReqwestService::default()));
        let (answer, trace) = recorded(async { client.responses().create(question()).await }).await;
        answer.unwrap();
        let call = trace.find("agent:llm_call");
        assert_eq!(call.status.to_string(), expected, "{status}");
        if status == "failed" {
            assert_eq!(call.error.as_ref().unwrap().error_type, "server_error");
        }
        if status == "incomplete" {
            assert_eq!(call.result["incomplete_details"]["reason"], "max_output_tokens");
        }
    }
}

fn completed() -> Value {
    json!({ "type": "response.completed", "response": response("completed", &[message("because")], &usage()) })
}

fn failed() -> Value {
    let error = json!({ "error": { "code": "server_error", "message": "away" } });
    json!({ "type": "response.failed", "response": response("failed", &[], &error) })
}

#[tokio::test]
async fn stream_ends_by_its_last_event_although_the_server_stays_open() {
    let trace = read(Answer::Open(events(&["be", "cause"], &[completed()]))).await;
    trace.assert_outline(&["agent:llm_call complete"]);
    let call = trace.find("agent:llm_call");
    assert_eq!(call.result["output"][0]["content"][0]["text"], "because");
    assert_eq!(call.result["token_usage"]["total_tokens"], 17);
    assert!(call.result["time_to_first_token_ms"].as_f64().unwrap() > 0.0);
}

#[tokio::test]
async fn failures_that_are_items_fail_the_span() {
    let error = json!({ "type": "error", "code": "overloaded", "message": "busy", "param": null });
    for (last, kind) in [(failed(), "server_error"), (error, "overloaded")] {
        let trace = read(Answer::Events(events(&["be"], &[last]))).await;
        trace.assert_outline(&["agent:llm_call failed"]);
        let call = trace.find("agent:llm_call");
        assert_eq!(call.error.as_ref().unwrap().error_type, kind);
        assert_eq!(call.result["output"][0]["content"][0]["text"], "be", "what was said until then");
    }
}

#[tokio::test]
async fn stream_that_breaks_off_is_failed() {
    for (answer, kind) in [
        (Answer::Events(events(&["be"], &[])), "stream_truncated"),
        (Answer::Cut(events(&["be"], &[])), "connection"),
    ] {
        let trace = read(answer).await;
        assert_eq!(trace.find("agent:llm_call").error.as_ref().unwrap().error_type, kind);
    }
}

#[tokio::test]
async fn annotated_function_records_its_stream_by_its_reader() {
    #[span("agent:llm_call", skip_all, stream(with = ResponsesAnswer))]
    async fn asked(client: &Client<OpenAIConfig>) -> Result<ResponseStream, OpenAIError> {
        client.responses().create_stream(question()).await
    }

    for (answer, status, text) in [
        (Answer::Events(events(&["be", "cause"], &[completed()])), "complete", "because"),
        (Answer::Events(events(&["be", "cause"], &[failed()])), "failed", "because"),
        (Answer::Events(events(&["be"], &[])), "failed", "be"),
        (Answer::Cut(events(&["be"], &[])), "failed", "be"),
    ] {
        let shown = format!("{answer:?}");
        let model = Model::serve(vec![answer]);
        let client = Client::with_config(config(&model));
        let (_, trace) = recorded(async { asked(&client).await.unwrap().count().await }).await;
        let call = trace.find("agent:llm_call");
        assert_eq!(call.status.to_string(), status, "{shown}");
        assert_eq!(call.result["output"]["output"][0]["content"][0]["text"], text, "{shown}");
    }
}

#[tokio::test]
async fn embeddings_are_counted_and_not_kept() {
    let data = json!([{ "object": "embedding", "index": 0, "embedding": [0.5, 1.5, 2.5] }]);
    let answer = json!({
        "object": "list", "model": "embed-1", "data": data, "usage": { "prompt_tokens": 3, "total_tokens": 3 },
    });
    let model = Model::serve(vec![Answer::Whole(200, answer)]);
    let client = Client::with_config(config(&model)).with_http_service(per_call(ReqwestService::default()));
    let request = CreateEmbeddingRequestArgs::default().model("embed-1").input("why?").build().unwrap();
    let (answer, trace) = recorded(async { client.embeddings().create(request).await }).await;
    answer.unwrap();
    trace.assert_outline(&["agent:embeddings complete"]);
    let call = trace.find("agent:embeddings");
    assert_eq!(call.result["embeddings"], 1);
    assert_eq!(call.result["dimensions"], 3);
    assert_eq!(call.result["token_usage"]["prompt_tokens"], 3);
    assert!(call.result.get("data").is_none());
}
