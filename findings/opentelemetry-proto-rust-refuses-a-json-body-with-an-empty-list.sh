#!/usr/bin/env bash
# What happens: The serde forms of opentelemetry-proto for Rust read no OTLP/JSON body in which one attribute is an empty list, an empty map
#   or NaN, as protobuf's own JSON writer writes them: what is empty is left out, NaN is a text. The whole body is an error, with
#   all its spans.
# The wrong guess: The crate is generated from OTLP's files and has serde for its JSON form, so it reads what protobuf writes.
# Versions: opentelemetry-proto==1.45.2, protobuf==7.36.2 (Python), opentelemetry-proto 0.33.1 (Rust)
# Seen:
#   full: read
#   empty_list: missing field `values`
#   empty_map: missing field `values`
#   nan: invalid type: string "NaN", expected f64
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check opentelemetry-proto==1.45.2 protobuf==7.36.2
venv/bin/python - <<'PYTHON'
from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValueList

values = {
    "full": AnyValue(array_value=ArrayValue(values=[AnyValue(int_value=1)])),
    "empty_list": AnyValue(array_value=ArrayValue()),
    "empty_map": AnyValue(kvlist_value=KeyValueList()),
    "nan": AnyValue(double_value=float("nan")),
}
for name, value in values.items():
    request = ExportTraceServiceRequest()
    span = request.resource_spans.add().scope_spans.add().spans.add(name="span")
    span.attributes.add(key="found").value.CopyFrom(value)
    with open(f"{name}.json", "w") as file:
        file.write(json_format.MessageToJson(request))
PYTHON
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"

[dependencies]
opentelemetry-proto = { version = "=0.33.1", default-features = false, features = ["trace", "gen-tonic-messages", "with-serde"] }
serde_json = "1"
TOML
cat >src/main.rs <<'RUST'
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;

fn main() {
    let expected = [
        ("full", "read"),
        ("empty_list", "missing field `values`"),
        ("empty_map", "missing field `values`"),
        ("nan", "invalid type: string \"NaN\", expected f64"),
    ];
    for (name, expected) in expected {
        let body = std::fs::read_to_string(format!("{name}.json")).unwrap();
        let read = match serde_json::from_str::<ExportTraceServiceRequest>(&body) {
            Ok(_) => "read".to_owned(),
            Err(error) => error.to_string(),
        };
        let read = read.split(" at line").next().unwrap();
        println!("{name}: {read}");
        assert_eq!(read, expected);
    }
}
RUST
cargo run --quiet
