#!/usr/bin/env bash
# What happens: tracing-opentelemetry makes a text of a field whose type is u64 or usize, however small the number is; i64 stays a
#   number. Token counts are u64 in most crates (rig 0.44 records them so): they arrive as texts, and backends that add up
#   `gen_ai.usage.input_tokens` find no number.
# The wrong guess: A number is a number, as it is for the JSON format of tracing-subscriber, and as 12_u64 fits into an i64.
# Versions: tracing-opentelemetry 0.34.0, opentelemetry_sdk 0.33.1
# Seen:
#   as_u64 = String(Owned("12")), as_i64 = I64(12)
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
tracing = { version = "0.1", default-features = false, features = ["std"] }
tracing-opentelemetry = { version = "=0.34.0", default-features = false }
tracing-subscriber = { version = "0.3", default-features = false, features = ["registry", "std"] }
TOML
cat >src/main.rs <<'RUST'
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
use tracing_subscriber::layer::SubscriberExt;

fn main() {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("finding"));
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        let span = tracing::info_span!("chat", as_u64 = 12_u64, as_i64 = 12_i64);
        drop(span);
    });
    let spans = exporter.get_finished_spans().unwrap();
    let mut shown = Vec::new();
    for attribute in &spans[0].attributes {
        if ["as_u64", "as_i64"].contains(&attribute.key.as_str()) {
            shown.push(format!("{} = {:?}", attribute.key, attribute.value));
        }
    }
    println!("{}", shown.join(", "));
    assert_eq!(shown, ["as_u64 = String(Owned(\"12\"))", "as_i64 = I64(12)"]);
}
RUST
cargo run --quiet
