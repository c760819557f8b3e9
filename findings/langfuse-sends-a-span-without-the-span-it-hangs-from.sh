#!/usr/bin/env bash
# What happens: Langfuse's processor sends the spans of its own tracer, of known instrumentations and those with an attribute `gen_ai.…`, and
#   leaves out all others. A span in between, such as a queue's or a web framework's, is left out alone: what is below it is sent with a
#   parent that nobody has, and is not below the agent. It is not marked as a root either.
# The wrong guess: A filter takes a span with all that is below it, or hangs what is below from the next one that is sent.
# Versions: langfuse==5.0.4, opentelemetry-sdk==1.45.2
# Seen:
#   made: agent > deliver > tool
#   sent: agent (root), tool (parent not sent, marked as a root: False)
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    langfuse==5.0.4 opentelemetry-sdk==1.45.2
"$folder/venv/bin/python" - <<'PYTHON'
from langfuse import Langfuse
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

sent, provider = InMemorySpanExporter(), TracerProvider()
langfuse = Langfuse(public_key="none", secret_key="none", base_url="http://127.0.0.1:9", tracer_provider=provider, span_exporter=sent)
with langfuse.start_as_current_observation(name="agent"):
    with provider.get_tracer("queue").start_as_current_span("deliver"):
        with langfuse.start_as_current_observation(name="tool"):
            pass
langfuse.flush()
spans = {span.name: span for span in sent.get_finished_spans()}
ids = {span.context.span_id for span in spans.values()}
marked = bool(spans["tool"].attributes.get("langfuse.internal.is_app_root"))
there = spans["tool"].parent.span_id in ids
print("made: agent > deliver > tool")
print(f"sent: agent (root), tool (parent {'sent' if there else 'not sent'}, marked as a root: {marked})")
assert set(spans) == {"agent", "tool"} and spans["agent"].parent is None
assert not there and not marked
PYTHON
