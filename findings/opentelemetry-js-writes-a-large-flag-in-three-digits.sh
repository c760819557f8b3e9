#!/usr/bin/env bash
# What happens: The propagator of OpenTelemetry for JavaScript keeps all flags of a traceparent that it reads, and writes them behind
#   a fixed "0". A flag of 0x10 or more, which W3C reserves and tells readers to ignore, makes the last field three digits long. No
#   parser takes that header, its own included: the trace breaks in the service behind, and its tracestate is dropped with it.
# The wrong guess: A propagator writes flags that it does not know as zero, as the format asks for, or as it read them.
# Versions: @opentelemetry/core 2.12.1, @opentelemetry/api 1.9.0, opentelemetry-api==1.45.2
# Seen:
#   read 01, wrote 01, read again by JavaScript: true
#   read 03, wrote 03, read again by JavaScript: true
#   read 11, wrote 011, read again by JavaScript: false
#   Python reads 01: true, 03: true, 011: false
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts @opentelemetry/core@2.12.1 @opentelemetry/api@1.9.0
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check opentelemetry-api==1.45.2
cat > flags.mjs <<'JS'
import { ROOT_CONTEXT, defaultTextMapGetter, defaultTextMapSetter, trace } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';

const propagator = new W3CTraceContextPropagator();
const read = (headers) => propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter);
for (const flags of ['01', '03', '11']) {
  const within = read({ traceparent: `00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-${flags}` });
  const onward = {};
  propagator.inject(within, onward, defaultTextMapSetter);
  const wrote = onward.traceparent.split('-')[3];
  console.log(`read ${flags}, wrote ${wrote}, read again by JavaScript: ${trace.getSpanContext(read(onward)) !== undefined}`);
}
JS
cat > flags.py <<'PYTHON'
from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

def is_read(flags):
    header = f"00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-{flags}"
    within = TraceContextTextMapPropagator().extract({"traceparent": header})
    return str(trace.get_current_span(within).get_span_context().is_valid).lower()

print("Python reads " + ", ".join(f"{flags}: {is_read(flags)}" for flags in ["01", "03", "011"]))
PYTHON
seen=$(node flags.mjs; venv/bin/python flags.py)
echo "$seen"
[[ $seen == "read 01, wrote 01, read again by JavaScript: true
read 03, wrote 03, read again by JavaScript: true
read 11, wrote 011, read again by JavaScript: false
Python reads 01: true, 03: true, 011: false" ]]
