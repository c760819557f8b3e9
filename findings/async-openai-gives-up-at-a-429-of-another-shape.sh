#!/usr/bin/env bash
# What happens: async-openai's default retries need OpenAI's own JSON in a 429. Where the error's code is a number, as OpenRouter
#   writes it, or where the body is a gateway's text, the request is not sent again, whatever Retry-After says, and the
#   caller is told of a failed deserialization. A 503 with the same body is sent again.
# The wrong guess: 429 is retried, as the documentation of OpenAIRetryLayer says ("Retries 429, 5xx").
# Versions: async-openai 0.43.0
# Seen:
#   429 code as text: 2 requests, Ok
#   429 code as number: 1 requests, Err("failed to deserialize api response: error:invalid type: integer `429`, expected a string ...
#   429 plain text: 1 requests, Err("failed to deserialize api response: error:expected value at line 1 column 1 content:slow down")
#   503 plain text: 2 requests, Ok
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
tokio = { version = "1", features = ["macros", "rt"] }
TOML
cat >src/main.rs <<'RUST'
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

use async_openai::config::OpenAIConfig;
use async_openai::types::chat::{ChatCompletionRequestUserMessage, CreateChatCompletionRequestArgs};
use async_openai::Client;

const ANSWER: &str = r#"{"id":"a","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hello"},"finish_reason":"stop"}]}"#;

/// A server that refuses the first request, and answers the second.
fn serve(status: u16, body: &'static str) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    let requests = Arc::new(AtomicUsize::new(0));
    let seen = requests.clone();
    std::thread::spawn(move || {
        for (number, connection) in listener.incoming().enumerate() {
            let mut connection = connection.unwrap();
            let mut reader = BufReader::new(&connection);
            let (mut line, mut length) = (String::new(), 0);
            while reader.read_line(&mut line).unwrap() > 2 {
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                line.clear();
            }
            reader.read_exact(&mut vec![0; length]).unwrap();
            seen.fetch_add(1, Ordering::SeqCst);
            let (status, body) = if number == 0 { (status, body) } else { (200, ANSWER) };
            let head = format!("HTTP/1.1 {status} x\r\nretry-after: 1\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
            connection.write_all((head + body).as_bytes()).unwrap();
        }
    });
    (url, requests)
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let as_text = r#"{"error":{"message":"slow down","type":"rate_limit","param":null,"code":"429"}}"#;
    let as_number = r#"{"error":{"message":"slow down","code":429}}"#;
    for (what, status, body, expected) in [
        ("429 code as text", 429, as_text, 2),
        ("429 code as number", 429, as_number, 1),
        ("429 plain text", 429, "slow down", 1),
        ("503 plain text", 503, "slow down", 2),
    ] {
        let (url, requests) = serve(status, body);
        let client = Client::with_config(OpenAIConfig::new().with_api_base(url).with_api_key("none"));
        let question = ChatCompletionRequestUserMessage::from("why").into();
        let request = CreateChatCompletionRequestArgs::default().model("m").messages([question]).build().unwrap();
        let answer = client.chat().create(request).await;
        let requests = requests.load(Ordering::SeqCst);
        let shown = answer.as_ref().map_or_else(|error| format!("Err({:?})", error.to_string()), |_| "Ok".to_owned());
        println!("{what}: {requests} requests, {shown}");
        assert_eq!((requests, answer.is_ok()), (expected, expected == 2));
    }
}
RUST
cargo run --quiet
