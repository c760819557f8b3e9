#!/usr/bin/env bash
# What happens: A middleware of axum that runs the request in a span, or under a task-local value, covers the handler and not the stream
#   that the handler answers with. hyper polls the stream later, on the connection's task: log lines and spans of a streamed
#   answer, most of the work of a model's proxy, belong to no request.
# The wrong guess: `next.run(request).instrument(span)` is around all work of the request.
# Versions: axum 0.8.9, tracing 0.1.44, tokio 1
# Seen:
#   handler: span request, task-local value there
#   stream: no span, task-local value missing
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
futures-util = { version = "0.3", default-features = false }
tokio = { version = "1", features = ["io-util", "macros", "net", "rt", "time"] }
tracing = { version = "0.1", default-features = false, features = ["std"] }
tracing-subscriber = { version = "0.3", default-features = false, features = ["registry", "std"] }
TOML
cat >src/main.rs <<'RUST'
use std::convert::Infallible;
use std::sync::Mutex;
use std::time::Duration;

use axum::extract::Request;
use axum::middleware::{from_fn, Next};
use axum::response::sse::{Event, Sse};
use axum::response::Response;
use futures_util::stream::{self, Stream};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tracing::{info_span, Instrument, Span};

tokio::task_local! { static USER: &'static str; }

static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn note(place: &str) {
    let span = Span::current().metadata().map_or("no span".to_owned(), |span| format!("span {}", span.name()));
    let value = if USER.try_with(|_| ()).is_ok() { "there" } else { "missing" };
    SEEN.lock().unwrap().push(format!("{place}: {span}, task-local value {value}"));
}

async fn middleware(request: Request, next: Next) -> Response {
    USER.scope("someone", next.run(request).instrument(info_span!("request"))).await
}

async fn handler() -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    note("handler");
    Sse::new(stream::once(async {
        note("stream");
        Ok(Event::default().data("a word"))
    }))
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    tracing::subscriber::set_global_default(tracing_subscriber::registry()).unwrap();
    let app = axum::Router::new().route("/", axum::routing::get(handler)).layer(from_fn(middleware));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    let mut connection = tokio::net::TcpStream::connect(address).await.unwrap();
    connection.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    assert!(answer.contains("a word"));
    while SEEN.lock().unwrap().len() < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let seen = SEEN.lock().unwrap();
    for line in seen.iter() {
        println!("{line}");
    }
    assert_eq!(
        *seen,
        [
            "handler: span request, task-local value there",
            "stream: no span, task-local value missing",
        ]
    );
}
RUST
cargo run --quiet
