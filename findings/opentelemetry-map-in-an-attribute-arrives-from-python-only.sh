#!/usr/bin/env bash
# What happens: OpenTelemetry for Python takes maps, lists of mixed values, lists within lists and bytes as an attribute's value, and exports them. Its
#   sister for JavaScript leaves each such attribute out, with a dropped count of 0. So a tool's arguments that are put on a span as they are
#   arrive from one half of a system and not from the other. And Python keeps a whole number beyond 64 bits on the span that its exporter then
#   leaves out.
# The wrong guess: Attributes are texts, numbers, booleans and lists of one kind in all languages; what is left out is counted.
# Versions: opentelemetry-sdk==1.45.2, opentelemetry-exporter-otlp-proto-http==1.45.2, npm @opentelemetry/sdk-trace-base 2.12.1,
#   @opentelemetry/otlp-transformer 0.223.1
# Seen, of map, mixed list, nested list, bytes, number beyond 64 bits, text:
#   python: on the span map, mixed, nested, bytes, big, text; exported map, mixed, nested, bytes, text; dropped 0
#   javascript: on the span big, text; exported big, text; dropped 0
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check opentelemetry-sdk==1.45.2 opentelemetry-exporter-otlp-proto-http==1.45.2
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @opentelemetry/sdk-trace-base@2.12.1 @opentelemetry/otlp-transformer@0.223.1 >/dev/null
venv/bin/python - 2>/dev/null <<'PYTHON'
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace import TracerProvider

values = {"map": {"city": "Berlin"}, "mixed": [1, "a"], "nested": [["a"]], "bytes": b"a", "big": 2**70, "text": "a"}
span = TracerProvider().get_tracer("finding").start_span("tool")
for name, value in values.items():
    span.set_attribute(name, value)
span.end()
exported = encode_spans([span]).resource_spans[0].scope_spans[0].spans[0]
names = [attribute.key for attribute in exported.attributes]
print(f"python: on the span {', '.join(span.attributes)}; exported {', '.join(names)}; dropped {exported.dropped_attributes_count}")
assert list(span.attributes) == list(values)
assert names == ["map", "mixed", "nested", "bytes", "text"], names
assert exported.attributes[0].value.kvlist_value.values[0].value.string_value == "Berlin"
assert exported.dropped_attributes_count == 0
PYTHON
cat >finding.mjs <<'JAVASCRIPT'
import assert from "node:assert";
import { JsonTraceSerializer } from "@opentelemetry/otlp-transformer";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";

const made = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(made)] });
const values = { map: { city: "Berlin" }, mixed: [1, "a"], nested: [["a"]], bytes: new Uint8Array([97]), big: 2 ** 70, text: "a" };
const span = provider.getTracer("finding").startSpan("tool");
for (const [name, value] of Object.entries(values)) span.setAttribute(name, value);
span.end();
const [ended] = made.getFinishedSpans();
const body = JSON.parse(new TextDecoder().decode(JsonTraceSerializer.serializeRequest([ended])));
const [exported] = body.resourceSpans[0].scopeSpans[0].spans;
const names = exported.attributes.map(({ key }) => key);
console.log(`javascript: on the span ${Object.keys(ended.attributes).join(", ")}; exported ${names.join(", ")}; dropped ${exported.droppedAttributesCount}`);
assert.deepEqual([Object.keys(ended.attributes), names, exported.droppedAttributesCount], [["big", "text"], ["big", "text"], 0]);
JAVASCRIPT
node finding.mjs
