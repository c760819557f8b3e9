//! rig 0.44.0: agent, model calls and tools, beside annotated functions.

mod report;

use std::convert::Infallible;
use std::time::Duration;

use futures_util::StreamExt as _;
use prefactor::span;
use prefactor_foreign_integrations::{Answer, Model, stream, text, tool_call};
use report::recorded;
use rig::agent::MultiTurnStreamItem;
use rig::providers::openai::OpenAIConfig;
use rig::tool::{Tool, ToolContext};
use rig::{Agent, AgentBuilder};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Word {
    word: String,
}

/// A tool whose work is an annotated function.
struct Length;

#[span("tool:length")]
async fn length(word: &str) -> usize {
    word.len()
}

impl Tool for Length {
    const NAME: &'static str = "length";
    type Args = Word;
    type Output = Value;
    type Error = Infallible;

    fn description(&self) -> String {
        "The length of a word".to_owned()
    }

    fn parameters(&self) -> Value {
        json!({ "type": "object", "properties": { "word": { "type": "string" } }, "required": ["word"] })
    }

    async fn call(&self, _: &mut ToolContext, arguments: Word) -> Result<Value, Infallible> {
        Ok(json!(length(&arguments.word).await))
    }
}

/// A tool that fails.
struct Refuse;

impl Tool for Refuse {
    const NAME: &'static str = "refuse";
    type Args = Value;
    type Output = Value;
    type Error = std::io::Error;

    fn description(&self) -> String {
        "Refuses".to_owned()
    }

    fn parameters(&self) -> Value {
        json!({ "type": "object", "properties": {} })
    }

    async fn call(&self, _: &mut ToolContext, _: Value) -> Result<Value, std::io::Error> {
        Err(std::io::Error::other("it is forbidden"))
    }
}

fn agent(model: &Model) -> Agent {
    let client = OpenAIConfig::new("none").with_base_url(model.url.trim_end_matches('/')).client();
    AgentBuilder::new(client.chat("small-1"))
        .name("helper")
        .tool(Length)
        .tool(Refuse)
        .default_max_turns(3)
        .build()
}

#[span("agent:answer")]
async fn ask(agent: &Agent) -> Result<String, String> {
    let response = agent.prompt("how long is the word?").await.map_err(|error| error.to_string())?;
    Ok(response.output().clone())
}

#[tokio::test]
async fn agent_has_its_model_calls_and_its_tool_with_the_annotated_work_below_it() {
    let model = Model::serve(vec![tool_call("length", &json!({ "word": "seven" })), text("5")]);
    let (answer, trace) = recorded(ask(&agent(&model))).await;
    assert_eq!(answer.unwrap(), "5");
    assert_eq!(model.requests().len(), 2);
    trace.assert_outline(&[
        "agent:answer complete",
        "  agent:run complete",
        "    agent:llm_call complete",
        "    agent:tool_call complete",
        "      tool:length complete",
        "    agent:llm_call complete",
    ]);
    let run = trace.find("agent:run");
    assert_eq!(run.payload["name"], "invoke_agent helper");
    assert_eq!(run.result["token_usage"]["prompt_tokens"], 24, "rig sums up over the turns");
    let call = trace.find("agent:llm_call");
    assert_eq!(call.result["token_usage"]["completion_tokens"], 5);
    assert_eq!(call.result["model"], "small-1-2026");
    assert_eq!(trace.find("agent:tool_call").payload["name"], "execute_tool length");
}

#[tokio::test]
async fn call_that_fails_is_failed_with_its_agent_although_rig_says_nothing_of_it() {
    let model = Model::serve(vec![Answer::Whole(500, json!({ "error": { "message": "away" } }))]);
    let (answer, trace) = recorded(ask(&agent(&model))).await;
    answer.unwrap_err();
    trace.assert_outline(&["agent:answer failed", "  agent:run failed", "    agent:llm_call failed"]);
    let told = |name| trace.find(name).error.as_ref().map(|error| error.message.clone());
    assert_eq!(told("agent:llm_call"), told("agent:answer"));
    assert!(told("agent:llm_call").is_some_and(|message| message.contains("500")), "{trace:?}");
}

#[tokio::test]
async fn failure_that_the_function_recovers_from_leaves_the_agent_cancelled() {
    #[span("agent:answer", skip_all)]
    async fn ask_or_give_up(agent: &Agent) -> Option<String> {
        agent.prompt("why?").await.ok().map(|response| response.output().clone())
    }
    let model = Model::serve(vec![Answer::Whole(500, json!({ "error": { "message": "away" } }))]);
    let (answer, trace) = recorded(ask_or_give_up(&agent(&model))).await;
    assert_eq!(answer, None);
    trace.assert_outline(&["agent:answer complete", "  agent:run cancelled", "    agent:llm_call cancelled"]);
}

#[tokio::test]
async fn agent_that_recovers_from_a_failed_tool_is_complete() {
    let model = Model::serve(vec![tool_call("refuse", &json!({})), text("it refused")]);
    let (answer, trace) = recorded(ask(&agent(&model))).await;
    assert_eq!(answer.unwrap(), "it refused");
    trace.assert_outline(&[
        "agent:answer complete",
        "  agent:run complete",
        "    agent:llm_call complete",
        "    agent:tool_call failed",
        "    agent:llm_call complete",
    ]);
}

#[tokio::test]
async fn agent_that_takes_too_many_turns_fails_after_its_answered_calls() {
    let call = || tool_call("length", &json!({ "word": "seven" }));
    let model = Model::serve(vec![call(), call(), call(), call(), call()]);
    let (answer, trace) = recorded(ask(&agent(&model))).await;
    answer.unwrap_err();
    assert_eq!(trace.roots[0].status.to_string(), "failed");
    let run = trace.find("agent:run");
    assert_eq!(run.status.to_string(), "failed", "{trace:?}");
    let statuses: Vec<_> = run.children.iter().map(|span| span.status.to_string()).collect();
    assert!(statuses.len() > 3 && statuses.iter().all(|status| status == "complete"), "{statuses:?}");
}

#[tokio::test]
async fn stream_that_breaks_off_fails_its_agent() {
    let model = Model::serve(vec![Answer::Cut(stream(&["be", "cause"]).first(1))]);
    let (is_whole, trace) = recorded(read(&agent(&model), 100)).await;
    is_whole.unwrap_err();
    trace.assert_outline(&["agent:answer failed", "  agent:run failed", "    agent:llm_call failed"]);
}

#[tokio::test]
async fn run_that_is_dropped_is_cancelled() {
    let model = Model::serve(vec![Answer::Never]);
    let agent = agent(&model);
    let is_asked = async {
        while model.requests().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let ((), trace) = recorded(async {
        tokio::select! {
            _ = ask(&agent) => panic!("there is no answer"),
            () = is_asked => {}
        }
    })
    .await;
    trace.assert_outline(&[
        "agent:answer cancelled",
        "  agent:run cancelled",
        "    agent:llm_call cancelled",
    ]);
}

/// Reads at most `take` items of a streamed answer. Returns whether it came to its end.
#[span("agent:answer", skip_all)]
async fn read(agent: &Agent, limit: usize) -> Result<bool, String> {
    let mut items = std::pin::pin!(agent.prompt("why?").stream());
    for _ in 0..limit {
        match items.next().await {
            Some(Ok(MultiTurnStreamItem::FinalResponse(_))) => return Ok(true),
            Some(item) => drop(item.map_err(|error| error.to_string())?),
            None => return Err("it broke off".to_owned()),
        }
    }
    Ok(false)
}

#[tokio::test]
async fn stream_ends_with_its_tokens_and_one_that_is_left_is_cancelled() {
    let model = Model::serve(vec![stream(&["be", "cause"])]);
    let (is_whole, trace) = recorded(read(&agent(&model), 100)).await;
    assert_eq!(is_whole, Ok(true));
    trace.assert_outline(&["agent:answer complete", "  agent:run complete", "    agent:llm_call complete"]);
    assert_eq!(trace.find("agent:llm_call").result["token_usage"]["total_tokens"], 17);

    let model = Model::serve(vec![Answer::Open(stream(&["be", "cause"]).first(1))]);
    let (is_whole, trace) = recorded(read(&agent(&model), 1)).await;
    assert_eq!(is_whole, Ok(false));
    trace.assert_outline(&["agent:answer complete", "  agent:run cancelled", "    agent:llm_call cancelled"]);
}

#[tokio::test]
async fn concurrent_runs_stay_with_their_own_callers() {
    let model = Model::serve(vec![text("a"), text("b"), text("c")]);
    let agent = agent(&model);
    let (answers, trace) =
        Box::pin(recorded(async { tokio::join!(ask(&agent), ask(&agent), ask(&agent)) })).await;
    assert!(answers.0.is_ok() && answers.1.is_ok() && answers.2.is_ok(), "{answers:?}");
    let one = ["agent:answer complete", "  agent:run complete", "    agent:llm_call complete"];
    trace.assert_outline(&one.repeat(3));
}
