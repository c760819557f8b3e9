//! genai 0.7.2, feature `otel`: its spans are never entered, and a stream's closes when the stream is dropped.
#![expect(clippy::unwrap_used, reason = "a failed step ends the test")]

mod report;

use std::time::Duration;

use futures_util::StreamExt as _;
use genai::adapter::AdapterKind;
use genai::chat::{ChatMessage, ChatOptions, ChatRequest};
use genai::resolver::{AuthData, Endpoint, ServiceTargetResolver};
use genai::{Client, ModelIden, ServiceTarget};
use prefactor::span;
use prefactor_foreign_integrations::{Answer, Model, stream, text};
use report::recorded;
use serde_json::json;

fn client(model: &Model) -> Client {
    let url = model.url.clone();
    let resolver = ServiceTargetResolver::from_resolver_fn(
        move |target: ServiceTarget| -> Result<ServiceTarget, genai::resolver::Error> {
            Ok(ServiceTarget {
                endpoint: Endpoint::from_owned(url.clone()),
                auth: AuthData::from_single("none"),
                model: ModelIden::new(AdapterKind::OpenAI, target.model.model_name),
            })
        },
    );
    Client::builder().with_service_target_resolver(resolver).build().unwrap()
}

fn question() -> ChatRequest {
    ChatRequest::new(vec![ChatMessage::user("why?")])
}

#[span("agent:answer")]
async fn ask(client: &Client) -> genai::Result<Option<String>> {
    Ok(client.exec_chat("small-1", question(), None).await?.first_text().map(str::to_owned))
}

#[tokio::test]
async fn call_is_below_the_function_that_makes_it() {
    let model = Model::serve(vec![text("because")]);
    let (answer, trace) = recorded(ask(&client(&model))).await;
    assert_eq!(answer.unwrap().as_deref(), Some("because"));
    trace.assert_outline(&["agent:answer complete", "  agent:llm_call complete"]);
    let call = trace.find("agent:llm_call");
    assert_eq!(call.payload["name"], "chat small-1");
    assert_eq!(call.result["token_usage"]["prompt_tokens"], 12);
    assert_eq!(call.result["token_usage"]["completion_tokens"], 5);
    assert_eq!(call.result["model"], "small-1-2026");
    assert_eq!(call.result["provider"], "openai");
}

#[tokio::test]
async fn failing_call_is_failed_with_the_status_of_its_answer() {
    let model = Model::serve(vec![Answer::Whole(500, json!({ "error": { "message": "away" } }))]);
    let (answer, trace) = recorded(ask(&client(&model))).await;
    answer.unwrap_err();
    trace.assert_outline(&["agent:answer failed", "  agent:llm_call failed"]);
    assert_eq!(trace.find("agent:llm_call").error.as_ref().unwrap().error_type, "500");
}

#[tokio::test]
async fn stream_ends_with_its_tokens_and_a_stream_that_is_left_is_cancelled() {
    let model = Model::serve(vec![stream(&["be", "cause"]), stream(&["be", "cause"])]);
    let client = client(&model);
    let options = ChatOptions::default().with_capture_usage(true);
    let (text, trace) = recorded(async {
        let mut events = client.exec_chat_stream("small-1", question(), Some(&options)).await.unwrap().stream;
        let mut text = String::new();
        while let Some(event) = events.next().await {
            if let genai::chat::ChatStreamEvent::Chunk(chunk) = event.unwrap() {
                text.push_str(&chunk.content);
            }
        }
        text
    })
    .await;
    assert_eq!(text, "because");
    trace.assert_outline(&["agent:llm_call complete"]);
    assert_eq!(trace.find("agent:llm_call").result["token_usage"]["total_tokens"], 17);

    let ((), trace) = recorded(async {
        let mut events = client.exec_chat_stream("small-1", question(), Some(&options)).await.unwrap().stream;
        events.next().await.unwrap().unwrap();
    })
    .await;
    trace.assert_outline(&["agent:llm_call cancelled"]);
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
