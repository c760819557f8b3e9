#!/usr/bin/env bash
# What happens: A step of AG-UI has a name and no id. An agent that searches twice at once, and says so in two steps of one name, is stopped by
#   the client for JavaScript at the second STEP_STARTED: the whole run is rejected. The package for Python writes these events without a
#   word. Two calls of one tool at once, which have ids, are taken.
# The wrong guess: Steps are the spans of the protocol, so two of one name may overlap, as spans and tool calls do.
# Versions: npm @ag-ui/client 1.0.0, PyPI ag-ui-protocol==1.0.0
# Seen:
#   python writes: STEP_STARTED search, STEP_STARTED search, STEP_FINISHED search, STEP_FINISHED search
#   javascript, at once: Step "search" is already active for 'STEP_STARTED'
#   javascript, one after the other: resolved
#   javascript, two calls of one tool at once: resolved
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check ag-ui-protocol==1.0.0
npm init --yes >npm.log
npm install --silent --no-audit --no-fund @ag-ui/client@1.0.0 >>npm.log
venv/bin/python - <<'PYTHON'
import json
from ag_ui.core import RunFinishedEvent, RunStartedEvent, StepFinishedEvent, StepStartedEvent, ToolCallEndEvent, ToolCallStartEvent
from ag_ui.encoder import EventEncoder

begin, end = StepStartedEvent(step_name="search"), StepFinishedEvent(step_name="search")
tools = [ToolCallStartEvent(tool_call_id=one, tool_call_name="search") for one in "ab"] + [ToolCallEndEvent(tool_call_id=one) for one in "ab"]
encode = EventEncoder().encode
runs = {"at once": [begin, begin, end, end], "one after the other": [begin, end, begin, end], "two calls of one tool at once": tools}
for name, events in runs.items():
    whole = [RunStartedEvent(thread_id="t", run_id="r"), *events, RunFinishedEvent(thread_id="t", run_id="r")]
    open(f"{name}.txt", "w").write("".join(map(encode, whole)))
print("python writes: " + ", ".join(f"{event.type.value} {event.step_name}" for event in (begin, begin, end, end)))
PYTHON
cat >run.mjs <<'JAVASCRIPT'
import assert from "node:assert";
import { readFileSync } from "node:fs";
import http from "node:http";
import { HttpAgent } from "@ag-ui/client";

const server = http.createServer((request, response) => {
  request.resume();
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.end(readFileSync(`${decodeURIComponent(request.url.slice(1))}.txt`));
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
console.error = () => {};
const seen = [];
for (const name of ["at once", "one after the other", "two calls of one tool at once"]) {
  const agent = new HttpAgent({ url: `http://127.0.0.1:${server.address().port}/${encodeURIComponent(name)}` });
  const end = await agent.runAgent().then(() => "resolved", (error) => error.message);
  console.log(`javascript, ${name}: ${end}`);
  seen.push(end);
}
server.close();
assert.match(seen[0], /Step "search" is already active/);
assert.deepStrictEqual(seen.slice(1), ["resolved", "resolved"]);
JAVASCRIPT
node run.mjs
