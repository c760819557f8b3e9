#!/usr/bin/env bash
# What happens: runAgent of AG-UI's client resolves for a run that ended in RUN_ERROR, for a stream that broke off in the middle of a text, and
#   for an empty one, with the messages so far, as it does for a whole run. onRunFailed is not called. Only RUN_FINISHED, which a program has
#   to look for itself, tells the whole run from the others.
# The wrong guess: The promise of a run rejects when the run failed; a run without its last event is an error, as a protocol with a last
#   event suggests and as the client's check of open messages does at that event.
# Versions: npm @ag-ui/client 1.0.0
# Seen:
#   whole: resolved with 1 message, RUN_FINISHED seen true, failed called false
#   cut: resolved with 1 message, RUN_FINISHED seen false, failed called false
#   error: resolved with 0 messages, RUN_FINISHED seen false, failed called false
#   empty: resolved with 0 messages, RUN_FINISHED seen false, failed called false
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >npm.log
npm install --silent --no-audit --no-fund @ag-ui/client@1.0.0 >>npm.log
cat >run.mjs <<'JAVASCRIPT'
import assert from "node:assert";
import http from "node:http";
import { HttpAgent } from "@ag-ui/client";

const started = { type: "RUN_STARTED", threadId: "t", runId: "r" };
const finished = { type: "RUN_FINISHED", threadId: "t", runId: "r" };
const half = [{ type: "TEXT_MESSAGE_START", messageId: "m", role: "assistant" }, { type: "TEXT_MESSAGE_CONTENT", messageId: "m", delta: "Hel" }];
const runs = {
  whole: [started, ...half, { type: "TEXT_MESSAGE_END", messageId: "m" }, finished],
  cut: [started, ...half],
  error: [started, { type: "RUN_ERROR", message: "overloaded" }],
  empty: [],
};
const server = http.createServer((request, response) => {
  request.resume();
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.end(runs[request.url.slice(1)].map((event) => `data: ${JSON.stringify(event)}\n\n`).join(""));
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
for (const name of Object.keys(runs)) {
  const agent = new HttpAgent({ url: `http://127.0.0.1:${server.address().port}/${name}` });
  let [end, failed] = [false, false];
  const { newMessages } = await agent.runAgent({}, {
    onRunFinishedEvent: () => void (end = true),
    onRunFailed: () => void (failed = true),
  });
  const count = `${newMessages.length} message${newMessages.length === 1 ? "" : "s"}`;
  console.log(`${name}: resolved with ${count}, RUN_FINISHED seen ${end}, failed called ${failed}`);
  assert.deepStrictEqual([end, failed, newMessages.length], [name === "whole", false, ["whole", "cut"].includes(name) ? 1 : 0]);
}
server.close();
JAVASCRIPT
node run.mjs
