//! A client and a server of the Model Context Protocol, over a pipe: the server's work is below the client's call.
//!
//! `cargo run --manifest-path tests/foreign/Cargo.toml -p prefactor-rmcp --example tools`
//!
//! The recorder keeps the spans in memory. Programs call `prefactor::init()` instead, each in its own process.

use std::error::Error;

use prefactor::span;
use prefactor::testing::Recorder;
use prefactor_rmcp::{SpanServer, call};
use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::CallToolRequestParams;
use rmcp::{ServerHandler, ServiceExt as _, tool, tool_handler, tool_router};
use serde_json::json;

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Word {
    word: String,
}

#[derive(Clone)]
struct Words;

#[span("tool:length")]
fn length(word: &str) -> usize {
    word.len()
}

#[tool_router]
impl Words {
    #[tool(description = "The length of a word")]
    async fn length(&self, Parameters(Word { word }): Parameters<Word>) -> String {
        length(&word).to_string()
    }
}

#[tool_handler]
impl ServerHandler for Words {}

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "an example prints its spans")]
async fn main() -> Result<(), Box<dyn Error>> {
    let (one, other) = tokio::io::duplex(4096);
    let recorder = Recorder::new();
    let server = SpanServer::new(Words).join_callers(recorder.client());
    tokio::spawn(async move {
        if let Ok(running) = server.serve(tokio::io::split(other)).await {
            let _ = running.waiting().await;
        }
    });
    let client = ().serve(tokio::io::split(one)).await?;
    let arguments = json!({ "word": "seven" }).as_object().cloned().unwrap_or_default();
    let params = CallToolRequestParams::new("length").with_arguments(arguments);
    recorder.run_async(call(params, |params| client.call_tool(params))).await?;
    print!("{}", recorder.trace());
    Ok(())
}
