#!/usr/bin/env bash
# What happens: reqwest-eventsource reconnects when a stream of events has come to its orderly end: it sends the same POST again,
#   with the same body, also after `[DONE]`, until the reader closes it. async-anthropic, which is built on it, does so within
#   one stream of items where an answer breaks off: the text begins anew without a mark, and each answer is paid for.
# The wrong guess: A stream ends when the response does. (Reconnecting is what browsers do, for GET.)
# Versions: reqwest-eventsource 0.6.0, reqwest 0.12.28
# Seen:
#   Open, Message(hello), Message([DONE]), Err(Stream ended), Open, Message(hello), Message([DONE]), Err(Stream ended), Open
#   3 requests, each with the body {"question":"why"}
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
reqwest = { version = "=0.12.28", default-features = false, features = ["json"] }
reqwest-eventsource = "=0.6.0"
tokio = { version = "1", features = ["macros", "rt", "time"] }
TOML
cat >src/main.rs <<'RUST'
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use futures_util::StreamExt;
use reqwest_eventsource::{Event, EventSource};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let bodies = Arc::new(Mutex::new(Vec::new()));
    let seen = bodies.clone();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let mut reader = BufReader::new(&connection);
            let (mut line, mut length) = (String::new(), 0);
            while reader.read_line(&mut line).unwrap() > 2 {
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                line.clear();
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            seen.lock().unwrap().push(String::from_utf8(body).unwrap());
            let body = "data: hello\n\ndata: [DONE]\n\n";
            let head = format!("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
            connection.write_all((head + body).as_bytes()).unwrap();
        }
    });
    let request = reqwest::Client::new().post(url).header("content-type", "application/json").body(r#"{"question":"why"}"#);
    let mut events = EventSource::new(request).unwrap();
    let mut shown = Vec::new();
    while shown.iter().filter(|event| *event == "Open").count() < 3 {
        shown.push(match events.next().await.expect("it has no end") {
            Ok(Event::Open) => "Open".to_owned(),
            Ok(Event::Message(message)) => format!("Message({})", message.data),
            Err(error) => format!("Err({error})"),
        });
    }
    events.close();
    println!("{}", shown.join(", "));
    let bodies = bodies.lock().unwrap();
    println!("{} requests, each with the body {}", bodies.len(), bodies[0]);
    assert_eq!(bodies.len(), 3);
    assert!(bodies.iter().all(|body| *body == bodies[0]));
    assert_eq!(shown.iter().filter(|event| *event == "Message([DONE])").count(), 2);
}
RUST
cargo run --quiet
