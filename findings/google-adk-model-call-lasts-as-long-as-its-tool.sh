#!/usr/bin/env bash
# What happens: The span `generate_content` of Google's ADK begins with the request to the model and ends when the tools that the model called have
#   run. It is not their parent: `execute_tool` stands beside it. A model that answered at once and called a slow tool is a slow model in
#   each chart of latency, and the time of the tool is counted twice.
# The wrong guess: The span of a model call ends with the model's answer; spans side by side do not cover each other's work.
# Versions: google-adk==2.13.0, opentelemetry-sdk==1.44.0
# Seen:
#   the model answers at once, the tool takes 300 ms
#   first generate_content: at least 300 ms True, ends after the tool True, parent of the tool False
#   second generate_content: at least 300 ms False
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    google-adk==2.13.0 opentelemetry-sdk==1.44.0
"$folder/venv/bin/python" - 2>"$folder/warnings.log" <<'PYTHON'
import asyncio
from google.adk.agents import LlmAgent
from google.adk.models import BaseLlm, LlmResponse
from google.adk.runners import InMemoryRunner
from google.genai import types
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

memory, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(memory))
trace.set_tracer_provider(provider)

class Model(BaseLlm):
    async def generate_content_async(self, request, stream=False):
        answered = any(part.function_response for part in request.contents[-1].parts)
        part = types.Part(text="done") if answered else types.Part(function_call=types.FunctionCall(name="search", args={}, id="1"))
        yield LlmResponse(content=types.Content(role="model", parts=[part]))

async def search() -> str:
    """Searches."""
    await asyncio.sleep(0.3)
    return "found"

async def main():
    runner = InMemoryRunner(agent=LlmAgent(name="agent", model=Model(model="m"), tools=[search]), app_name="app")
    session = await runner.session_service.create_session(app_name="app", user_id="user")
    message = types.Content(role="user", parts=[types.Part(text="hi")])
    async for _ in runner.run_async(user_id="user", session_id=session.id, new_message=message):
        pass

asyncio.run(main())
spans = sorted(memory.get_finished_spans(), key=lambda span: span.start_time)
first, second = (span for span in spans if span.name.startswith("generate_content"))
(tool,) = (span for span in spans if span.name.startswith("execute_tool"))
long = [span.end_time - span.start_time >= 300_000_000 for span in (first, second)]
after, above = first.end_time >= tool.end_time, tool.parent.span_id == first.context.span_id
print("the model answers at once, the tool takes 300 ms")
print(f"first generate_content: at least 300 ms {long[0]}, ends after the tool {after}, parent of the tool {above}")
print(f"second generate_content: at least 300 ms {long[1]}")
assert long[0] and after and not above and tool.parent.span_id == first.parent.span_id
PYTHON
