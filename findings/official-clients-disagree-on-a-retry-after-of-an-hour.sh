#!/usr/bin/env bash
# What happens: A 429 with `Retry-After: 3600` is an error at once with OpenAI's client for Python. OpenAI's and Anthropic's clients for JavaScript
#   sleep the hour inside of the call, with a timeout of one second as well: it is that of one request, and the pause between two has none.
# The wrong guess: Clients of one vendor treat Retry-After alike, and a client's timeout bounds the call.
# Versions: openai==3.57.0 (PyPI), openai 6.49.0 and @anthropic-ai/sdk 1.14.0 (npm)
# Seen:
#   openai for Python: 1 request, then raised
#   openai for JavaScript: 1 request, then asleep after 5 s
#   anthropic for JavaScript: 1 request, then asleep after 5 s
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check openai==3.57.0
npm init -y >/dev/null
npm install --silent --no-audit --no-fund openai@6.49.0 @anthropic-ai/sdk@1.14.0 >/dev/null
cat >finding.mjs <<'JAVASCRIPT'
import { spawn } from "node:child_process";
import assert from "node:assert";
import http from "node:http";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";

let requests = 0;
let answered = () => {};
const server = http.createServer((request, response) => {
  request.resume();
  request.on("end", () => {
    requests += 1;
    response.writeHead(429, { "content-type": "application/json", "retry-after": "3600" });
    response.end('{"error":{"message":"wait","type":"rate_limit_error"}}', answered);
  });
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const baseURL = `http://127.0.0.1:${server.address().port}`;
const messages = [{ role: "user", content: "hi" }];
const options = { baseURL, apiKey: "key", maxRetries: 1, timeout: 1_000 };
const clients = {
  "openai for Python": () =>
    new Promise((resolve) => spawn("venv/bin/python", ["finding.py", baseURL], { stdio: "inherit" }).on("exit", resolve)),
  "openai for JavaScript": () => new OpenAI(options).chat.completions.create({ model: "m", messages }).catch(() => {}),
  "anthropic for JavaScript": () => new Anthropic(options).messages.create({ model: "m", max_tokens: 1, messages }).catch(() => {}),
};
for (const [name, ask] of Object.entries(clients)) {
  requests = 0;
  const first = new Promise((resolve) => (answered = resolve));
  const isPython = name.endsWith("Python");
  const over = ask().then(() => "raised");
  await first;
  const patience = isPython ? 60_000 : 5_000; // a process takes its time to end
  const end = await Promise.race([over, new Promise((resolve) => setTimeout(resolve, patience, "asleep after 5 s"))]);
  console.log(`${name}: ${requests} request, then ${end}`);
  assert.deepEqual([requests, end], [1, isPython ? "raised" : "asleep after 5 s"]);
}
process.exit(0);
JAVASCRIPT
cat >finding.py <<'PYTHON'
import sys
from openai import OpenAI, RateLimitError

try:
    OpenAI(base_url=sys.argv[1], api_key="key", max_retries=1, timeout=1).chat.completions.create(model="m", messages=[])
except RateLimitError:
    pass
PYTHON
node finding.mjs
