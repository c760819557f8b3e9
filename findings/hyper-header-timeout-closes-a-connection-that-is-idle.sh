#!/usr/bin/env bash
# What happens: header_read_timeout of hyper's HTTP/1 server runs while nothing is read: a connection that was kept alive after an
#   answer is closed when the timeout has passed since, and the future of the connection ends with an error (HeaderTimeout).
#   So a short limit against slow heads is the keep-alive time of the server, too, and each idle client an error in its log.
# The wrong guess: The clock starts with the first byte of a head; between requests a connection has time.
# Versions: hyper 1.12.0, hyper-util 0.1.21
# Seen:
#   answered: true
#   then idle: closed by the server, Err(hyper::Error(HeaderTimeout))
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
http-body-util = "0.1"
hyper = { version = "=1.12.0", features = ["http1", "server"] }
hyper-util = { version = "=0.1.21", features = ["tokio"] }
tokio = { version = "1", features = ["io-util", "macros", "net", "rt", "time"] }
TOML
cat >src/main.rs <<'RUST'
use std::convert::Infallible;
use std::time::Duration;

use http_body_util::Full;
use hyper::{body::Bytes, server::conn::http1, service::service_fn, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut client = tokio::net::TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (stream, _) = listener.accept().await.unwrap();
    let server = tokio::spawn(async move {
        let answer = service_fn(|_| async { Ok::<_, Infallible>(Response::new(Full::new(Bytes::from("ok")))) });
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(Duration::from_millis(300))
            .serve_connection(TokioIo::new(stream), answer)
            .await
    });
    client.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    let mut buffer = [0; 1000];
    let answered = client.read(&mut buffer).await.unwrap() > 0;
    println!("answered: {answered}");
    let closed = client.read(&mut buffer).await.unwrap() == 0;
    let ended = server.await.unwrap();
    println!("then idle: closed by the server, {ended:?}");
    assert!(answered && closed);
    assert!(ended.is_err_and(|error| format!("{error:?}").contains("HeaderTimeout")));
}
RUST
cargo run --quiet
