#!/usr/bin/env bash
# What happens: rmcp's parameters have a public field `meta`. What a client writes there arrives, but not in that field: the handler gets
#   `params.meta = None`, also where `_meta` was on the wire, and has to look into its context. Trace contexts and progress
#   tokens that a handler reads from its parameters are therefore never there.
# The wrong guess: A field that the client fills is filled at the server, as `name` and `arguments` beside it are.
# Versions: rmcp 3.11.0
# Seen:
#   params.meta: None
#   context.meta: traceparent 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2024"

[dependencies]
rmcp = { version = "=3.11.0", default-features = false, features = ["client", "server", "transport-io"] }
tokio = { version = "1", features = ["io-util", "macros", "rt"] }
TOML
cat >src/main.rs <<'RUST'
use rmcp::model::{CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, RequestMetaObject};
use rmcp::service::{RequestContext, RoleServer};
use rmcp::{ErrorData, ServerHandler, ServiceExt};

struct Handler;

impl ServerHandler for Handler {
    async fn call_tool(
        &self,
        params: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let seen = context.meta.get_traceparent().unwrap_or("none");
        println!("params.meta: {:?}\ncontext.meta: traceparent {seen}", params.meta);
        assert!(params.meta.is_none());
        Ok(CallToolResult::success(vec![ContentBlock::text(seen)]).into())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let (one, other) = tokio::io::duplex(4096);
    tokio::spawn(async { Handler.serve(tokio::io::split(other)).await.unwrap().waiting().await });
    let client = ().serve(tokio::io::split(one)).await.unwrap();
    let mut meta = RequestMetaObject::new();
    meta.set_traceparent(parent);
    let mut params = CallToolRequestParams::new("tool");
    params.meta = Some(meta);
    let result = client.call_tool(params).await.unwrap();
    assert_eq!(result.content[0].as_text().unwrap().text, parent);
}
RUST
cargo run --quiet
