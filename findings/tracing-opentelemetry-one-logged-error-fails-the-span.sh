#!/usr/bin/env bash
# What happens: tracing-opentelemetry sets the status of a span to Error when one event of level ERROR is logged inside it, whatever the
#   function returns: a first attempt that fails, is logged, and succeeds at the second, is a failed span.
# The wrong guess: An event is recorded in the span; the status comes from `#[instrument(err)]` or from who sets it.
# Versions: opentelemetry_sdk 0.33.1, tracing 0.1.44, tracing-opentelemetry 0.34.0
# Seen:
#   returned Ok(7), status Error { description: "" }
#   without the event: returned Ok(7), status Unset
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
opentelemetry = { version = "=0.33.1", default-features = false, features = ["trace"] }
opentelemetry_sdk = { version = "=0.33.1", default-features = false, features = ["trace", "testing"] }
tracing = "=0.1.44"
tracing-opentelemetry = { version = "=0.34.0", default-features = false }
tracing-subscriber = { version = "=0.3.23", default-features = false, features = ["registry", "std"] }
TOML
cat >src/main.rs <<'RUST'
use opentelemetry::trace::{Status, TracerProvider};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
use tracing_subscriber::layer::SubscriberExt;

#[tracing::instrument(err)]
fn ask(attempts: u32) -> Result<u32, String> {
    for attempt in 1..attempts {
        tracing::error!(attempt, "no answer, trying again");
    }
    Ok(7)
}

fn main() {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("finding"));
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        for attempts in [2, 1] {
            exporter.reset();
            let answer = ask(attempts);
            let status = exporter.get_finished_spans().unwrap()[0].status.clone();
            let before = if attempts == 1 { "without the event: " } else { "" };
            println!("{before}returned {answer:?}, status {status:?}");
            assert_eq!(answer, Ok(7));
            assert_eq!(matches!(status, Status::Error { .. }), attempts == 2);
        }
    });
}
RUST
cargo run --quiet
