//! The scenario of `tests/foreign/official_sdk/agent.py`, which runs on the official Python SDK, in Rust: spans that end in each way,
//! three deep.
//!
//! ```text
//! cargo run --example agent_e2e
//! ```
//!
//! With `PREFACTOR_API_TOKEN` set, it reports to the server that the environment names.
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::time::Duration;

use anyhow::Result;
use prefactor::{Agent, AgentInstance, Client, InstanceStatus, SpanStatus, span};
use prefactor_local::Server;
use serde_json::json;

/// Spans that end in each way that the official SDK has, three deep.
fn every_end(run: &AgentInstance) {
    let outer = run.span("agent:run");
    let question = json!({ "question": "wie groß?", "nested": { "list": [1, 2.5, null, true] }, "count": (1_u64 << 53) + 1 });
    let entered = outer.start_as_current(&question);

    let llm = span("agent:llm");
    llm.start(&json!({ "model": "m" }));
    llm.set_result(&json!({ "tokens": 1 }));
    llm.complete(&json!({ "tokens": 42, "text": "🦀" }));

    let tool = span("agent:tool");
    tool.start(&json!({}));
    tool.in_scope(|| {
        let lookup = span("agent:lookup").with_default_payload(&json!({ "by": "default" }));
        lookup.set_result(&json!({ "found": false }));
    });
    tool.fail(&json!({ "error": { "error_type": "KeyError", "message": "'key'" } }));

    span("agent:unneeded").cancel();
    let given_up = span("agent:given_up");
    given_up.start(&json!({ "url": "/slow" }));
    given_up.cancel();
    drop(span("agent:unstarted"));

    // A span that outlives the block, below one that has ended.
    let detached = llm.in_scope(|| run.create_span("agent:detached", &json!({ "a": 1 })));
    if let Some(detached) = detached {
        run.finish_span(&detached, SpanStatus::Complete, &json!({ "b": 2 }));
    }
    drop(entered);
    outer.complete(&json!({ "answer": 1 }));
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    // Without an account, a server in this process takes the spans.
    let server = std::env::var_os("PREFACTOR_API_TOKEN").is_none().then(Server::start).transpose()?;
    let builder = match &server {
        Some(server) => Client::builder().api_url(server.url()).api_token(server.token()),
        None => Client::builder(),
    };
    let client = builder.build()?;
    let run = client.register(Agent::new("visitor").with_version("1.2.3"));
    run.start();
    every_end(&run);
    run.finish(InstanceStatus::Complete);
    let report = client.shutdown_async(Duration::from_secs(30)).await;
    println!("run {}: {report}", run.id().unwrap_or_default());
    Ok(())
}
