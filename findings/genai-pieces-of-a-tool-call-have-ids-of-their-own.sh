#!/usr/bin/env bash
# What happens: genai's stream gives a tool call in pieces. The first has the id that the server gave, the next ones have an id that genai
#   makes of the index, and no name. Pieces that are joined by their `call_id`, the only key there is, become two calls: one
#   without its arguments, and one without a name, whose id the server does not know. Whole calls come with the last item, if
#   `with_capture_tool_calls(true)` was asked for.
# The wrong guess: Pieces of one call have its id; what is called `call_id` came from the server.
# Versions: genai 0.7.2
# Seen:
#   call_id="call_abc" name="weather" arguments="{\"city\":"
#   call_id="call_0" name="" arguments="\"Oslo\"}"
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"

[dependencies]
futures-util = { version = "0.3", default-features = false }
genai = { version = "=0.7.2", default-features = false }
tokio = { version = "1", features = ["macros", "rt"] }
TOML
cat >src/main.rs <<'RUST'
use std::io::{Read, Write};
use std::net::TcpListener;

use futures_util::StreamExt;
use genai::adapter::AdapterKind;
use genai::chat::{ChatMessage, ChatRequest, ChatStreamEvent};
use genai::resolver::{AuthData, Endpoint, ServiceTargetResolver};
use genai::{Client, ModelIden, ServiceTarget};

/// As OpenAI streams a call: id and name with the first piece only.
const EVENTS: &str = r#"data: {"id":"a","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","tool_calls":[{"index":0,"id":"call_abc","type":"function","function":{"name":"weather","arguments":"{\"city\":"}}]}}]}

data: {"id":"a","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"Oslo\"}"}}]}}]}

data: {"id":"a","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}

data: [DONE]

"#;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let _ = connection.read(&mut [0; 65536]).unwrap();
        let head = format!("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: {}\r\n\r\n", EVENTS.len());
        connection.write_all((head + EVENTS).as_bytes()).unwrap();
    });
    let resolver = ServiceTargetResolver::from_resolver_fn(move |target: ServiceTarget| -> Result<_, genai::resolver::Error> {
        let model = ModelIden::new(AdapterKind::OpenAI, target.model.model_name);
        Ok(ServiceTarget { endpoint: Endpoint::from_owned(url.clone()), auth: AuthData::from_single("none"), model })
    });
    let client = Client::builder().with_service_target_resolver(resolver).build().unwrap();
    let request = ChatRequest::new(vec![ChatMessage::user("why")]);
    let mut stream = client.exec_chat_stream("m", request, None).await.unwrap().stream;
    let mut pieces = Vec::new();
    while let Some(item) = stream.next().await {
        if let ChatStreamEvent::ToolCallChunk(piece) = item.unwrap() {
            let call = piece.tool_call;
            println!("call_id={:?} name={:?} arguments={}", call.call_id, call.fn_name, call.fn_arguments);
            pieces.push((call.call_id, call.fn_name));
        }
    }
    assert_eq!(pieces, [("call_abc".into(), "weather".into()), ("call_0".into(), String::new())]);
}
RUST
cargo run --quiet
