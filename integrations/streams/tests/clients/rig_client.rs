//! rig: a stream is complete by its `FinalResponse`.

use rig::agent::StreamingResult;
use rig::providers::openai::OpenAIConfig;
use rig::{Agent, AgentBuilder};

use prefactor::span;
use prefactor::testing::RecordedSpan;
use prefactor_foreign_integrations::{Answer, Model, stream};
use prefactor_streams as readers;
use serde_json::json;

use super::{read, read_at_once};

#[span("agent:llm_call", skip_all, stream(with = readers::rig::Answer))]
fn ask(agent: &Agent) -> StreamingResult {
    agent.prompt("why?").stream()
}

fn agent(model: &Model) -> Agent {
    let client = OpenAIConfig::new("none").with_base_url(model.url.trim_end_matches('/')).client();
    AgentBuilder::new(client.chat("small-1")).name("helper").build()
}

async fn asked(answer: Answer, limit: usize) -> RecordedSpan {
    let model = Model::serve(vec![answer]);
    let agent = agent(&model);
    read(limit, async || ask(&agent)).await
}

#[tokio::test]
async fn stream_is_complete_by_its_final_response_and_else_not() {
    let whole = asked(stream(&["be", "cause"]), 100).await;
    assert_eq!(whole.status.to_string(), "complete");
    assert_eq!(whole.result["output"]["text"], "because");
    assert_eq!(whole.result["token_usage"]["completion_tokens"], 5);

    for answer in [
        Answer::Events(stream(&["be", "cause"]).first(1)),
        Answer::Cut(stream(&["be", "cause"]).first(1)),
        Answer::Whole(200, json!({ "error": { "message": "busy" } })),
    ] {
        let shown = format!("{answer:?}");
        assert_eq!(asked(answer, 100).await.status.to_string(), "failed", "{shown}");
    }
    let left = asked(Answer::Open(stream(&["be", "cause"]).first(1)), 1).await;
    assert_eq!(left.status.to_string(), "cancelled");
}

#[tokio::test]
async fn concurrent_streams_stay_with_their_own_callers() {
    read_at_once(100, async |word| ask(&agent(&Model::serve(vec![stream(&[word])])))).await;
}
