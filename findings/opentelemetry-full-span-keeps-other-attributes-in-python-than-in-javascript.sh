#!/usr/bin/env bash
# What happens: A span holds 128 attributes. Python drops the oldest for a new one, so a long conversation, which the
#   conventions of OpenInference write as a few attributes a message, pushes out what was set first: the operation, the model.
#   JavaScript keeps the first 128 and drops what is set later: the answer and its tokens. Of events both keep the newest.
# The wrong guess: One specification, one limit, one choice of what is dropped.
# Versions: PyPI opentelemetry-sdk==1.45.2; npm @opentelemetry/api@1.9.1, @opentelemetry/sdk-trace-base@2.12.1
# Seen:
#   Python: 128 attributes, first kept False, last kept True; first event kept: e2
#   JavaScript: 128 attributes, first kept true, last kept false; first event kept: e2
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check opentelemetry-sdk==1.45.2
npm init --yes >/dev/null
npm install --silent @opentelemetry/api@1.9.1 @opentelemetry/sdk-trace-base@2.12.1
venv/bin/python - 2>/dev/null <<'PYTHON'
from opentelemetry.sdk.trace import TracerProvider

span = TracerProvider().get_tracer("finding").start_span("span", attributes={"first": 1})
for number in range(130):
    span.set_attribute(f"message.{number}", number)
    span.add_event(f"e{number}")
span.set_attribute("last", 1)
first, last, event = "first" in span.attributes, "last" in span.attributes, span.events[0].name
print(f"Python: {len(span.attributes)} attributes, first kept {first}, last kept {last}; first event kept: {event}")
assert (len(span.attributes), first, last, event) == (128, False, True, "e2")
PYTHON
cat >run.mjs <<'JS'
import assert from 'node:assert';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';

const span = new BasicTracerProvider().getTracer('finding').startSpan('span', { attributes: { first: 1 } });
for (let number = 0; number < 130; number++) span.setAttribute(`message.${number}`, number).addEvent(`e${number}`);
span.setAttribute('last', 1);
const seen = [Object.keys(span.attributes).length, 'first' in span.attributes, 'last' in span.attributes, span.events[0].name];
console.log(`JavaScript: ${seen[0]} attributes, first kept ${seen[1]}, last kept ${seen[2]}; first event kept: ${seen[3]}`);
assert.deepEqual(seen, [128, true, false, 'e2']);
JS
node run.mjs
