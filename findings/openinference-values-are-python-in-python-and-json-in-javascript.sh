#!/usr/bin/env bash
# What happens: OpenInference's decorators write a plain value in the spelling of the language. True and None of a Python function are the texts `True`
#   and `None` with the type text/plain, a list of them is JSON; of a JavaScript function true is `true` with application/json, and null is
#   no attribute at all. A text that says None and a value that is None cannot be told apart.
# The wrong guess: `input.value` and `output.value` are JSON unless the value is a text, in each implementation of one convention.
# Versions: openinference-instrumentation==0.1.72 (PyPI), @arizeai/openinference-core 2.7.1 (npm)
# Seen:
#   python: True is True (text/plain), None is None (text/plain), [None] is [null] (application/json)
#   javascript: true is true (application/json), null is undefined (undefined), [null] is [null] (application/json)
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check openinference-instrumentation==0.1.72 opentelemetry-sdk==1.45.2
npm init --yes >npm.log
npm install --silent --no-audit --no-fund @arizeai/openinference-core@2.7.1 @opentelemetry/api@1.9.1 @opentelemetry/sdk-trace-base@2.12.1 >>npm.log
venv/bin/python - <<'PYTHON'
from openinference.instrumentation import OITracer, TraceConfig
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

memory, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(memory))

@OITracer(provider.get_tracer("finding"), TraceConfig()).chain
def same(value):
    return value

values = (True, None, [None])
for value in values:
    same(value)
seen = [(span.attributes["output.value"], span.attributes["output.mime_type"]) for span in memory.get_finished_spans()]
print("python: " + ", ".join(f"{value} is {text} ({kind})" for value, (text, kind) in zip(values, seen)))
assert seen == [("True", "text/plain"), ("None", "text/plain"), ("[null]", "application/json")]
PYTHON
cat >run.mjs <<'JAVASCRIPT'
import assert from "node:assert";
import { withSpan } from "@arizeai/openinference-core";
import { trace } from "@opentelemetry/api";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";

const memory = new InMemorySpanExporter();
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(memory)] }));
const same = withSpan((value) => value, { name: "same", kind: "CHAIN" });
const values = [true, null, [null]];
values.forEach(same);
const seen = memory.getFinishedSpans().map(({ attributes }) => [attributes["output.value"], attributes["output.mime_type"]]);
console.log(`javascript: ${values.map((value, index) => `${JSON.stringify(value)} is ${seen[index][0]} (${seen[index][1]})`).join(", ")}`);
assert.deepStrictEqual(seen, [["true", "application/json"], [undefined, undefined], ["[null]", "application/json"]]);
JAVASCRIPT
node run.mjs
