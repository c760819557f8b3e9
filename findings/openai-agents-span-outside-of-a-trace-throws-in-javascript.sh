#!/usr/bin/env bash
# What happens: A span that is made outside of any trace does nothing in the Agents SDK for Python, which logs a line and runs the body. In the
#   Agents SDK for JavaScript the same call throws, and the body is not run: a function that makes a span fails where it is called by itself,
#   as a test or a script does.
# The wrong guess: Tracing never fails the program, and the two SDKs, which share their design, agree on it.
# Versions: openai-agents==0.24.0 (PyPI), @openai/agents 0.20.0 (npm)
# Seen:
#   python: the body runs, in a NoOpSpan
#   javascript: No existing trace found, the body runs: false
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check openai-agents==0.24.0
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @openai/agents@0.20.0 >/dev/null
venv/bin/python - 2>/dev/null <<'PYTHON'
from agents import custom_span

with custom_span("alone") as span:
    print(f"python: the body runs, in a {type(span).__name__}")
    assert type(span).__name__ == "NoOpSpan"
PYTHON
cat >finding.mjs <<'JAVASCRIPT'
import assert from "node:assert";
import { withCustomSpan } from "@openai/agents";

let ran = false;
let thrown = "nothing is thrown";
try {
  await withCustomSpan(async () => (ran = true), { data: { name: "alone" } });
} catch (error) {
  thrown = error.message;
}
console.log(`javascript: ${thrown}, the body runs: ${ran}`);
assert.equal(thrown, "No existing trace found");
assert.equal(ran, false);
JAVASCRIPT
node finding.mjs
