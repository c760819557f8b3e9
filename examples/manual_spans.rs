//! Spans without the attribute: where there is no function to annotate, and where work moves to another thread or task.
//!
//! ```text
//! cargo run --example manual_spans
//! ```
#![expect(clippy::print_stdout, reason = "an example prints its results")]

use std::time::Duration;

use anyhow::Result;
use prefactor::{Client, Context, InstanceStatus, SpanError, SpanFutureExt as _, span};
use serde_json::json;

/// A manual span has three phases: it is made, it starts with its payload, and it ends with its result. `set_result`
/// adds to the result before the end.
fn retrieve(query: &str) -> usize {
    let retrieval = span("agent:retrieval");
    retrieval.start(&json!({ "query": query }));
    let found = 3;
    retrieval.set_result(&json!({ "found": found }));
    retrieval.complete(&json!({ "best": "notes/bridges.md" }));
    found
}

/// A span that fails says why. `finish` starts a span that was not started, with its default payload. A span that is dropped
/// unfinished is `cancelled`, unless a panic drops it.
fn call_tool() {
    let tool = span("agent:tool_call").with_default_payload(&json!({ "tool": "calculator" }));
    tool.set_error(SpanError::new("division by zero"));
    tool.finish();
}

/// A span is the parent of the spans that are made within its `in_scope` or `with_span`. Another thread or task does not know
/// it until it gets the context.
async fn run_agent() -> Result<usize> {
    let run = span("agent:run");
    run.start(&json!({ "question": "Which bridge is open?" }));
    let found = async {
        let context = Context::current();
        let thread = std::thread::spawn(move || context.in_scope(|| retrieve("bridge open today")));
        let tool = tokio::spawn(async { call_tool() }.with_current_span());
        tool.await?;
        thread.join().map_err(|_| anyhow::anyhow!("the thread panicked"))
    }
    .with_span(&run)
    .await?;
    run.complete(&json!({ "found": found }));
    Ok(found)
}

/// An agent instance is one run of an agent: the trace that its spans belong to.
#[tokio::main]
async fn main() -> Result<()> {
    let server = prefactor_local::Server::start()?;
    let client = Client::builder().api_url(server.url()).api_token(server.token()).build()?;
    let instance = client.register("researcher");
    let found = instance.scope(run_agent()).await?;
    instance.finish(InstanceStatus::Complete);
    println!("{found} notes found");
    println!("{}", client.shutdown_async(Duration::from_secs(5)).await);
    Ok(())
}
