#!/usr/bin/env bash
# What happens: TraceLayer::new_for_http calls on_eos when a streamed answer ends, and nothing when it does not: on_failure is silent
#   for a body that breaks with an error, as for one that is dropped because the client has gone. Its classifier has decided at
#   the head.
# The wrong guess: Each response that on_response was told of has an end: on_eos where it was read, on_failure where it broke.
# Versions: axum 0.8.9, tower-http 0.6.11
# Seen:
#   ends: ["response", "end"]
#   breaks: ["response"]
#   goes-on: ["response"]
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
tokio = { version = "1", features = ["io-util", "macros", "net", "rt", "sync", "time"] }
tower-http = { version = "=0.6.11", features = ["trace"] }
TOML
cat >src/main.rs <<'RUST'
use axum::body::{Body, Bytes};
use axum::{extract::Path, http::HeaderMap, response::Response, routing::get, Router};
use futures_util::stream;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tower_http::{classify::ServerErrorsFailureClass, trace::TraceLayer};

/// Says that the body it lives in was dropped.
struct Dropped(Arc<tokio::sync::Notify>);
impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let heard: Arc<Mutex<Vec<&'static str>>> = Arc::default();
    let dropped = Arc::new(tokio::sync::Notify::new());
    let body = {
        let dropped = dropped.clone();
        move |Path(kind): Path<String>| {
            let start = (0, kind, Dropped(dropped.clone()));
            let chunks = stream::unfold(start, |(number, kind, alive)| async move {
                tokio::time::sleep(Duration::from_millis(5)).await;
                let chunk = match (&*kind, number) {
                    ("ends", 2) => return None,
                    ("breaks", 2) => Err("broken"),
                    _ => Ok(Bytes::from_static(&[b'x'; 1000])),
                };
                Some((chunk, (number + 1, kind, alive)))
            });
            async move { Response::new(Body::from_stream(chunks)) }
        }
    };
    let say = |what: &'static str| {
        let heard = heard.clone();
        move || heard.lock().unwrap().push(what)
    };
    let (response, end, failure) = (say("response"), say("end"), say("failure"));
    let layer = TraceLayer::new_for_http()
        .on_response(move |_: &Response, _: Duration, _: &_| response())
        .on_eos(move |_: Option<&HeaderMap>, _: Duration, _: &_| end())
        .on_failure(move |_: ServerErrorsFailureClass, _: Duration, _: &_| failure());
    let routes = Router::new()
        .route("/{kind}", get(body))
        .layer(layer);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, routes).await });

    let ask = |kind: &'static str| async move {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        stream.write_all(format!("GET /{kind} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").as_bytes()).await.unwrap();
        let _ = stream.read(&mut [0; 1500]).await.unwrap();
        stream
    };
    for kind in ["ends", "breaks", "goes-on"] {
        let mut reader = ask(kind).await;
        if kind != "goes-on" {
            let _ = reader.read_to_end(&mut Vec::new()).await;
        }
        drop(reader);
        dropped.notified().await;
        tokio::task::yield_now().await;
        let heard = std::mem::take(&mut *heard.lock().unwrap());
        println!("{kind}: {heard:?}");
        let expected: &[&str] = if kind == "ends" { &["response", "end"] } else { &["response"] };
        assert_eq!(heard, expected);
    }
}
RUST
cargo run --quiet
