#!/usr/bin/env bash
# What happens: TraceIdRatioBased at one half keeps half of a thousand trace ids in Python and half in JavaScript, and the
#   two agree on no more ids than two coins would. Python compares the lower 64 bits of the id with the ratio,
#   JavaScript the exclusive or of its four words.
# The wrong guess: The decision is made from the trace id so that services which sample at one ratio, without a parent's flag
#   (a queue, a batch), keep the same traces.
# Versions: opentelemetry-sdk==1.45.2 (Python), @opentelemetry/sdk-trace-base@2.12.1, @opentelemetry/api@1.9.1
# Seen:
#   Python keeps 503, JavaScript 486, both 243; of one decision for both: 497 of 1000
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check opentelemetry-sdk==1.45.2
npm init --yes >npm.log
npm install --silent --no-audit --no-fund @opentelemetry/sdk-trace-base@2.12.1 @opentelemetry/api@1.9.1 >>npm.log
cat >sample.mjs <<'JAVASCRIPT'
import { readFileSync } from "node:fs";
import { ROOT_CONTEXT } from "@opentelemetry/api";
import { SamplingDecision, TraceIdRatioBasedSampler } from "@opentelemetry/sdk-trace-base";

const sampler = new TraceIdRatioBasedSampler(0.5);
const ids = JSON.parse(readFileSync(0, "utf8"));
const keeps = (id) => sampler.shouldSample(ROOT_CONTEXT, id).decision === SamplingDecision.RECORD_AND_SAMPLED;
console.log(JSON.stringify(ids.map(keeps)));
JAVASCRIPT
venv/bin/python - <<'PYTHON'
import hashlib, json, subprocess
from opentelemetry.sdk.trace.sampling import TraceIdRatioBased

ids = [hashlib.md5(str(number).encode()).hexdigest() for number in range(1000)]
sampler = TraceIdRatioBased(0.5)
python = [sampler.should_sample(None, int(id, 16), "span").decision.is_sampled() for id in ids]
javascript = json.loads(subprocess.run(["node", "sample.mjs"], input=json.dumps(ids).encode(), stdout=subprocess.PIPE, check=True).stdout)
both = sum(a and b for a, b in zip(python, javascript))
same = sum(a == b for a, b in zip(python, javascript))
print(f"Python keeps {sum(python)}, JavaScript {sum(javascript)}, both {both}; of one decision for both: {same} of 1000")
assert 400 < sum(python) < 600 and 400 < sum(javascript) < 600
assert same < 600
PYTHON
