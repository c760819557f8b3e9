#!/usr/bin/env bash
# What happens: In OpenTelemetry for Rust, an attribute of a span that is set again is there twice, and so it is exported. A field of a
#   `tracing` span that is recorded again comes through tracing-opentelemetry in the same way.
# The wrong guess: set_attribute overwrites, as the specification says and the SDKs of other languages do; the keys of a span on
#   the wire are unique.
# Versions: opentelemetry 0.33.1, opentelemetry_sdk 0.33.1, tracing 0.1.44, tracing-opentelemetry 0.34.0
# Seen:
#   set twice: ["asked", "answered"]
#   recorded twice: ["asked", "answered"]
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
tracing = { version = "=0.1.44", default-features = false, features = ["std"] }
tracing-opentelemetry = { version = "=0.34.0", default-features = false }
tracing-subscriber = { version = "=0.3.23", default-features = false, features = ["registry", "std"] }
TOML
cat >src/main.rs <<'RUST'
use opentelemetry::trace::{Span, Tracer, TracerProvider};
use opentelemetry::KeyValue;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
use tracing_subscriber::layer::SubscriberExt;

fn states(exporter: &InMemorySpanExporter, name: &str) -> Vec<String> {
    let spans = exporter.get_finished_spans().unwrap();
    let span = spans.iter().find(|span| span.name == name).unwrap();
    span.attributes.iter().filter(|each| each.key.as_str() == "state").map(|each| each.value.to_string()).collect()
}

fn main() {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    let mut span = provider.tracer("finding").start("set");
    span.set_attribute(KeyValue::new("state", "asked"));
    span.set_attribute(KeyValue::new("state", "answered"));
    span.end();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("finding"));
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        let span = tracing::info_span!("recorded", state = tracing::field::Empty);
        span.record("state", "asked");
        span.record("state", "answered");
    });
    let (set, recorded) = (states(&exporter, "set"), states(&exporter, "recorded"));
    println!("set twice: {set:?}");
    println!("recorded twice: {recorded:?}");
    assert_eq!(set, ["asked", "answered"]);
    assert_eq!(recorded, ["asked", "answered"]);
}
RUST
cargo run --quiet
