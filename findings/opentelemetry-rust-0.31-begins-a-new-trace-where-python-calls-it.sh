#!/usr/bin/env bash
# What happens: OpenTelemetry for Python sends `traceparent` with the flags `03` (sampled, and a random trace id, as level 2 of the
#   W3C's text has it). OpenTelemetry for Rust takes that since 0.32. Up to 0.31 it refuses the whole header without a word, and
#   each service in Rust begins a trace of its own. The flags `01` in the other direction work, so it shows on one side only.
# The wrong guess: Propagators of one project understand each other; unknown flag bits are passed over, as the W3C's text asks.
# Versions: opentelemetry-sdk 1.45.1 (Python), opentelemetry_sdk 0.31.0 and 0.33.1 (Rust)
# Seen:
#   Python sends 00-…-03
#   0.31.0: no parent
#   0.33.1: the same trace
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check opentelemetry-sdk==1.45.1
traceparent=$(venv/bin/python - <<'PYTHON'
from opentelemetry.propagate import inject
from opentelemetry.sdk.trace import TracerProvider

with TracerProvider().get_tracer("caller").start_as_current_span("call"):
    headers = {}
    inject(headers)
print(headers["traceparent"])
PYTHON
)
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"

[dependencies]
api_31 = { package = "opentelemetry", version = "=0.31.0", default-features = false, features = ["trace"] }
api_33 = { package = "opentelemetry", version = "=0.33.1", default-features = false, features = ["trace"] }
sdk_31 = { package = "opentelemetry_sdk", version = "=0.31.0", default-features = false, features = ["trace"] }
sdk_33 = { package = "opentelemetry_sdk", version = "=0.33.1", default-features = false, features = ["trace"] }
TOML
cat >src/main.rs <<'RUST'
use std::collections::HashMap;

macro_rules! trace_of {
    ($api:ident, $sdk:ident, $headers:expr) => {{
        use $api::propagation::TextMapPropagator;
        use $api::trace::TraceContextExt;
        let context = $sdk::propagation::TraceContextPropagator::new().extract($headers);
        let span = context.span().span_context().clone();
        span.is_valid().then(|| span.trace_id().to_string())
    }};
}

fn main() {
    let sent = std::env::args().nth(1).unwrap();
    let headers = HashMap::from([("traceparent".to_owned(), sent.clone())]);
    println!("Python sends 00-…-{}", &sent[53..]);
    let shown = |trace: &Option<String>| if *trace == Some(sent[3..35].to_owned()) { "the same trace" } else { "no parent" };
    let (old, new) = (trace_of!(api_31, sdk_31, &headers), trace_of!(api_33, sdk_33, &headers));
    println!("0.31.0: {}", shown(&old));
    println!("0.33.1: {}", shown(&new));
    assert_eq!((&sent[53..], shown(&old), shown(&new)), ("03", "no parent", "the same trace"));
}
RUST
cargo run --quiet -- "$traceparent"
