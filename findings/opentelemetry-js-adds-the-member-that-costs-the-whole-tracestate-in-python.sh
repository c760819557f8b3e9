#!/usr/bin/env bash
# What happens: A `tracestate` may have 32 members. OpenTelemetry for JavaScript adds a 33rd to a full one and sends all; OpenTelemetry for
#   Python drops the whole header when it has more than 32. So the members of all other vendors vanish at the second hop. Python itself
#   does not add its member to a full header. The W3C's text has the rightmost member removed to make room.
# The wrong guess: Adding to a full header drops the oldest member, and a reader keeps the first 32.
# Versions: @opentelemetry/core 2.12.1, opentelemetry-api==1.45.2
# Seen:
#   received by javascript: 32 members; after set("mine"): 33
#   received by python from javascript: 0 members
#   python with 32, after add("mine"): 32, mine is there: False
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check opentelemetry-api==1.45.2
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @opentelemetry/core@2.12.1 @opentelemetry/api@1.9.1 >/dev/null
cat >finding.mjs <<'JAVASCRIPT'
import { TraceState } from "@opentelemetry/core";

const full = Array.from({ length: 32 }, (_, number) => `vendor${number}=value`).join(",");
const state = new TraceState(full);
const count = (text) => text.split(",").length;
console.log(JSON.stringify([count(state.serialize()), state.set("mine", "1").serialize(), full]));
JAVASCRIPT
node finding.mjs >sent.json
venv/bin/python - 2>/dev/null <<'PYTHON'
import json
from opentelemetry.trace import TraceState

received, sent, full = json.load(open("sent.json"))
after = len(sent.split(","))
print(f'received by javascript: {received} members; after set("mine"): {after}')
at_python = len(TraceState.from_header([sent]))
print(f"received by python from javascript: {at_python} members")
state = TraceState.from_header([full]).add("mine", "1")
print(f'python with 32, after add("mine"): {len(state)}, mine is there: {"mine" in state}')
assert (received, after, at_python) == (32, 33, 0)
assert len(state) == 32 and "mine" not in state
PYTHON
