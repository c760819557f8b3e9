#!/usr/bin/env bash
# What happens: protobuf's JSON parser reads the ids of an OTLP/JSON body, which OTLP writes as hexadecimal
#   digits, as base64. It raises nothing: a trace id has 24 bytes then, a span id 12.
# The wrong guess: The messages are generated from OTLP's own files, so the JSON form of the same messages is
#   OTLP/JSON, and what does not fit is an error.
# Versions: opentelemetry-proto==1.45.2, protobuf==7.36.2
# Seen:
#   trace id 24 bytes, span id 12 bytes, kind 1
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    opentelemetry-proto==1.45.2 protobuf==7.36.2
"$folder/venv/bin/python" - <<'PYTHON'
from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

body = """{"resourceSpans": [{"scopeSpans": [{"spans": [
    {"traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174", "name": "x", "kind": 1}]}]}]}"""
span = json_format.Parse(body, ExportTraceServiceRequest()).resource_spans[0].scope_spans[0].spans[0]
print(f"trace id {len(span.trace_id)} bytes, span id {len(span.span_id)} bytes, kind {span.kind}")
assert (len(span.trace_id), len(span.span_id)) == (24, 12)
PYTHON
