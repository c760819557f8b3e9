#!/usr/bin/env bash
# What happens: The span that OpenTelemetry's instrumentation of fetch makes lasts until the body is read. If the program cancels the reader,
#   or aborts the request, the span ends like that of a whole answer: status unset, no error type, no event. That holds before the head of the
#   answer as well, where only the missing status code tells. Only an answer that the server breaks off is an error.
# The wrong guess: A request that was aborted is marked as one.
# Versions: @opentelemetry/instrumentation-undici 0.33.0, @opentelemetry/sdk-trace-node 2.12.1
# Seen:
#   /whole read to its end: status 0, error.type undefined, events none
#   /open reader cancelled: status 0, error.type undefined, events none
#   /open aborted after the head: status 0, error.type undefined, events none
#   /silent aborted before the head: status 0, error.type undefined, events none
#   /open broken off by the server: status 2, error.type set, events exception
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @opentelemetry/api@1.9.1 @opentelemetry/instrumentation@0.223.0 \
    @opentelemetry/instrumentation-undici@0.33.0 @opentelemetry/sdk-trace-node@2.12.1 >/dev/null
cat >finding.mjs <<'JAVASCRIPT'
import assert from "node:assert";
import http from "node:http";
import { registerInstrumentations } from "@opentelemetry/instrumentation";
import { UndiciInstrumentation } from "@opentelemetry/instrumentation-undici";
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node";

const exporter = new InMemorySpanExporter();
const tracerProvider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
tracerProvider.register();
registerInstrumentations({ instrumentations: [new UndiciInstrumentation()], tracerProvider });

const open = [];
const server = http.createServer((request, response) => {
  if (request.url === "/silent") return open.push(response);
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write("data: 1\n\n");
  if (request.url === "/whole") response.end("data: 2\n\n");
  else open.push(response);
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const url = `http://127.0.0.1:${server.address().port}`;

async function ended() {
  while (exporter.getFinishedSpans().length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  const spans = exporter.getFinishedSpans();
  assert.equal(spans.length, 1);
  const [{ status, attributes, events }] = spans;
  exporter.reset();
  const error = attributes["error.type"] === undefined ? "undefined" : "set";
  const named = events.map(({ name }) => name).join() || "none";
  return [attributes["url.path"], `status ${status.code}, error.type ${error}, events ${named}`];
}

const seen = {};
await (await fetch(`${url}/whole`)).text();
seen["read to its end"] = await ended();

const reader = (await fetch(`${url}/open`)).body.getReader();
await reader.read();
await reader.cancel();
seen["reader cancelled"] = await ended();

const late = new AbortController();
const response = await fetch(`${url}/open`, { signal: late.signal });
const text = response.text().catch(() => "");
late.abort();
await text;
seen["aborted after the head"] = await ended();

const early = new AbortController();
const pending = fetch(`${url}/silent`, { signal: early.signal }).catch(() => "");
while (open.at(-1).req.url !== "/silent") await new Promise((resolve) => setTimeout(resolve, 10));
early.abort();
await pending;
seen["aborted before the head"] = await ended();

const broken = await fetch(`${url}/open`);
open.at(-1).destroy();
await broken.text().catch(() => "");
seen["broken off by the server"] = await ended();

server.close();
server.closeAllConnections();
for (const [what, [path, outcome]] of Object.entries(seen)) console.log(`${path} ${what}: ${outcome}`);
const outcomes = Object.values(seen).map(([, outcome]) => outcome);
assert.deepEqual(outcomes, [...Array(4).fill("status 0, error.type undefined, events none"), "status 2, error.type set, events exception"]);
JAVASCRIPT
node finding.mjs
