#!/usr/bin/env bash
# What happens: async-openai reads a stream on a task of its own into a channel without a bound. A reader that is slow, or waits for
#   something else first, does not slow the server down: the whole answer is taken and kept in memory before the first item
#   is read. genai reads when it is asked, so the server waits.
# The wrong guess: A stream is pulled: without a poll nothing is read, and a slow reader makes a slow sender.
# Versions: async-openai 0.43.0, genai 0.7.2
# Seen:
#   async-openai: the server has sent all of 64 MiB, and no item was read
#   genai: the server waits before the end of 64 MiB
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
genai = { version = "=0.7.2", default-features = false }
tokio = { version = "1", features = ["macros", "rt-multi-thread", "time"] }
TOML
cat >src/main.rs <<'RUST'
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::Arc;
use std::time::Duration;

use async_openai::config::OpenAIConfig;
use async_openai::types::chat::{ChatCompletionRequestUserMessage, CreateChatCompletionRequestArgs};
use futures_util::StreamExt;
use genai::chat::{ChatMessage, ChatRequest};
use genai::resolver::{AuthData, Endpoint, ServiceTargetResolver};
use genai::{adapter::AdapterKind, ModelIden, ServiceTarget};

/// A server that streams 64 MiB, and says when all of it has gone.
fn serve() -> (String, Arc<AtomicBool>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    let has_sent = Arc::new(AtomicBool::new(false));
    let sent = has_sent.clone();
    std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let _ = connection.read(&mut [0; 65536]).unwrap();
        connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n").unwrap();
        let word = "x".repeat(1 << 16);
        let event = format!("data: {{\"id\":\"a\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{word}\"}}}}]}}\n\n");
        for _ in 0..1024 {
            if connection.write_all(event.as_bytes()).is_err() {
                return;
            }
        }
        sent.store(true, SeqCst);
    });
    (url, has_sent)
}

/// Whether the server gets rid of all of it while nobody reads.
async fn is_taken(has_sent: &AtomicBool) -> bool {
    for _ in 0..100 {
        if has_sent.load(SeqCst) {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    false
}

#[tokio::main]
async fn main() {
    let (url, has_sent) = serve();
    let client = async_openai::Client::with_config(OpenAIConfig::new().with_api_base(url).with_api_key("none"));
    let question = ChatCompletionRequestUserMessage::from("why").into();
    let request = CreateChatCompletionRequestArgs::default().model("m").messages([question]).build().unwrap();
    let stream = client.chat().create_stream(request).await.unwrap();
    let openai = is_taken(&has_sent).await;
    println!("async-openai: the server {}", if openai { "has sent all of 64 MiB, and no item was read" } else { "waits" });
    drop(stream);

    let (url, has_sent) = serve();
    let resolver = ServiceTargetResolver::from_resolver_fn(move |target: ServiceTarget| -> Result<_, genai::resolver::Error> {
        let model = ModelIden::new(AdapterKind::OpenAI, target.model.model_name);
        Ok(ServiceTarget { endpoint: Endpoint::from_owned(format!("{url}/")), auth: AuthData::from_single("none"), model })
    });
    let client = genai::Client::builder().with_service_target_resolver(resolver).build().unwrap();
    let request = ChatRequest::new(vec![ChatMessage::user("why")]);
    let mut stream = client.exec_chat_stream("m", request, None).await.unwrap().stream;
    // `Start`, and the first word: only then the request was sent.
    stream.next().await.unwrap().unwrap();
    stream.next().await.unwrap().unwrap();
    let genai = is_taken(&has_sent).await;
    println!("genai: the server {}", if genai { "has sent all" } else { "waits before the end of 64 MiB" });
    assert_eq!((openai, genai), (true, false));
}
RUST
cargo run --quiet
