#!/usr/bin/env bash
# What happens: force_flush of the batch processor waits for the exporter whatever timeout it is given, and
#   returns True as well when the exporter said that the export failed.
# The wrong guess: force_flush(timeout_millis) returns False when the time is over or the spans were not
#   exported, as its documentation says for the timeout.
# Versions: opentelemetry-sdk==1.45.2
# Seen:
#   timeout 100 ms, exporter 1500 ms: returned True, waited for the exporter: True
#   failed export: returned True
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    opentelemetry-sdk==1.45.2
"$folder/venv/bin/python" - <<'PYTHON'
import time
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

class Exporter(SpanExporter):
    def __init__(self, seconds, result):
        self.seconds, self.result, self.exported = seconds, result, 0
    def export(self, spans):
        time.sleep(self.seconds)
        self.exported += len(spans)
        return self.result
    def shutdown(self): pass

def flush(exporter):
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(exporter))
    provider.get_tracer("finding").start_span("span").end()
    return provider.force_flush(100)

slow = Exporter(1.5, SpanExportResult.SUCCESS)
answer = flush(slow)
print(f"timeout 100 ms, exporter 1500 ms: returned {answer}, waited for the exporter: {slow.exported == 1}")
assert answer is True and slow.exported == 1
answer = flush(Exporter(0, SpanExportResult.FAILURE))
print(f"failed export: returned {answer}")
assert answer is True
PYTHON
