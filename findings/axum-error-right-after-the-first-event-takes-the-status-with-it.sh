#!/usr/bin/env bash
# What happens: A stream of an axum handler that fails right after its first event sends nothing at all: no status, no headers, no
#   event. hyper has all of it in its buffer when the error comes, and drops it with the connection. With a pause before the
#   error, the client gets the status 200 and the event, and then a body that breaks off.
# The wrong guess: What a stream yielded before its error reaches the client; a response whose head was made is at least seen.
# Versions: axum 0.8.9, hyper 1.12.0
# Seen:
#   error at once: 0 bytes
#   error after a pause: HTTP/1.1 200 OK, with the event, without an end
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
axum = { version = "=0.8.9", default-features = false, features = ["http1", "tokio"] }
hyper = "=1.12.0"
futures-util = { version = "0.3", default-features = false }
tokio = { version = "1", features = ["io-util", "macros", "net", "rt", "time"] }
TOML
cat >src/main.rs <<'RUST'
use std::io;
use std::time::Duration;

use axum::response::sse::{Event, Sse};
use axum::routing::get;
use futures_util::stream;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// One event, then an error, after a pause.
fn events(pause: Duration) -> impl stream::Stream<Item = io::Result<Event>> {
    stream::unfold(0, move |number| async move {
        match number {
            0 => Some((Ok(Event::default().data("the first word")), 1)),
            1 => {
                if !pause.is_zero() {
                    tokio::time::sleep(pause).await;
                }
                Some((Err(io::Error::other("the model is away")), 2))
            }
            _ => None,
        }
    })
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let app = axum::Router::new()
        .route("/at-once", get(|| async { Sse::new(events(Duration::ZERO)) }))
        .route("/pause", get(|| async { Sse::new(events(Duration::from_millis(300))) }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    let mut answers = Vec::new();
    for path in ["/at-once", "/pause"] {
        let mut connection = tokio::net::TcpStream::connect(address).await.unwrap();
        connection.write_all(format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes()).await.unwrap();
        let mut answer = String::new();
        // The end of the connection, in whatever way.
        let _ = connection.read_to_string(&mut answer).await;
        answers.push(answer);
    }
    println!("error at once: {} bytes", answers[0].len());
    let has = |text| if answers[1].contains(text) { "with" } else { "without" };
    let status = answers[1].lines().next().unwrap_or_default();
    println!("error after a pause: {status}, {} the event, {} an end", has("the first word"), has("\r\n0\r\n\r\n"));
    assert_eq!(answers[0], "");
    assert_eq!((status, has("the first word"), has("\r\n0\r\n\r\n")), ("HTTP/1.1 200 OK", "with", "without"));
}
RUST
cargo run --quiet
