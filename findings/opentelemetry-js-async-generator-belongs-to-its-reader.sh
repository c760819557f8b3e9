#!/usr/bin/env bash
# What happens: The spans that an async generator makes between its items are children of whoever reads it, not of the span
#   in which it was made: each next() runs its body in the context of that call. Made inside of context.with(span, …) and
#   read elsewhere, nothing is below the span.
# The wrong guess: An async generator keeps the context in which it was made, as an async function keeps its own.
# Versions: npm @opentelemetry/api@1.9.1, sdk-trace-base@2.12.1, context-async-hooks@2.12.1
# Seen:
#   read within the reader: parent is reader
#   read after all spans: parent is none
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent @opentelemetry/api@1.9.1 @opentelemetry/sdk-trace-base@2.12.1 @opentelemetry/context-async-hooks@2.12.1
cat >run.mjs <<'JS'
import assert from 'node:assert';
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
const memory = new InMemorySpanExporter();
const tracer = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(memory)] }).getTracer('finding');

async function* answer() {
  for (const item of [1, 2]) {
    tracer.startSpan('work').end();
    yield item;
  }
}
const maker = () => {
  const span = tracer.startSpan('maker');
  return [span, context.with(trace.setSpan(context.active(), span), answer)];
};
const parents = () => {
  const spans = memory.getFinishedSpans();
  const names = new Map(spans.map((span) => [span.spanContext().spanId, span.name]));
  const seen = spans.filter((span) => span.name === 'work').map((span) => names.get(span.parentSpanContext?.spanId) ?? 'none');
  memory.reset();
  return [...new Set(seen)];
};

const [first, items] = maker();
await tracer.startActiveSpan('reader', async (reader) => {
  for await (const _ of items);
  reader.end();
});
first.end();
const within = parents();
console.log(`read within the reader: parent is ${within}`);
const [second, others] = maker();
for await (const _ of others);
second.end();
const after = parents();
console.log(`read after all spans: parent is ${after}`);
assert.deepEqual([within, after], [['reader'], ['none']]);
JS
node run.mjs
