#!/usr/bin/env bash
# What happens: A span that a generator opens around its items stays current in the code that consumes them:
#   what the consumer does between two items is recorded below the generator's span. A consumer that closes the
#   generator leaves that span without any mark, as if the stream had been read to its end.
# The wrong guess: A with block of a generator is current inside the generator only, and giving a stream up
#   looks different from its end.
# Versions: opentelemetry-sdk==1.45.2
# Seen:
#   consumer's span is a child of: stream
#   status of the closed stream's span: UNSET, events 0
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    opentelemetry-sdk==1.45.2
"$folder/venv/bin/python" - <<'PYTHON'
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

memory = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(memory))
tracer = provider.get_tracer("finding")

def stream():
    with tracer.start_as_current_span("stream"):
        yield from range(3)

with tracer.start_as_current_span("request"):
    items = stream()
    next(items)
    with tracer.start_as_current_span("consumer"):
        pass
    items.close()
spans = {span.name: span for span in memory.get_finished_spans()}
names = {span.context.span_id: span.name for span in spans.values()}
parent = names[spans["consumer"].parent.span_id]
print("consumer's span is a child of:", parent)
closed = spans["stream"]
print(f"status of the closed stream's span: {closed.status.status_code.name}, events {len(closed.events)}")
assert parent == "stream" and closed.status.status_code.name == "UNSET" and not closed.events
PYTHON
