#!/usr/bin/env bash
# What happens: Prefactor's core package for JavaScript sends a span again when the connection breaks before the answer, and its request has no
#   idempotency key and no id that the API looks at. A server that had made the span makes a second one. The official Python package
#   sends a key with each call.
# The wrong guess: A retry of the official client cannot make a span twice.
# Versions: @prefactor/core 0.2.9
# Seen:
#   requests for the one span: 2, with the same body: true
#   members beside details: none, headers with a key: none
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

const requests = [];
const server = http.createServer((request, response) => {
  let body = "";
  request.on("data", (piece) => (body += piece));
  request.on("end", () => {
    if (request.url === "/api/v1/agent_spans") {
      requests.push({ body, headers: Object.keys(request.headers) });
      // The server has made the span; only its answer is lost.
      if (requests.length === 1) return request.socket.destroy();
    }
    response.setHeader("content-type", "application/json");
    response.end('{"status":"success","details":{"id":"an-id"}}');
  });
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));

const core = createCore(
  createConfig({
    httpConfig: {
      apiUrl: `http://127.0.0.1:${server.address().port}`,
      apiToken: "token",
      initialRetryDelay: 1,
      agentSchema: { external_identifier: "one", span_schemas: {} },
    },
  }),
);
core.agentManager.startInstance({ agentIdentifier: "v1" });
await withSpan({ name: "ask", spanType: "agent:ask", inputs: {} }, async () => "an answer");
core.agentManager.finishInstance();
await core.shutdown();
server.close();
server.closeAllConnections();

const isSame = requests.every(({ body }) => body === requests[0].body);
const members = Object.keys(JSON.parse(requests[0].body)).filter((name) => name !== "details");
const keys = requests[0].headers.filter((name) => name.includes("idempotency") || name.includes("request-id"));
console.log(`requests for the one span: ${requests.length}, with the same body: ${isSame}`);
console.log(`members beside details: ${members.join() || "none"}, headers with a key: ${keys.join() || "none"}`);
assert.equal(requests.length, 2);
assert.ok(isSame);
assert.deepEqual([members, keys], [[], []]);
assert.equal(JSON.parse(requests[0].body).details.idempotency_key, undefined);
JAVASCRIPT
node finding.mjs
