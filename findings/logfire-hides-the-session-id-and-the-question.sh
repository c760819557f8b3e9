#!/usr/bin/env bash
# What happens: Logfire's scrubber looks for words such as `session`, `auth` or `cookie` in names and in values, and puts a note in the place of
#   the whole value. `session.id`, the name by which OpenTelemetry, OpenInference and Langfuse join the runs of one conversation, is such a
#   name: all sessions become one. A question about signing in is gone as `input.value`, and stays as `gen_ai.input.messages`.
# The wrong guess: What is hidden is the value of a secret; standard names are known to the scrubber, and prose is left alone.
# Versions: logfire==5.4.0, opentelemetry-sdk==1.45.2
# Seen:
#   session.id: [Scrubbed due to 'session']
#   gen_ai.conversation.id: 7f3a
#   input.value: [Scrubbed due to 'auth']
#   gen_ai.input.messages: [{"role": "user", "parts": [{"type": "text", "content": "How do authors authenticate?"}]}]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    logfire==5.4.0 opentelemetry-sdk==1.45.2
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import json
import logfire
from opentelemetry import trace
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

memory = InMemorySpanExporter()
logfire.configure(send_to_logfire=False, console=False, additional_span_processors=[SimpleSpanProcessor(memory)])
question = "How do authors authenticate?"
messages = json.dumps([{"role": "user", "parts": [{"type": "text", "content": question}]}])
with trace.get_tracer("finding").start_as_current_span("chat") as span:
    span.set_attribute("session.id", "7f3a")
    span.set_attribute("gen_ai.conversation.id", "7f3a")
    span.set_attribute("input.value", question)
    span.set_attribute("gen_ai.input.messages", messages)
(finished,) = memory.get_finished_spans()
for name in ("session.id", "gen_ai.conversation.id", "input.value", "gen_ai.input.messages"):
    print(f"{name}: {finished.attributes[name]}")
assert all(finished.attributes[name].startswith("[Scrubbed due to") for name in ("session.id", "input.value"))
assert finished.attributes["gen_ai.conversation.id"] == "7f3a" and finished.attributes["gen_ai.input.messages"] == messages
PYTHON
