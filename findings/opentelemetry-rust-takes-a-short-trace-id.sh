#!/usr/bin/env bash
# What happens: OpenTelemetry for Rust takes a `traceparent` whose trace id or span id is too short, and fills it up with zeros in front. The
#   W3C's text, and OpenTelemetry for Python, have such a header ignored and a new trace begun. So a caller with a fault in its
#   ids gets traces from the services in Rust under an id that it never made, and two callers can get the same one.
# The wrong guess: Ids of a wrong length are refused, as upper case and ids of zeros are.
# Versions: opentelemetry_sdk 0.33.1 (Rust), opentelemetry-sdk 1.45.1 (Python)
# Seen:
#   Rust: 00-abc-b7ad6b7169203331-01 is in the trace 00000000000000000000000000000abc
#   Rust: 00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01 is in no trace
#   Python: 00-abc-b7ad6b7169203331-01 is in no trace
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check opentelemetry-sdk==1.45.1
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"

[dependencies]
opentelemetry = { version = "=0.33.1", default-features = false, features = ["trace"] }
opentelemetry_sdk = { version = "=0.33.1", default-features = false, features = ["trace"] }
TOML
cat >src/main.rs <<'RUST'
use std::collections::HashMap;

use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::TraceContextExt;
use opentelemetry_sdk::propagation::TraceContextPropagator;

fn main() {
    let trace_of = |header: &str| {
        let headers = HashMap::from([("traceparent".to_owned(), header.to_owned())]);
        let context = TraceContextPropagator::new().extract(&headers);
        let span = context.span().span_context().clone();
        let trace = if span.is_valid() { format!("the trace {}", span.trace_id()) } else { "no trace".to_owned() };
        println!("Rust: {header} is in {trace}");
        trace
    };
    assert_eq!(trace_of("00-abc-b7ad6b7169203331-01"), "the trace 00000000000000000000000000000abc");
    assert_eq!(trace_of("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01"), "no trace");
}
RUST
cargo run --quiet
venv/bin/python - <<'PYTHON'
from opentelemetry import trace
from opentelemetry.propagate import extract

header = "00-abc-b7ad6b7169203331-01"
span = trace.get_current_span(extract({"traceparent": header})).get_span_context()
print(f"Python: {header} is in {'the trace' if span.is_valid else 'no trace'}")
assert not span.is_valid
PYTHON
