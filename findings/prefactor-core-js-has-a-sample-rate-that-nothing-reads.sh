#!/usr/bin/env bash
# What happens: createConfig of Prefactor's core package for JavaScript takes, checks and returns `sampleRate`, `captureOutputs` and
#   `maxInputLength`, and createCore reads none of them. A program that samples nothing sends every span, with its whole inputs.
# The wrong guess: A sample rate of 0 that passes the configuration's validation sends no span.
# Versions: @prefactor/core 0.2.9
# Seen:
#   configured: sampleRate 0, captureOutputs false, maxInputLength 10
#   sent: {"name":"ask","inputs":{"prompt":"a prompt of more than ten characters"},"outputs":{"result":"an answer"}}
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @prefactor/core@0.2.9 >/dev/null
cat >finding.mjs <<'JAVASCRIPT'
import assert from "node:assert";
import http from "node:http";
import { createConfig, createCore, withSpan } from "@prefactor/core";

const spans = [];
const server = http.createServer((request, response) => {
  let body = "";
  request.on("data", (piece) => (body += piece));
  request.on("end", () => {
    if (request.url === "/api/v1/agent_spans") spans.push(JSON.parse(body).details.payload);
    response.setHeader("content-type", "application/json");
    response.end('{"status":"success","details":{"id":"an-id"}}');
  });
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));

const config = createConfig({
  sampleRate: 0,
  captureOutputs: false,
  maxInputLength: 10,
  httpConfig: {
    apiUrl: `http://127.0.0.1:${server.address().port}`,
    apiToken: "token",
    agentSchema: { external_identifier: "one", span_schemas: {} },
  },
});
const core = createCore(config);
core.agentManager.startInstance({ agentIdentifier: "v1" });
await withSpan({ name: "ask", spanType: "agent:ask", inputs: { prompt: "a prompt of more than ten characters" } }, async () => "an answer");
core.agentManager.finishInstance();
await core.shutdown();
server.close();
server.closeAllConnections();

console.log(`configured: sampleRate ${config.sampleRate}, captureOutputs ${config.captureOutputs}, maxInputLength ${config.maxInputLength}`);
const sent = spans.map(({ name, inputs, outputs }) => ({ name, inputs, outputs }));
console.log(`sent: ${sent.map((span) => JSON.stringify(span)).join(" ")}`);
assert.deepEqual([config.sampleRate, config.captureOutputs, config.maxInputLength], [0, false, 10]);
assert.deepEqual(sent, [
  { name: "ask", inputs: { prompt: "a prompt of more than ten characters" }, outputs: { result: "an answer" } },
]);
JAVASCRIPT
node finding.mjs
