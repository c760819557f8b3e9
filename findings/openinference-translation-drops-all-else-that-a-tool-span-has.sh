#!/usr/bin/env bash
# What happens: OpenInference's processor that translates OpenLLMetry's spans writes the translation in the place of all attributes of a workflow, an agent, a
#   task or a tool. The session, the user and what the program itself set, such as the number of an order, are gone from the span, for every
#   exporter that comes after it, also one that has nothing to do with OpenInference. A model's span keeps its attributes, beside the translated ones.
# The wrong guess: A translation adds names, and changes what one backend gets.
# Versions: openinference-instrumentation-openllmetry==0.1.23, opentelemetry-sdk==1.45.2
# Seen:
#   tool: input.mime_type, input.value, openinference.span.kind, tool.name, tool.parameters
#   model: 17 attributes, with session.id, shop.order, user.id
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    openinference-instrumentation-openllmetry==0.1.23 opentelemetry-sdk==1.45.2
"$folder/venv/bin/python" - <<'PYTHON'
from openinference.instrumentation.openllmetry import OpenInferenceSpanProcessor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

provider, memory = TracerProvider(), InMemorySpanExporter()
provider.add_span_processor(OpenInferenceSpanProcessor())
provider.add_span_processor(SimpleSpanProcessor(memory))
tracer = provider.get_tracer("shop")
OWN = {"session.id": "s-1", "user.id": "ann", "shop.order": 7}
TOOL = {"traceloop.span.kind": "tool", "traceloop.entity.name": "refund", "traceloop.entity.input": '{"inputs": {"euros": 20}}'}
MODEL = {"traceloop.span.kind": "llm", "gen_ai.input.messages": "[]", "gen_ai.output.messages": "[]"}
for name, attributes in {"tool": TOOL, "model": MODEL}.items():
    with tracer.start_as_current_span(name, attributes={**OWN, **attributes}):
        pass
seen = {span.name: sorted(span.attributes) for span in memory.get_finished_spans()}
own = [key for key in seen["model"] if key in OWN]
print(f"tool: {', '.join(seen['tool'])}")
print(f"model: {len(seen['model'])} attributes, with {', '.join(own)}")
assert seen["tool"] == ["input.mime_type", "input.value", "openinference.span.kind", "tool.name", "tool.parameters"]
assert len(seen["model"]) == 17 and own == sorted(OWN)
PYTHON
