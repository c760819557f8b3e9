//! The span of a call beside what the client itself reports to its caller.

#![expect(clippy::unwrap_used, reason = "a failed step ends the test")]

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::middleware::ReqwestService;
use async_openai::types::chat::{
    ChatCompletionRequestUserMessage, CreateChatCompletionRequest, CreateChatCompletionRequestArgs,
};
use futures_util::StreamExt as _;
use prefactor::testing::{RecordedSpan, Recorder};
use prefactor_async_openai::per_call;
use prefactor_foreign_integrations::{Answer, Model, stream, text};
use serde_json::{Value, json};

fn client(answers: Vec<Answer>) -> Client<OpenAIConfig> {
    let model = Model::serve(answers);
    let config = OpenAIConfig::new().with_api_base(model.url.trim_end_matches('/')).with_api_key("none");
    Client::with_config(config).with_http_service(per_call(ReqwestService::default()))
}

fn question() -> CreateChatCompletionRequest {
    CreateChatCompletionRequestArgs::default()
        .model("small-1")
        .messages([ChatCompletionRequestUserMessage::from("why?").into()])
        .build()
        .unwrap()
}

async fn recorded<F: Future>(body: F) -> (F::Output, Vec<RecordedSpan>) {
    let recorder = Recorder::new();
    let output = recorder.run_async(body).await;
    (output, recorder.trace().roots)
}

/// The same facts as [`told`] gives, from the span.
fn said(span: &RecordedSpan) -> Value {
    let choice = &span.result["choices"][0];
    json!({
        "model": span.result["model"],
        "content": choice["message"]["content"],
        "finish_reason": choice["finish_reason"],
        "total_tokens": span.result["token_usage"]["total_tokens"],
    })
}

/// One call, by what the client's types say of its answer.
async fn told(client: &Client<OpenAIConfig>) -> Value {
    let answer = client.chat().create(question()).await.unwrap();
    let choice = &answer.choices[0];
    json!({
        "model": answer.model,
        "content": choice.message.content,
        "finish_reason": choice.finish_reason,
        "total_tokens": answer.usage.unwrap().total_tokens,
    })
}

#[tokio::test]
async fn span_says_what_the_client_told_its_caller() {
    let client = client(vec![text("because")]);
    let (told, spans) = recorded(told(&client)).await;
    assert_eq!(said(&spans[0]), told);
    assert_eq!(told["content"], "because");
}

#[tokio::test]
async fn span_of_a_stream_says_what_its_chunks_told() {
    let client = client(vec![stream(&["be", "cause"])]);
    let (told, spans) = recorded(async {
        let mut chunks = client.chat().create_stream(question()).await.unwrap();
        let (mut content, mut reason, mut model, mut tokens) = (String::new(), None, None, None);
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.unwrap();
            model = Some(chunk.model);
            tokens = chunk.usage.map(|usage| usage.total_tokens).or(tokens);
            for choice in chunk.choices {
                content.push_str(&choice.delta.content.unwrap_or_default());
                reason = choice.finish_reason.or(reason);
            }
        }
        json!({ "model": model, "content": content, "finish_reason": reason, "total_tokens": tokens })
    })
    .await;
    assert_eq!(said(&spans[0]), told);
    assert_eq!(told["content"], "because");
}

#[tokio::test]
async fn span_of_a_failure_says_what_the_clients_error_told() {
    let refusal =
        json!({ "error": { "message": "no such key", "type": "auth", "code": null, "param": null } });
    let client = client(vec![Answer::Whole(401, refusal)]);
    let (answer, spans) = recorded(client.chat().create(question())).await;
    let (error, recorded) = (answer.unwrap_err().to_string(), spans[0].error.as_ref().unwrap());
    assert!(error.contains(&recorded.message), "{error}, {recorded:?}");
    assert!(error.contains(&recorded.error_type), "{error}, {recorded:?}");
}

#[tokio::test]
async fn spans_of_concurrent_calls_say_what_each_caller_was_told() {
    let client = client(vec![text("a"), text("b"), text("c")]);
    let (told, spans) =
        Box::pin(recorded(async { tokio::join!(told(&client), told(&client), told(&client)) })).await;
    let mut told = [told.0, told.1, told.2].map(|answer| answer.to_string());
    let mut said: Vec<_> = spans.iter().map(|span| said(span).to_string()).collect();
    told.sort();
    said.sort();
    assert_eq!(said, told);
}
