#!/usr/bin/env bash
# What happens: OpenAI's client for Python parses the data of each event of a stream as JSON, also where an event has none. A server or proxy
#   that sends `retry:` or `id:` in a block of its own, as the standard of server-sent events provides, makes every answer a
#   JSONDecodeError. OpenAI's client for JavaScript passes over such a block. The standard dispatches no event without data.
# The wrong guess: A block without data is ignored, as a comment is, and clients of one vendor agree on it.
# Versions: openai==3.57.0 (PyPI), openai 6.49.0 (npm)
# Seen:
#   python: comment -> hi, retry -> JSONDecodeError, id -> JSONDecodeError
#   javascript: comment -> hi, retry -> hi, id -> hi
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check openai==3.57.0
npm init -y >/dev/null
npm install --silent --no-audit --no-fund openai@6.49.0 >/dev/null
cat >finding.mjs <<'JAVASCRIPT'
import { spawn } from "node:child_process";
import assert from "node:assert";
import http from "node:http";
import OpenAI from "openai";

const FIRST = { comment: ": hello\n\n", retry: "retry: 3000\n\n", id: "id: 1\n\n" };
const chunk = {
  id: "1", object: "chat.completion.chunk", created: 1, model: "m",
  choices: [{ index: 0, delta: { content: "hi" }, finish_reason: "stop" }],
};
const server = http.createServer((request, response) => {
  request.resume();
  request.on("end", () => {
    response.setHeader("content-type", "text/event-stream");
    response.end(`${FIRST[request.headers["x-first"]]}data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`);
  });
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const baseURL = `http://127.0.0.1:${server.address().port}`;

const child = spawn("venv/bin/python", ["finding.py", baseURL], { stdio: ["ignore", "pipe", "inherit"] });
let python = "";
for await (const piece of child.stdout) python += piece;

const client = new OpenAI({ baseURL, apiKey: "key", maxRetries: 0 });
const outcomes = [];
for (const first of Object.keys(FIRST)) {
  try {
    let text = "";
    const stream = await client.chat.completions.create({ model: "m", messages: [], stream: true }, { headers: { "x-first": first } });
    for await (const { choices } of stream) text += choices[0].delta.content;
    outcomes.push(`${first} -> ${text}`);
  } catch (error) {
    outcomes.push(`${first} -> ${error.constructor.name}`);
  }
}
server.close();
server.closeAllConnections();
console.log(`python: ${python.trim()}`);
console.log(`javascript: ${outcomes.join(", ")}`);
assert.equal(python.trim(), "comment -> hi, retry -> JSONDecodeError, id -> JSONDecodeError");
assert.equal(outcomes.join(", "), "comment -> hi, retry -> hi, id -> hi");
JAVASCRIPT
cat >finding.py <<'PYTHON'
import sys
from openai import OpenAI

client = OpenAI(base_url=sys.argv[1], api_key="key", max_retries=0)
outcomes = []
for first in ("comment", "retry", "id"):
    try:
        stream = client.chat.completions.create(model="m", messages=[], stream=True, extra_headers={"x-first": first})
        outcomes.append(first + " -> " + "".join(chunk.choices[0].delta.content for chunk in stream))
    except ValueError as error:
        outcomes.append(f"{first} -> {type(error).__name__}")
print(", ".join(outcomes))
PYTHON
node finding.mjs
