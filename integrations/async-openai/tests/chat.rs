//! Chat calls of the real client against a stub model: one span each, whatever becomes of them.

#![expect(clippy::unwrap_used, reason = "a failed step ends the test")]

use std::time::Duration;

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::error::OpenAIError;
use async_openai::middleware::ReqwestService;
use async_openai::types::chat::{
    ChatCompletionRequestUserMessage, ChatCompletionResponseStream, CreateChatCompletionRequest,
    CreateChatCompletionRequestArgs,
};
use futures_util::StreamExt as _;
use prefactor::span;
use prefactor::testing::{Recorder, Trace};
use prefactor_async_openai::chat::ChatAnswer;
use prefactor_async_openai::{ModelCallLayer, per_attempt, per_call};
use prefactor_foreign_integrations::{Answer, Model, stream, text, tool_call};
use serde_json::json;
use tower_layer::Layer as _;

fn config(model: &Model) -> OpenAIConfig {
    OpenAIConfig::new().with_api_base(model.url.trim_end_matches('/')).with_api_key("none")
}

fn client(model: &Model) -> Client<OpenAIConfig> {
    Client::with_config(config(model)).with_http_service(per_call(ReqwestService::default()))
}

fn question() -> CreateChatCompletionRequest {
    CreateChatCompletionRequestArgs::default()
        .model("small-1")
        .messages([ChatCompletionRequestUserMessage::from("why?").into()])
        .build()
        .unwrap()
}

#[span("agent:answer", skip_all)]
async fn ask(client: &Client<OpenAIConfig>) -> Result<Option<String>, OpenAIError> {
    let answer = client.chat().create(question()).await?;
    Ok(answer.choices.into_iter().next().and_then(|choice| choice.message.content))
}

async fn recorded<F: Future>(body: F) -> (F::Output, Trace) {
    let recorder = Recorder::new();
    let output = recorder.run_async(body).await;
    (output, recorder.trace())
}

/// Reads a stream of these events to its end.
async fn read(answer: Answer) -> (Vec<Result<String, String>>, Trace) {
    let model = Model::serve(vec![answer]);
    let client = client(&model);
    Box::pin(recorded(async {
        let mut events = client.chat().create_stream(question()).await.unwrap();
        let mut texts = Vec::new();
        while let Some(event) = events.next().await {
            texts.push(match event {
                Ok(chunk) => {
                    Ok(chunk.choices.into_iter().filter_map(|choice| choice.delta.content).collect())
                }
                Err(error) => Err(error.to_string()),
            });
        }
        texts
    }))
    .await
}

#[tokio::test]
async fn call_is_below_the_function_that_makes_it_with_messages_tokens_and_cost() {
    let model = Model::serve(vec![text("because")]);
    let layer = ModelCallLayer::new()
        .provider("stub")
        .cost(|usage| usage.input_tokens.map(|tokens| f64::from(u32::try_from(tokens).unwrap()) / 8.0));
    let client =
        Client::with_config(config(&model)).with_http_service(layer.layer(ReqwestService::default()));
    let (answer, trace) = recorded(ask(&client)).await;
    assert_eq!(answer.unwrap().as_deref(), Some("because"));
    trace.assert_outline(&["agent:answer complete", "  agent:llm_call complete"]);
    let call = trace.find("agent:llm_call");
    assert_eq!(call.payload["name"], "chat small-1");
    assert_eq!(call.payload["model"], "small-1");
    assert_eq!(call.payload["messages"][0]["content"], "why?");
    assert_eq!(call.result["choices"][0]["message"]["content"], "because");
    assert_eq!(call.result["choices"][0]["finish_reason"], "stop");
    assert_eq!(call.result["token_usage"]["prompt_tokens"], 12);
    assert_eq!(call.result["token_usage"]["completion_tokens"], 5);
    assert_eq!(call.result["model"], "small-1-2026");
    assert_eq!(call.result["provider"], "stub");
    assert_eq!(call.result["cost"], 1.5);
    assert_eq!(model.header("traceparent"), [None], "a stranger's server is told nothing");
}

#[tokio::test]
async fn tool_call_of_the_model_is_in_the_result() {
    let model = Model::serve(vec![tool_call("length", &json!({ "word": "seven" }))]);
    let client = client(&model);
    let (_, trace) = recorded(ask(&client)).await;
    let message = &trace.find("agent:llm_call").result["choices"][0]["message"];
    assert_eq!(message["tool_calls"][0]["function"]["name"], "length");
}

#[tokio::test]
async fn retries_are_one_span_a_call_or_one_an_attempt() {
    let away = || Answer::Whole(500, json!({ "error": { "message": "away", "type": "server_error" } }));
    let answers = || vec![away(), away(), text("because")];

    let model = Model::serve(answers());
    let client = client(&model);
    let (answer, trace) = recorded(ask(&client)).await;
    answer.unwrap();
    assert_eq!(model.requests().len(), 3, "the default retries are kept");
    trace.assert_outline(&["agent:answer complete", "  agent:llm_call complete"]);

    let model = Model::serve(answers());
    let client =
        Client::with_config(config(&model)).with_http_service(per_attempt(ReqwestService::default()));
    let (answer, trace) = recorded(ask(&client)).await;
    answer.unwrap();
    trace.assert_outline(&[
        "agent:answer complete",
        "  agent:llm_call failed",
        "  agent:llm_call failed",
        "  agent:llm_call complete",
    ]);
    assert_eq!(trace.find("agent:llm_call").error.as_ref().unwrap().error_type, "500");
}

#[tokio::test]
async fn error_of_the_server_is_the_error_of_the_span() {
    let refusal =
        json!({ "error": { "message": "no such key", "type": "auth", "code": null, "param": null } });
    for (answer, kind) in [
        (Answer::Whole(401, refusal.clone()), "auth"),
        (Answer::Whole(200, refusal), "auth"),
        (Answer::Typed(404, "text/plain", "not here".to_owned()), "404"),
        (Answer::Typed(200, "text/html", "<p>busy".to_owned()), "invalid_answer"),
    ] {
        let shown = format!("{answer:?}");
        let model = Model::serve(vec![answer]);
        let client = client(&model);
        let (answer, trace) = recorded(ask(&client)).await;
        answer.unwrap_err();
        let call = trace.find("agent:llm_call");
        assert_eq!(call.status.to_string(), "failed", "{shown}");
        assert_eq!(call.error.as_ref().unwrap().error_type, kind, "{shown}");
    }
}

#[tokio::test]
async fn server_that_is_not_there_fails_the_span() {
    let config = OpenAIConfig::new().with_api_base("http://127.0.0.1:1/v1").with_api_key("none");
    let service = ModelCallLayer::new().layer(ReqwestService::default());
    let client = Client::with_config(config).with_http_service(service);
    let (answer, trace) = recorded(ask(&client)).await;
    answer.unwrap_err();
    trace.assert_outline(&["agent:answer failed", "  agent:llm_call failed"]);
    assert_eq!(trace.find("agent:llm_call").error.as_ref().unwrap().error_type, "connect");
}

#[tokio::test]
async fn stream_has_its_whole_message_its_tokens_and_the_time_to_its_first_token() {
    let (texts, trace) = read(stream(&["be", "cause"])).await;
    assert_eq!(texts.iter().flatten().map(String::as_str).collect::<String>(), "because");
    trace.assert_outline(&["agent:llm_call complete"]);
    let call = trace.find("agent:llm_call");
    assert_eq!(call.payload["stream"], true);
    assert_eq!(call.result["choices"][0]["message"]["content"], "because");
    assert_eq!(call.result["choices"][0]["finish_reason"], "stop");
    assert_eq!(call.result["token_usage"]["total_tokens"], 17, "it came after the end marker");
    assert_eq!(call.result["items"], 4);
    assert!(call.result["time_to_first_token_ms"].as_f64().unwrap() > 0.0);
}

#[tokio::test]
async fn two_choices_and_two_tool_calls_are_kept_apart() {
    let chunk = |choices| {
        json!({ "id": "a", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": choices })
            .to_string()
    };
    let call = |index, id: Option<&str>, arguments| json!({ "index": index, "id": id, "type": "function", "function": { "name": id.map(|_| "f"), "arguments": arguments } });
    let events = vec![
        chunk(json!([{ "index": 0, "delta": { "role": "assistant", "content": "" } }])),
        chunk(
            json!([{ "index": 1, "delta": { "content": "one" } }, { "index": 0, "delta": { "tool_calls": [call(0, Some("x"), "{\"a\":")] } }]),
        ),
        chunk(json!([{ "index": 0, "delta": { "tool_calls": [call(1, Some("y"), "{}")] } }])),
        chunk(json!([{ "index": 0, "delta": { "tool_calls": [call(0, None, "1}")] } }])),
        chunk(json!([{ "index": 1, "delta": {}, "finish_reason": "length" }])),
        chunk(json!([{ "index": 0, "delta": {}, "finish_reason": "tool_calls" }])),
    ];
    let (_, trace) = read(Answer::Events(events)).await;
    let choices = &trace.find("agent:llm_call").result["choices"];
    assert_eq!(choices[0]["message"]["tool_calls"][0]["function"]["arguments"], "{\"a\":1}");
    assert_eq!(choices[0]["message"]["tool_calls"][1]["id"], "y");
    assert_eq!(choices[1]["message"]["content"], "one");
    assert_eq!(choices[1]["finish_reason"], "length");
}

#[tokio::test]
async fn stream_that_breaks_off_is_failed_with_what_was_said() {
    for (answer, kind) in [
        (Answer::Events(stream(&["half", "an answer"]).first(1)), "stream_truncated"),
        (Answer::Events(Vec::new()), "stream_truncated"),
        (Answer::Cut(stream(&["half", "an answer"]).first(1)), "connection"),
        (Answer::Whole(200, json!({ "error": { "message": "busy", "type": "overloaded" } })), "overloaded"),
        (
            Answer::Events(
                [
                    stream(&["half"]).first(1),
                    vec![json!({ "error": { "message": "busy", "type": "overloaded" } }).to_string()],
                    stream(&["more"]).first(3),
                ]
                .concat(),
            ),
            "overloaded",
        ),
    ] {
        let shown = format!("{answer:?}");
        let has_text = shown.contains("half");
        let (_, trace) = read(answer).await;
        trace.assert_outline(&["agent:llm_call failed"]);
        let call = trace.find("agent:llm_call");
        assert_eq!(call.error.as_ref().unwrap().error_type, kind, "{shown}");
        let content = call.result["choices"][0]["message"]["content"].as_str().unwrap_or_default();
        assert_eq!(content.starts_with("half"), has_text, "{shown}");
    }
}

#[tokio::test]
async fn connection_that_breaks_after_the_marker_spoils_nothing() {
    let (_, trace) = read(Answer::Cut(stream(&["because"]).first(3))).await;
    trace.assert_outline(&["agent:llm_call complete"]);
}

#[tokio::test]
async fn stream_that_is_left_is_cancelled_unless_its_marker_has_come() {
    for (sent, status) in [(1, "cancelled"), (2, "complete")] {
        let model = Model::serve(vec![Answer::Open(stream(&["because"]).first(sent))]);
        let client = client(&model);
        let ((), trace) = recorded(async {
            let mut events = client.chat().create_stream(question()).await.unwrap();
            for _ in 0..sent {
                events.next().await.unwrap().unwrap();
            }
            drop(events);
            for _ in 0..100 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        })
        .await;
        trace.assert_outline(&[&format!("agent:llm_call {status}")]);
        assert_eq!(trace.roots[0].result["choices"][0]["message"]["content"], "because");
    }
}

#[tokio::test]
async fn call_that_is_dropped_is_cancelled() {
    let model = Model::serve(vec![Answer::Never]);
    let client = client(&model);
    let is_asked = async {
        while model.requests().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let ((), trace) = recorded(async {
        tokio::select! {
            _ = ask(&client) => panic!("there is no answer"),
            () = is_asked => {}
        }
    })
    .await;
    trace.assert_outline(&["agent:answer cancelled", "  agent:llm_call cancelled"]);
}

#[tokio::test]
async fn concurrent_calls_stay_with_their_own_callers() {
    let model = Model::serve(vec![text("a"), text("b"), text("c")]);
    let client = client(&model);
    let (_, trace) =
        Box::pin(recorded(async { tokio::join!(ask(&client), ask(&client), ask(&client)) })).await;
    trace.assert_outline(&["agent:answer complete", "  agent:llm_call complete"].repeat(3));
}

#[tokio::test]
async fn context_goes_to_servers_of_ones_own_by_choice() {
    let model = Model::serve(vec![text("because")]);
    let service = ModelCallLayer::new().propagate().layer(ReqwestService::default());
    let client = Client::with_config(config(&model)).with_http_service(service);
    let (answer, _) = recorded(ask(&client)).await;
    answer.unwrap();
    let [Some(parent)] = &model.header("traceparent")[..] else { panic!("there is no header") };
    assert!(parent.starts_with("00-") && parent.ends_with("-01"), "{parent}");
}

#[tokio::test]
async fn annotated_function_records_its_stream_by_its_reader() {
    #[span("agent:llm_call", skip_all, stream(with = ChatAnswer))]
    async fn asked(client: &Client<OpenAIConfig>) -> Result<ChatCompletionResponseStream, OpenAIError> {
        client.chat().create_stream(question()).await
    }

    for (answer, status) in [
        (stream(&["be", "cause"]), "complete"),
        (Answer::Events(stream(&["be", "cause"]).first(1)), "failed"),
        (Answer::Cut(stream(&["be", "cause"]).first(1)), "failed"),
        (Answer::Events([vec!["{}".to_owned()], stream(&["be", "cause"]).first(4)].concat()), "failed"),
    ] {
        let shown = format!("{answer:?}");
        let model = Model::serve(vec![answer]);
        let client = Client::with_config(config(&model));
        let (_, trace) = recorded(async { asked(&client).await.unwrap().count().await }).await;
        let call = trace.find("agent:llm_call");
        assert_eq!(call.status.to_string(), status, "{shown}");
        let content = call.result["output"]["choices"][0]["message"]["content"].as_str().unwrap();
        assert!("because".starts_with(content), "{shown}");
        if status == "complete" {
            assert_eq!(call.result["token_usage"]["total_tokens"], 17);
        }
    }
    let model = Model::serve(vec![Answer::Open(stream(&["because"]).first(2))]);
    let client = Client::with_config(config(&model));
    let (_, trace) = recorded(async { asked(&client).await.unwrap().take(2).count().await }).await;
    assert_eq!(
        trace.find("agent:llm_call").status.to_string(),
        "complete",
        "the reader stopped at the marker"
    );
}
