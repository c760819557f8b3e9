#!/usr/bin/env bash
# What happens: A span whose end lies before its start, as when a run is replayed from records of two machines or a clock is set back, keeps both
#   times in OpenTelemetry for Python and is exported so: a reader that subtracts unsigned numbers gets centuries. JavaScript puts the
#   end at the start, so the same records give a span of no length. Neither refuses the time or marks the span.
# The wrong guess: One SDK specification, one result for the same two times.
# Versions: opentelemetry-sdk==1.45.2, npm @opentelemetry/sdk-trace-base 2.12.1
# Seen, where the start is at 2 s and the end at 1 s:
#   python: 2000000000 to 1000000000
#   javascript: 2,0 to 2,0
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check opentelemetry-sdk==1.45.2
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @opentelemetry/sdk-trace-base@2.12.1 >/dev/null
venv/bin/python - <<'PYTHON'
from opentelemetry.sdk.trace import TracerProvider

span = TracerProvider().get_tracer("finding").start_span("step", start_time=2_000_000_000)
span.end(end_time=1_000_000_000)
print(f"python: {span.start_time} to {span.end_time}")
assert (span.start_time, span.end_time) == (2_000_000_000, 1_000_000_000)
PYTHON
cat >finding.mjs <<'JAVASCRIPT'
import assert from "node:assert";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";

const made = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(made)] });
provider.getTracer("finding").startSpan("step", { startTime: [2, 0] }).end([1, 0]);
const [{ startTime, endTime }] = made.getFinishedSpans();
console.log(`javascript: ${startTime} to ${endTime}`);
assert.deepEqual([startTime, endTime], [[2, 0], [2, 0]]);
JAVASCRIPT
node finding.mjs
