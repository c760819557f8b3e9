//! The end-to-end example of the official Python SDK (`examples/agent_e2e.py` in the sources of `prefactor-core` 0.5.3) in Rust: the
//! same schemas, spans, payloads and results. `tests/foreign/official_sdk` compares what both have stored.
//!
//! ```text
//! cargo run --example agent_e2e
//! ```
//!
//! With `PREFACTOR_API_TOKEN` set, it reports to the server that the environment names.
#![expect(clippy::print_stdout, reason = "an example prints its results")]

use std::time::Duration;

use anyhow::Result;
use prefactor::schema::{SchemaRegistry, SpanType};
use prefactor::{Agent, AgentInstance, Client, InstanceStatus, span};
use prefactor_local::Server;
use serde_json::{Value, json};
use tokio::time::sleep;

const MODEL: &str = "claude-3-5-sonnet";

/// An object whose members must all be there: names, types and descriptions.
fn object(members: &[(&str, Value, &str)]) -> Value {
    let described = |(name, kind, text): &(&str, Value, &str)| {
        let mut member = kind.clone();
        member["description"] = json!(text);
        ((*name).to_owned(), member)
    };
    let names: Vec<_> = members.iter().map(|(name, ..)| name).collect();
    let properties: serde_json::Map<_, _> = members.iter().map(described).collect();
    json!({ "type": "object", "properties": properties, "required": names })
}

fn schemas() -> Result<SchemaRegistry> {
    let of = |kind: &str| json!({ "type": kind });
    let texts = json!({ "type": "array", "items": { "type": "string" } });
    let mut schemas = SchemaRegistry::new();
    let run = SpanType::new("agent:run")
        .params(&object(&[("task", of("string"), "The high-level task description")]))
        .result(&object(&[("summary", of("string"), "Final summary produced by the agent")]))
        .title("Agent Run")
        .description("Top-level agent execution span")
        .template("task: {{task}} → {{summary}}");
    let ask = SpanType::new("agent:llm_call")
        .params(&object(&[
            ("model", of("string"), "Model identifier"),
            ("prompt", of("string"), "Input prompt"),
        ]))
        .result(&object(&[
            ("response", of("string"), "Model response text"),
            ("tokens", of("integer"), "Tokens consumed"),
        ]))
        .title("LLM Call")
        .description("A single invocation of a language model")
        .template("{{model}}: {{prompt}} → {{response}} ({{tokens}} tokens)");
    let tool = SpanType::new("agent:tool_call")
        .params(&object(&[
            ("tool_name", of("string"), "Name of the tool"),
            ("input", of("string"), "Tool input"),
        ]))
        .result(&object(&[
            ("output", of("string"), "Tool output"),
            ("success", of("boolean"), "Whether the tool succeeded"),
        ]))
        .title("Tool Call")
        .description("A tool invocation triggered by an LLM response")
        .template("{{tool_name}}({{input}}) → {{output}}");
    let retrieval = SpanType::new("agent:retrieval")
        .params(&object(&[("query", of("string"), "Retrieval query")]))
        .result(&object(&[
            ("documents", texts, "Retrieved document snippets"),
            ("count", of("integer"), "Number of documents retrieved"),
        ]))
        .title("Retrieval")
        .description("RAG retrieval step")
        .template("query: {{query}} → {{count}} docs");
    schemas.add(run)?.add(ask)?.add(tool)?.add(retrieval)?;
    Ok(schemas)
}

async fn model(prompt: &str) -> String {
    sleep(Duration::from_millis(50)).await;
    format!("[{MODEL}] response to: {prompt}")
}

async fn tool(name: &str, input: &str) -> Result<String, String> {
    sleep(Duration::from_millis(20)).await;
    match name {
        "database_lookup" => Err(format!("[{name}] timed out processing: {input}")),
        _ => Ok(format!("[{name}] result for: {input}")),
    }
}

async fn retrieve(query: &str) -> Vec<String> {
    sleep(Duration::from_millis(30)).await;
    (1..=3).map(|number| format!("Document {number} about '{query}'")).collect()
}

/// Calls a tool, in a span below the current one.
async fn call_tool(name: &str, input: &str) {
    let call = span("agent:tool_call");
    call.start(&json!({ "tool_name": name, "input": input }));
    match tool(name, input).await {
        Ok(output) => call.complete(&json!({ "output": output, "success": true })),
        Err(output) => call.fail(&json!({ "output": output, "success": false })),
    }
}

async fn agent(run: &AgentInstance) {
    let root = run.span("agent:run");
    root.start(&json!({ "task": "summarise recent news" }));

    let plan = root.child("agent:llm_call");
    plan.start(&json!({ "model": MODEL, "prompt": "Plan the task" }));
    let answer = model("Plan the task").await;
    plan.scope(call_tool("web_search", "recent news")).await;
    plan.scope(call_tool("database_lookup", "recent news")).await;
    plan.complete(&json!({ "response": answer, "tokens": 150 }));

    let retrieval = root.child("agent:retrieval");
    retrieval.start(&json!({ "query": "recent news" }));
    let documents = retrieve("recent news").await;
    retrieval.complete(&json!({ "documents": documents, "count": documents.len() }));

    root.child("agent:retrieval").cancel();

    let last = root.child("agent:llm_call");
    last.start(&json!({ "model": MODEL, "prompt": "Summarise" }));
    let summary = model("Summarise").await;
    last.complete(&json!({ "response": summary, "tokens": 200 }));

    root.complete(&json!({ "summary": summary }));
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let server = std::env::var_os("PREFACTOR_API_TOKEN").is_none().then(Server::start).transpose()?;
    let builder = match &server {
        Some(server) => Client::builder().api_url(server.url()).api_token(server.token()),
        None => Client::builder(),
    };
    let client = builder.schemas(schemas()?).build()?;
    let run = client.register(Agent::new("Example Agent").with_version("v8.0.0"));
    agent(&run).await;
    run.finish(InstanceStatus::Complete);
    let report = client.shutdown_async(Duration::from_secs(30)).await;
    println!("run {}: {report}", run.id().unwrap_or_default());
    Ok(())
}
