#!/usr/bin/env bash
# What happens: Prefactor's core package for JavaScript sends a child only when the API has given its parent an id. If the API refuses the
#   parent for good, everything below it is never sent, and all that is said of it is one count when the transport closes.
# The wrong guess: The children of a refused span are sent as the root's, or each is reported as lost.
# Versions: @prefactor/core 0.2.9
# Seen:
#   made: parent, child, grandchild, other
#   asked of the server: parent (422), other (200)
#   the last warning: Transport closed with 2 unresolved parent span reference(s)
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

const asked = [];
const server = http.createServer((request, response) => {
  let body = "";
  request.on("data", (piece) => (body += piece));
  request.on("end", () => {
    response.setHeader("content-type", "application/json");
    if (request.url === "/api/v1/agent_spans") {
      const { name } = JSON.parse(body).details.payload;
      response.statusCode = name === "parent" ? 422 : 200;
      asked.push(`${name} (${response.statusCode})`);
    }
    response.end(response.statusCode === 200 ? '{"status":"success","details":{"id":"an-id"}}' : '{"status":"error","code":"validation_errors"}');
  });
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const warnings = [];
console.error = () => {};
console.warn = (...texts) => warnings.push(texts.join(" "));

const core = createCore(
  createConfig({
    httpConfig: {
      apiUrl: `http://127.0.0.1:${server.address().port}`,
      apiToken: "token",
      agentSchema: { external_identifier: "one", span_schemas: {} },
    },
  }),
);
const made = [];
const span = (name, body) => {
  made.push(name);
  return withSpan({ name, spanType: "agent:step", inputs: {} }, body);
};
core.agentManager.startInstance({ agentIdentifier: "v1" });
await span("parent", () => span("child", () => span("grandchild", async () => 1)));
await span("other", async () => 2);
core.agentManager.finishInstance();
await core.shutdown();
server.close();
server.closeAllConnections();

const last = warnings.at(-1).replace(/^\[[^\]]*\] */, "");
console.log(`made: ${made.join(", ")}`);
console.log(`asked of the server: ${asked.join(", ")}`);
console.log(`the last warning: ${last}`);
assert.deepEqual(asked, ["parent (422)", "other (200)"]);
assert.match(last, /2 unresolved parent/);
JAVASCRIPT
node finding.mjs
