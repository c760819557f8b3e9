#!/usr/bin/env bash
# What happens: The span `invoke_agent` of Strands has the tokens of all calls that the agent object has had, not of the call that it
#   is the span of. An agent that is kept for a conversation reports the first question's tokens again with each later one, and the
#   result's metrics do the same.
# The wrong guess: The usage of a span is what was used within it, so the spans of an agent can be summed.
# Versions: strands-agents==1.62.0, opentelemetry-sdk==1.45.1
# Seen:
#   call 1: one model call of 10 + 5, invoke_agent says 10 + 5
#   call 2: one model call of 10 + 5, invoke_agent says 20 + 10
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    strands-agents==1.62.0 opentelemetry-sdk==1.45.1
"$folder/venv/bin/python" - <<'PYTHON'
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

exporter, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)
from strands import Agent
from strands.models import Model

class Answers(Model):
    def update_config(self, **_): pass
    def get_config(self): return {}
    async def structured_output(self, *_, **__): yield {}
    async def stream(self, *_, **__):
        yield {"messageStart": {"role": "assistant"}}
        yield {"contentBlockDelta": {"delta": {"text": "Blue."}}}
        yield {"contentBlockStop": {}}
        yield {"messageStop": {"stopReason": "end_turn"}}
        yield {"metadata": {"usage": {"inputTokens": 10, "outputTokens": 5, "totalTokens": 15}, "metrics": {"latencyMs": 1}}}

def tokens(span):
    return span.attributes["gen_ai.usage.input_tokens"], span.attributes["gen_ai.usage.output_tokens"]

agent = Agent(model=Answers(), callback_handler=None)
for number in (1, 2):
    exporter.clear()
    agent("Which colour?")
    spans = exporter.get_finished_spans()
    (model,) = [tokens(span) for span in spans if span.name == "chat"]
    (whole,) = [tokens(span) for span in spans if span.name.startswith("invoke_agent")]
    print(f"call {number}: one model call of {model[0]} + {model[1]}, invoke_agent says {whole[0]} + {whole[1]}")
    assert model == (10, 5) and whole == (10 * number, 5 * number)
PYTHON
