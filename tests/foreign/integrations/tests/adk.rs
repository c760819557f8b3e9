//! adk-rust 2.3.0: its runner, model calls and tools, with a model that is written here. Its spans have names and fields of their own.
#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use adk_agent::LlmAgentBuilder;
use adk_core::{
    AdkError, Content, FinishReason, Llm, LlmRequest, LlmResponse, LlmResponseStream, Part, Tool, ToolContext,
};
use adk_runner::Runner;
use adk_session::{CreateRequest, InMemorySessionService, SessionService};
use futures_util::{StreamExt as _, stream};
use prefactor::span;
use prefactor::testing::{Recorder, Trace};
use serde_json::{Value, json};
use tracing_subscriber::layer::SubscriberExt as _;

/// A model that gives its answers one after another, and then fails.
struct Answers(Mutex<Vec<Part>>);

#[async_trait::async_trait]
impl Llm for Answers {
    fn name(&self) -> &'static str {
        "small-1"
    }

    async fn generate_content(&self, _: LlmRequest, _: bool) -> adk_core::Result<LlmResponseStream> {
        let mut parts = self.0.lock().unwrap();
        if parts.is_empty() {
            return Err(AdkError::model("the model is away"));
        }
        let mut content = Content::new("model");
        content.parts.push(parts.remove(0));
        let answer = LlmResponse {
            content: Some(content),
            finish_reason: Some(FinishReason::Stop),
            turn_complete: true,
            ..LlmResponse::default()
        };
        Ok(Box::pin(stream::iter([Ok(answer)])))
    }
}

/// A tool whose work is an annotated function.
struct Length(AtomicUsize);

#[span("tool:length")]
async fn length(word: &str) -> usize {
    word.len()
}

#[async_trait::async_trait]
impl Tool for Length {
    fn name(&self) -> &'static str {
        "length"
    }

    fn description(&self) -> &'static str {
        "The length of a word"
    }

    async fn execute(&self, _: Arc<dyn ToolContext>, arguments: Value) -> adk_core::Result<Value> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(json!({ "length": length(arguments["word"].as_str().unwrap()).await }))
    }
}

#[span("agent:answer", skip_all)]
async fn ask(runner: &Runner) -> Result<usize, String> {
    let question = Content::new("user").with_text("how long is the word?");
    let mut events = runner.run_str("user", "session", question).await.map_err(|error| error.to_string())?;
    let mut count = 0;
    while let Some(event) = events.next().await {
        event.map_err(|error| error.to_string())?;
        count += 1;
    }
    Ok(count)
}

async fn asked(answers: Vec<Part>) -> (Result<usize, String>, Trace) {
    let sessions = InMemorySessionService::new();
    let session = CreateRequest {
        app_name: "test".to_owned(),
        user_id: "user".to_owned(),
        session_id: Some("session".to_owned()),
        state: std::collections::HashMap::new(),
    };
    sessions.create(session).await.unwrap();
    let agent = LlmAgentBuilder::new("helper")
        .model(Arc::new(Answers(Mutex::new(answers))))
        .tool(Arc::new(Length(AtomicUsize::new(0))))
        .build()
        .unwrap();
    let runner = Runner::builder()
        .app_name("test")
        .agent(Arc::new(agent))
        .session_service(Arc::new(sessions))
        .build()
        .unwrap();
    let recorder = Recorder::new();
    let subscriber = tracing_subscriber::registry().with(prefactor::tracing::layer());
    let _default = tracing::subscriber::set_default(subscriber);
    let answer = recorder.run_async(ask(&runner)).await;
    (answer, recorder.trace())
}

#[tokio::test]
async fn agent_has_its_model_calls_and_its_tool_with_the_annotated_work_below_it() {
    let call = Part::FunctionCall {
        name: "length".to_owned(),
        args: json!({ "word": "seven" }),
        id: Some("call-1".to_owned()),
        thought_signature: None,
    };
    let (answer, trace) = asked(vec![call, Part::Text { text: "5".to_owned() }]).await;
    answer.unwrap();
    trace.assert_outline(&[
        "agent:answer complete",
        "  agent:run complete",
        "    agent:llm_call complete",
        "    agent:tool_call complete",
        "      tool:length complete",
        "    agent:llm_call complete",
    ]);
    assert_eq!(trace.find("agent:tool_call").payload["name"], "execute_tool length");
}

#[tokio::test]
async fn call_that_fails_is_not_complete_although_its_span_says_nothing() {
    let (answer, trace) = asked(Vec::new()).await;
    answer.unwrap_err();
    assert_eq!(trace.find("agent:answer").status.to_string(), "failed");
    assert_eq!(trace.find("agent:llm_call").status.to_string(), "cancelled");
}
