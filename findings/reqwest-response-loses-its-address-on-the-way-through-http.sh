#!/usr/bin/env bash
# What happens: A reqwest Response that is turned into an http::Response, as a middleware does to look at its body, and back again, says
#   that it came from http://no.url.provided.local/. Its address is not among the extensions of the http::Response either.
# The wrong guess: The two conversions undo each other; the second one reads the address from an extension, so the first one
#   writes it there.
# Versions: reqwest 0.13.5
# Seen:
#   before: http://127.0.0.1/answer, after: http://no.url.provided.local/
#   with ResponseBuilderExt::url: http://127.0.0.1/answer
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
http = "1"
reqwest = { version = "=0.13.5", default-features = false }
TOML
cat >src/main.rs <<'RUST'
use reqwest::{Response, ResponseBuilderExt};

fn main() {
    let url = reqwest::Url::parse("http://127.0.0.1/answer").unwrap();
    let made = || Response::from(http::Response::builder().url(url.clone()).body("").unwrap());

    let before = made().url().to_string();
    let after = Response::from(http::Response::<reqwest::Body>::from(made())).url().to_string();
    println!("before: {before}, after: {after}");
    assert_eq!((before.as_str(), after.as_str()), ("http://127.0.0.1/answer", "http://no.url.provided.local/"));

    let response = made();
    let address = http::Response::builder().url(response.url().clone()).body(()).unwrap();
    let mut response = http::Response::<reqwest::Body>::from(response);
    response.extensions_mut().extend(address.into_parts().0.extensions);
    let kept = Response::from(response).url().to_string();
    println!("with ResponseBuilderExt::url: {kept}");
    assert_eq!(kept, before);
}
RUST
cargo run --quiet
