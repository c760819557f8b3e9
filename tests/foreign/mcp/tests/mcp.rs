//! Python's client sends its own span in `_meta` by itself; our server's span is linked to it by its ids.
//!
//! It has a `main` of its own, so that it can be started again as the server.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a failed step ends the test, and the result is printed"
)]

use std::process::{Command, Stdio};
use std::time::Duration;

use prefactor::rmcp::SpanServer;
use prefactor::span;
use prefactor_local::Server;
use prefactor_tests::stored::{StoredSpan, list};
use rmcp::handler::server::wrapper::Parameters;
use rmcp::{ServerHandler, ServiceExt as _, tool, tool_handler, tool_router};
use serde_json::Value;

/// The variable of the server's process.
const IS_SERVER: &str = "PREFACTOR_TEST_SERVER";

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

async fn serve() {
    let prefactor = prefactor::init().unwrap();
    let server = SpanServer::new(Words).join_callers(&prefactor).run_per_call(&prefactor, |_| "words".into());
    server.serve(rmcp::transport::stdio()).await.unwrap().waiting().await.unwrap();
    assert!(prefactor.shutdown(Duration::from_secs(60)).is_complete);
}

fn call() {
    let folders = prefactor_foreign_support::folders!();
    let Some(printed) = folders.install() else { return };
    let server = Server::start().unwrap();
    let output = Command::new(&printed[0])
        .arg(folders.source("client.py"))
        .arg(std::env::current_exe().unwrap())
        .env(IS_SERVER, "1")
        .env("PREFACTOR_API_URL", server.url())
        .env("PREFACTOR_API_TOKEN", server.token())
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(output.status.success());
    let seen: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(seen["text"], "5");

    let spans: Vec<StoredSpan> = list(&server, "agent_spans");
    let find = |kind: &str| spans.iter().find(|span| span.schema_name == kind).unwrap();
    let call = find("mcp:serve_tool_call");
    assert_eq!(find("tool:length").parent_span_id.as_ref(), Some(&call.id));
    assert_eq!(call.parent_span_id, None, "the API does not know the caller's span");

    let theirs = seen["spans"].as_array().unwrap();
    let theirs = theirs.iter().find(|span| span["name"].as_str().unwrap().contains("tools/call")).unwrap();
    assert_eq!(call.payload["remote_parent"]["trace_id"], theirs["trace_id"]);
    assert_eq!(call.payload["remote_parent"]["span_id"], theirs["span_id"]);
    assert_eq!(call.payload["arguments"]["word"], "seven");
    assert!(call.payload.get("_meta").is_none(), "{}", call.payload);
    println!("{} calls us as {}", theirs["name"], call.payload["remote_parent"]);
}

fn main() {
    if std::env::var_os(IS_SERVER).is_some() {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(serve());
    } else if !std::env::args().any(|argument| argument == "--list") {
        call();
    }
}
