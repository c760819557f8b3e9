//! adk-rust 2.3.0: its runner, model calls and tools, with a model that is written here. Its spans have names and fields of their own.
#![expect(clippy::unwrap_used, reason = "a failed step ends the test")]

mod report;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use adk_agent::LlmAgentBuilder;
use adk_core::{
    AdkError, Content, FinishReason, Llm, LlmRequest, LlmResponse, LlmResponseStream, Part, Tool, ToolContext,
};
use adk_runner::Runner;
use adk_session::{CreateRequest, InMemorySessionService, SessionService};
use futures_util::{StreamExt as _, stream};
use prefactor::span;
use prefactor::testing::Trace;
use report::recorded;
use serde_json::{Value, json};

/// The model's reaction to a request.
enum Given {
    /// An answer in so many pieces.
    Parts(Vec<Part>),
    /// No answer. The flag is set once the model is asked.
    Never(Arc<AtomicBool>),
}

/// A model that gives its answers one after another, and then fails.
struct Answers(Mutex<Vec<Given>>);

#[async_trait::async_trait]
impl Llm for Answers {
    fn name(&self) -> &'static str {
        "small-1"
    }

    async fn generate_content(&self, _: LlmRequest, _: bool) -> adk_core::Result<LlmResponseStream> {
        let given = {
            let mut answers = self.0.lock().unwrap();
            if answers.is_empty() {
                return Err(AdkError::model("the model is away"));
            }
            answers.remove(0)
        };
        let answer = |part: Part, is_last: bool| {
            let mut content = Content::new("model");
            content.parts.push(part);
            LlmResponse {
                content: Some(content),
                finish_reason: is_last.then_some(FinishReason::Stop),
                partial: !is_last,
                turn_complete: is_last,
                ..LlmResponse::default()
            }
        };
        let answers = match given {
            Given::Parts(parts) => {
                let last = parts.len() - 1;
                let pieces = parts.into_iter().enumerate();
                pieces.map(|(number, part)| Ok(answer(part, number == last))).collect::<Vec<_>>()
            }
            Given::Never(is_asked) => {
                is_asked.store(true, Ordering::Relaxed);
                std::future::pending().await
            }
        };
        Ok(Box::pin(stream::iter(answers)))
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

/// A tool that fails.
struct Refuse;

#[async_trait::async_trait]
impl Tool for Refuse {
    fn name(&self) -> &'static str {
        "refuse"
    }

    fn description(&self) -> &'static str {
        "Refuses"
    }

    async fn execute(&self, _: Arc<dyn ToolContext>, _: Value) -> adk_core::Result<Value> {
        Err(AdkError::tool("it is forbidden"))
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

/// An agent with a model that gives these answers.
async fn runner(answers: Vec<Given>) -> Runner {
    runner_of(answers, 10).await
}

/// The same, with a limit of its turns.
async fn runner_of(answers: Vec<Given>, max_iterations: u32) -> Runner {
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
        .tool(Arc::new(Refuse))
        .max_iterations(max_iterations)
        .build()
        .unwrap();
    Runner::builder()
        .app_name("test")
        .agent(Arc::new(agent))
        .session_service(Arc::new(sessions))
        .build()
        .unwrap()
}

async fn asked(answers: Vec<Given>) -> (Result<usize, String>, Trace) {
    let runner = runner(answers).await;
    recorded(ask(&runner)).await
}

fn text(words: &[&str]) -> Given {
    Given::Parts(words.iter().map(|word| Part::Text { text: (*word).to_owned() }).collect())
}

/// A call of a tool.
fn call(tool: &str) -> Given {
    Given::Parts(vec![Part::FunctionCall {
        name: tool.to_owned(),
        args: json!({ "word": "seven" }),
        id: Some("call-1".to_owned()),
        thought_signature: None,
    }])
}

#[tokio::test]
async fn tool_that_fails_is_failed_and_its_agent_goes_on() {
    let (answer, trace) = asked(vec![call("refuse"), text(&["it refused"])]).await;
    answer.unwrap();
    trace.assert_outline(&[
        "agent:answer complete",
        "  agent:run complete",
        "    agent:llm_call complete",
        "    agent:tool_call failed",
        "    agent:llm_call complete",
    ]);
    let error = trace.find("agent:tool_call").error.as_ref().unwrap();
    assert!(error.message.contains("it is forbidden"), "{error:?}");
}

#[tokio::test]
async fn agent_that_fails_after_a_tool_is_failed_and_the_tool_is_not() {
    let (answer, trace) = asked(vec![call("length")]).await;
    answer.unwrap_err();
    trace.assert_outline(&[
        "agent:answer failed",
        "  agent:run failed",
        "    agent:llm_call complete",
        "    agent:tool_call complete",
        "      tool:length complete",
        "    agent:llm_call failed",
    ]);
}

#[tokio::test]
async fn agent_that_takes_too_many_turns_fails_and_its_tool_does_not() {
    let runner = runner_of(vec![call("length"), call("length")], 1).await;
    let (answer, trace) = recorded(ask(&runner)).await;
    answer.unwrap_err();
    trace.assert_outline(&[
        "agent:answer failed",
        "  agent:run failed",
        "    agent:llm_call complete",
        "    agent:tool_call complete",
        "      tool:length complete",
    ]);
}

#[tokio::test]
async fn agent_has_its_model_calls_and_its_tool_with_the_annotated_work_below_it() {
    let (answer, trace) = asked(vec![call("length"), text(&["5"])]).await;
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
async fn call_that_fails_is_failed_with_its_agent_although_its_span_says_nothing() {
    let (answer, trace) = asked(Vec::new()).await;
    answer.unwrap_err();
    trace.assert_outline(&["agent:answer failed", "  agent:run failed", "    agent:llm_call failed"]);
}

#[tokio::test]
async fn answer_in_pieces_is_one_call() {
    let (answer, trace) = asked(vec![text(&["be", "cause"])]).await;
    answer.unwrap();
    trace.assert_outline(&["agent:answer complete", "  agent:run complete", "    agent:llm_call complete"]);
}

#[tokio::test]
async fn run_that_is_dropped_is_cancelled() {
    let is_asked = Arc::new(AtomicBool::new(false));
    let runner = runner(vec![Given::Never(Arc::clone(&is_asked))]).await;
    let asked = async {
        while !is_asked.load(Ordering::Relaxed) {
            tokio::task::yield_now().await;
        }
    };
    let ((), trace) = recorded(async {
        tokio::select! {
            _ = ask(&runner) => panic!("there is no answer"),
            () = asked => {}
        }
    })
    .await;
    trace.assert_outline(&[
        "agent:answer cancelled",
        "  agent:run cancelled",
        "    agent:llm_call cancelled",
    ]);
}

#[tokio::test]
async fn concurrent_runs_stay_with_their_own_callers() {
    let runners = [
        runner(vec![text(&["a"])]).await,
        runner(vec![text(&["b"])]).await,
        runner(vec![text(&["c"])]).await,
    ];
    let [first, second, third] = &runners;
    let (answers, trace) =
        Box::pin(recorded(async { tokio::join!(ask(first), ask(second), ask(third)) })).await;
    assert!(answers.0.is_ok() && answers.1.is_ok() && answers.2.is_ok(), "{answers:?}");
    let one = ["agent:answer complete", "  agent:run complete", "    agent:llm_call complete"];
    trace.assert_outline(&one.repeat(3));
}
