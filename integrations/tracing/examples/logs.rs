//! Log lines that stand in the steps of the agent that wrote them, with the ids by which the trace page finds them.
//!
//! `cargo run -p prefactor-tracing --example logs`
//!
//! The recorder keeps the spans in memory. A program calls `prefactor::init()` instead.

use prefactor::span;
use prefactor::testing::Recorder;

#[span("agent:llm_call")]
async fn ask(question: &str) -> usize {
    tracing::info!("asking");
    tokio::task::yield_now().await;
    tracing::info!("answered");
    question.len()
}

#[span("agent:run")]
async fn agent() -> usize {
    tracing::info!("two questions");
    ask("why").await + ask("where").await
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    tracing_subscriber::fmt().without_time().init();
    prefactor_tracing::open_spans();
    let recorder = Recorder::new();
    recorder.run_async(agent()).await;
    recorder.trace().assert_outline(&[
        "agent:run complete",
        "  agent:llm_call complete",
        "  agent:llm_call complete",
    ]);
}
