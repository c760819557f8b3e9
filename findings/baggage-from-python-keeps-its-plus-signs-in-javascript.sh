#!/usr/bin/env bash
# What happens: A value that OpenTelemetry for Python puts into the header `baggage` comes out of OpenTelemetry for
#   JavaScript with plus signs for its spaces. Python writes a form's encoding, in which a space is `+`; JavaScript undoes
#   percent signs only. The other way, from JavaScript to Python, a space stays a space.
# The wrong guess: Both implement W3C baggage, so a value arrives as it was sent.
# Versions: opentelemetry-sdk==1.45.2 (Python), @opentelemetry/core@2.12.1, @opentelemetry/api@1.9.1
# Seen:
#   header from Python: question=what+is+1%2B1
#   read by JavaScript: what+is+1+1
#   JavaScript to Python: what is 1+1
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check opentelemetry-sdk==1.45.2
npm init --yes >npm.log
npm install --silent --no-audit --no-fund @opentelemetry/core@2.12.1 @opentelemetry/api@1.9.1 >>npm.log
cat >read.mjs <<'JAVASCRIPT'
import { W3CBaggagePropagator } from "@opentelemetry/core";
import { defaultTextMapGetter, defaultTextMapSetter, propagation, ROOT_CONTEXT } from "@opentelemetry/api";

const propagator = new W3CBaggagePropagator();
const context = propagator.extract(ROOT_CONTEXT, { baggage: process.argv[2] }, defaultTextMapGetter);
const own = propagation.createBaggage({ question: { value: "what is 1+1" } });
const headers = {};
propagator.inject(propagation.setBaggage(ROOT_CONTEXT, own), headers, defaultTextMapSetter);
console.log(JSON.stringify([propagation.getBaggage(context).getEntry("question").value, headers.baggage]));
JAVASCRIPT
venv/bin/python - <<'PYTHON'
import json, subprocess
from opentelemetry import baggage
from opentelemetry.baggage.propagation import W3CBaggagePropagator

propagator, headers = W3CBaggagePropagator(), {}
propagator.inject(headers, context=baggage.set_baggage("question", "what is 1+1"))
header = headers["baggage"]
read, back = json.loads(subprocess.check_output(["node", "read.mjs", header]))
back = baggage.get_baggage("question", propagator.extract({"baggage": back}))
print(f"header from Python: {header}")
print(f"read by JavaScript: {read}")
print(f"JavaScript to Python: {back}")
assert (header, read, back) == ("question=what+is+1%2B1", "what+is+1+1", "what is 1+1")
PYTHON
