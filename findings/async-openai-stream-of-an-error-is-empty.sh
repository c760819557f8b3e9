#!/usr/bin/env bash
# What happens: A gateway that is out of capacity may answer a request for a stream with the status 200 and a JSON error, as its head was
#   sent before it asked the model. async-openai reads that body as events, finds none, and gives an empty stream: `None` at
#   once, no `Err`. The same body to a request without a stream is an error. An answer that breaks off in an orderly way ends
#   like a whole one.
# The wrong guess: Whatever is no stream of chunks is an `Err`; an empty answer means that the model said nothing.
# Versions: async-openai 0.43.0
# Seen:
#   create: Err
#   create_stream: Ok, 0 items
#   create_stream, broken off: Ok, 1 items, no Err
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
async-openai = { version = "=0.43.0", default-features = false, features = ["chat-completion"] }
futures-util = { version = "0.3", default-features = false }
tokio = { version = "1", features = ["macros", "rt"] }
TOML
cat >src/main.rs <<'RUST'
use std::io::{Read, Write};
use std::net::TcpListener;

use async_openai::config::OpenAIConfig;
use async_openai::types::chat::{ChatCompletionRequestUserMessage, CreateChatCompletionRequest, CreateChatCompletionRequestArgs};
use async_openai::Client;
use futures_util::StreamExt;

fn client(kind: &'static str, body: &'static str) -> Client<OpenAIConfig> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let _ = connection.read(&mut [0; 65536]).unwrap();
            let head = format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
            connection.write_all((head + body).as_bytes()).unwrap();
        }
    });
    Client::with_config(OpenAIConfig::new().with_api_base(url).with_api_key("none"))
}

fn question() -> CreateChatCompletionRequest {
    let question = ChatCompletionRequestUserMessage::from("why").into();
    CreateChatCompletionRequestArgs::default().model("m").messages([question]).build().unwrap()
}

async fn read(client: &Client<OpenAIConfig>) -> (usize, usize) {
    let items: Vec<_> = client.chat().create_stream(question()).await.unwrap().collect().await;
    (items.len(), items.iter().filter(|item| item.is_err()).count())
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let error = client("application/json", r#"{"error":{"message":"no capacity","type":"overloaded","param":null,"code":null}}"#);
    let whole = error.chat().create(question()).await;
    println!("create: {}", if whole.is_err() { "Err" } else { "Ok" });
    let streamed = read(&error).await;
    println!("create_stream: Ok, {} items", streamed.0);
    // Half an answer: no finish_reason, no [DONE].
    let half = client("text/event-stream", "data: {\"id\":\"a\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"The dose is 1\"}}]}\n\n");
    let broken = read(&half).await;
    println!("create_stream, broken off: Ok, {} items, {}", broken.0, if broken.1 == 0 { "no Err" } else { "an Err" });
    assert!(whole.is_err());
    assert_eq!((streamed, broken), ((0, 0), (1, 0)));
}
RUST
cargo run --quiet
