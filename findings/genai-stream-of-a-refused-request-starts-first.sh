#!/usr/bin/env bash
# What happens: genai's exec_chat_stream sends nothing. It returns Ok at once; the request goes out at the first poll, whose item is
#   `Start` whatever the server says. A refusal (401, 429) is the second item. A stream that is never polled costs nothing.
# The wrong guess: After an await that returned Ok, and a `Start`, the server has taken the request; the time between the
#   call and `Start` is the time until the server answered.
# Versions: genai 0.7.2
# Seen:
#   after exec_chat_stream: Ok, 0 requests
#   item 1: Ok(Start), 0 requests
#   item 2: Err, 1 requests
#   the end
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
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::Arc;

use futures_util::StreamExt;
use genai::adapter::AdapterKind;
use genai::chat::{ChatMessage, ChatRequest};
use genai::resolver::{AuthData, Endpoint, ServiceTargetResolver};
use genai::{Client, ModelIden, ServiceTarget};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1/", listener.local_addr().unwrap());
    let requests = Arc::new(AtomicUsize::new(0));
    let seen = requests.clone();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let _ = connection.read(&mut [0; 65536]).unwrap();
            seen.fetch_add(1, SeqCst);
            let body = r#"{"error":{"message":"slow down"}}"#;
            let head = format!("HTTP/1.1 429 x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
            connection.write_all((head + body).as_bytes()).unwrap();
        }
    });
    let resolver = ServiceTargetResolver::from_resolver_fn(move |target: ServiceTarget| -> Result<_, genai::resolver::Error> {
        let model = ModelIden::new(AdapterKind::OpenAI, target.model.model_name);
        Ok(ServiceTarget { endpoint: Endpoint::from_owned(url.clone()), auth: AuthData::from_single("none"), model })
    });
    let client = Client::builder().with_service_target_resolver(resolver).build().unwrap();
    let request = ChatRequest::new(vec![ChatMessage::user("why")]);
    let mut stream = client.exec_chat_stream("m", request, None).await.expect("Ok, although the server will refuse").stream;
    let mut seen = vec![("Ok".to_owned(), requests.load(SeqCst))];
    println!("after exec_chat_stream: Ok, {} requests", requests.load(SeqCst));
    while let Some(item) = stream.next().await {
        let shown = item.map_or("Err".to_owned(), |event| format!("Ok({event:?})"));
        println!("item {}: {shown}, {} requests", seen.len(), requests.load(SeqCst));
        seen.push((shown, requests.load(SeqCst)));
    }
    println!("the end");
    assert_eq!(seen, [("Ok".into(), 0), ("Ok(Start)".into(), 0), ("Err".into(), 1)]);
}
RUST
cargo run --quiet
