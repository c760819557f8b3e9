#!/usr/bin/env bash
# What happens: A request may carry `baggage` in several header lines, as it does after a proxy has added a line of its own. OpenTelemetry for
#   JavaScript reads the members of all lines; OpenTelemetry for Python and for Rust read the first line, and drop the others without a word.
#   Python reads all lines of `tracestate` from the same request; Rust drops the members of its second line, too. So whether a tenant or a
#   session arrives depends on the language of the service and on the order in which two programs added a line.
# The wrong guess: Lines of one header are one list, as HTTP and both texts of the W3C have it, and the propagators of one project agree.
# Versions: opentelemetry-api==1.45.2, opentelemetry-instrumentation-asgi==0.66b2 (Python); opentelemetry_sdk and opentelemetry-http 0.33.1 (Rust);
#   @opentelemetry/core 2.12.1 (JavaScript)
# Seen:
#   python: baggage tenant=a, tracestate x=1,y=2
#   javascript: baggage tenant=a,session=b, tracestate x=1,y=2
#   rust: baggage tenant=a, tracestate x=1
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
    opentelemetry-api==1.45.2 opentelemetry-instrumentation-asgi==0.66b2
venv/bin/python - <<'PYTHON' | tee python.txt
from opentelemetry import baggage, trace
from opentelemetry.baggage.propagation import W3CBaggagePropagator
from opentelemetry.instrumentation.asgi import asgi_getter
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

# What a server gives an ASGI application: one pair for each line.
scope = {"type": "http", "headers": [
    (b"traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
    (b"tracestate", b"x=1"), (b"tracestate", b"y=2"), (b"baggage", b"tenant=a"), (b"baggage", b"session=b")]}
members = baggage.get_all(W3CBaggagePropagator().extract(scope, getter=asgi_getter))
state = trace.get_current_span(TraceContextTextMapPropagator().extract(scope, getter=asgi_getter)).get_span_context().trace_state
joined = [",".join(f"{key}={value}" for key, value in pairs.items()) for pairs in (members, state)]
print("python: baggage {}, tracestate {}".format(*joined))
PYTHON
npm init --yes >npm.log
npm install --silent --no-audit --no-fund @opentelemetry/api@1.9.1 @opentelemetry/core@2.12.1 >>npm.log
cat >run.mjs <<'JAVASCRIPT'
import http from "node:http";
import { defaultTextMapGetter, propagation, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { W3CBaggagePropagator, W3CTraceContextPropagator } from "@opentelemetry/core";

const server = http.createServer((request, response) => {
  const [members, state] = [new W3CBaggagePropagator(), new W3CTraceContextPropagator()].map((propagator) =>
    propagator.extract(ROOT_CONTEXT, request.headers, defaultTextMapGetter));
  const baggage = propagation.getBaggage(members).getAllEntries().map(([key, { value }]) => `${key}=${value}`);
  console.log(`javascript: baggage ${baggage.join()}, tracestate ${trace.getSpanContext(state).traceState.serialize()}`);
  response.end();
});
server.listen(0, "127.0.0.1", () => {
  const headers = {
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    tracestate: ["x=1", "y=2"],
    baggage: ["tenant=a", "session=b"],
  };
  http.get({ host: "127.0.0.1", port: server.address().port, headers }, (response) => response.resume().on("end", () => server.close()));
});
JAVASCRIPT
node run.mjs | tee javascript.txt
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2024"

[dependencies]
http = "1"
opentelemetry = "=0.33.1"
opentelemetry-http = { version = "=0.33.1", default-features = false }
opentelemetry_sdk = { version = "=0.33.1", default-features = false, features = ["trace"] }
TOML
cat >src/main.rs <<'RUST'
use http::{HeaderMap, HeaderValue};
use opentelemetry::baggage::BaggageExt;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::TraceContextExt;
use opentelemetry_http::HeaderExtractor;
use opentelemetry_sdk::propagation::{BaggagePropagator, TraceContextPropagator};

fn main() {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        ("tracestate", "x=1"),
        ("tracestate", "y=2"),
        ("baggage", "tenant=a"),
        ("baggage", "session=b"),
    ] {
        headers.append(name, HeaderValue::from_static(value));
    }
    let members = BaggagePropagator::new().extract(&HeaderExtractor(&headers));
    let baggage: Vec<_> = members.baggage().iter().map(|(key, (value, _))| format!("{key}={value}")).collect();
    let state = TraceContextPropagator::new().extract(&HeaderExtractor(&headers));
    let state = state.span().span_context().trace_state().header();
    println!("rust: baggage {}, tracestate {state}", baggage.join(","));
}
RUST
cargo run --quiet | tee rust.txt
[ "$(cat python.txt)" = "python: baggage tenant=a, tracestate x=1,y=2" ]
[ "$(cat javascript.txt)" = "javascript: baggage tenant=a,session=b, tracestate x=1,y=2" ]
[ "$(cat rust.txt)" = "rust: baggage tenant=a, tracestate x=1" ]
