#!/usr/bin/env bash
# What happens: A span of the Agents SDK for Python that is used as a context manager ends without an error when its body raises or is cancelled:
#   what a tracing processor gets is the span of a success. The Agents SDK for JavaScript sets the error of the same spans.
# The wrong guess: A `with` block of a tracing library records the exception that leaves it, as OpenTelemetry's does.
# Versions: openai-agents==0.24.0 (PyPI), @openai/agents 0.20.0 (npm)
# Seen:
#   python: custom None, function None, cancelled None
#   javascript: custom boom, function boom
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check openai-agents==0.24.0
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @openai/agents@0.20.0 >/dev/null
venv/bin/python - <<'PYTHON'
import asyncio
from agents import TracingProcessor, custom_span, function_span, set_trace_processors, trace

ended = {}

class Keep(TracingProcessor):
    def on_trace_start(self, trace): pass
    def on_trace_end(self, trace): pass
    def on_span_start(self, span): pass
    def on_span_end(self, span): ended[span.span_data.name] = span.error
    def shutdown(self): pass
    def force_flush(self): pass

set_trace_processors([Keep()])

async def cancelled():
    with custom_span("cancelled"):
        await asyncio.sleep(3600)

async def main():
    with trace("workflow"):
        for name, span in (("custom", custom_span("custom")), ("function", function_span("function"))):
            try:
                with span:
                    raise ValueError("boom")
            except ValueError:
                pass
        task = asyncio.create_task(cancelled())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

asyncio.run(main())
print("python: " + ", ".join(f"{name} {error}" for name, error in ended.items()))
assert ended == {"custom": None, "function": None, "cancelled": None}
PYTHON
cat >finding.mjs <<'JAVASCRIPT'
import assert from "node:assert";
import { setTraceProcessors, withCustomSpan, withFunctionSpan, withTrace } from "@openai/agents";

const ended = {};
const nothing = async () => {};
setTraceProcessors([
  {
    onTraceStart: nothing, onTraceEnd: nothing, onSpanStart: nothing, shutdown: nothing, forceFlush: nothing,
    onSpanEnd: async (span) => (ended[span.spanData.name] = span.error?.message),
  },
]);
const raises = async () => {
  throw new Error("boom");
};
await withTrace("workflow", async () => {
  await withCustomSpan(raises, { data: { name: "custom" } }).catch(() => {});
  await withFunctionSpan(raises, { data: { name: "function" } }).catch(() => {});
});
console.log(`javascript: ${Object.entries(ended).map(([name, error]) => `${name} ${error}`).join(", ")}`);
assert.deepEqual(ended, { custom: "boom", function: "boom" });
JAVASCRIPT
node finding.mjs
