#!/usr/bin/env bash
# What happens: OpenTelemetry for Rust writes the plus sign of a baggage value as it is, and OpenTelemetry for Python reads a plus sign as
#   a blank, as in a form of a web page. So `+49 30 1234` and `1+1` arrive as other values, without an error. A per cent sign is
#   written bare too: `100%41` arrives as `100A`.
# The wrong guess: Two implementations of one standard by one project give back what was put in.
# Versions: opentelemetry_sdk 0.33.1 (Rust), opentelemetry-api 1.45.1 (Python)
# Seen:
#   1+1 arrives as '1 1'
#   100%41 arrives as '100A'
#   New York arrives as 'New York'
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check opentelemetry-api==1.45.1
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

use opentelemetry::baggage::BaggageExt;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::propagation::BaggagePropagator;

fn main() {
    for value in std::env::args().skip(1) {
        let context = Context::new().with_baggage([KeyValue::new("k", value)]);
        let mut headers = HashMap::new();
        BaggagePropagator::new().inject_context(&context, &mut headers);
        println!("{}", headers["baggage"]);
    }
}
RUST
cargo run --quiet -- '1+1' '100%41' 'New York' >sent
venv/bin/python - <<'PYTHON'
from opentelemetry.baggage import get_baggage
from opentelemetry.baggage.propagation import W3CBaggagePropagator

put = ["1+1", "100%41", "New York"]
got = []
for header in open("sent").read().splitlines():
    context = W3CBaggagePropagator().extract({"baggage": header})
    got.append(get_baggage("k", context))
for value, arrived in zip(put, got):
    print(f"{value} arrives as {arrived!r}")
assert got == ["1 1", "100A", "New York"], got
PYTHON
