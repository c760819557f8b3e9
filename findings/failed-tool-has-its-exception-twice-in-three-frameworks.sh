#!/usr/bin/env bash
# What happens: One error of a tool is two events `exception` in the span of that tool, in AutoGen, Semantic Kernel and Google's ADK alike: each
#   records the exception itself, and lets it leave a block of OpenTelemetry's start_as_current_span, which records it again. Counts of
#   errors that are made of such events are double for tools.
# The wrong guess: One error is one event; record_exception in an `except` is needed, or OpenTelemetry's own event replaces it.
# Versions: autogen-core==0.7.5, semantic-kernel==1.45.0, google-adk==2.13.0, opentelemetry-sdk==1.45.2 (1.44.0 for ADK)
# Seen:
#   autogen: execute_tool search, ERROR, exception, exception
#   semantic-kernel: execute_tool plugin-search, ERROR, exception, exception
#   google-adk: execute_tool search, ERROR, exception, exception
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >spans.py <<'PYTHON'
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

memory, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(memory))
trace.set_tracer_provider(provider)

def check(name):
    (span,) = (span for span in memory.get_finished_spans() if span.name.startswith("execute_tool"))
    events = [event.name for event in span.events]
    print(f"{name}: {span.name}, {span.status.status_code.name}, {', '.join(events)}")
    assert events == ["exception", "exception"] and len({event.attributes["exception.message"] for event in span.events}) == 1
PYTHON
cat >autogen.py <<'PYTHON'
import asyncio
import spans
from autogen_core import CancellationToken
from autogen_core.tools import FunctionTool

async def search() -> str:
    raise ValueError("no network")

try:
    asyncio.run(FunctionTool(search, description="Searches").run_json({}, CancellationToken()))
except ValueError:
    pass
spans.check("autogen")
PYTHON
cat >kernel.py <<'PYTHON'
import asyncio
import spans
from semantic_kernel import Kernel
from semantic_kernel.functions import kernel_function

@kernel_function
async def search() -> str:
    """Searches."""
    raise ValueError("no network")

kernel = Kernel()
function = kernel.add_function("plugin", search)
try:
    asyncio.run(kernel.invoke(function))
except Exception:
    pass
spans.check("semantic-kernel")
PYTHON
cat >adk.py <<'PYTHON'
import asyncio
import spans
from google.adk.agents import LlmAgent
from google.adk.models import BaseLlm, LlmResponse
from google.adk.runners import InMemoryRunner
from google.genai import types

class Model(BaseLlm):
    async def generate_content_async(self, request, stream=False):
        call = types.FunctionCall(name="search", args={}, id="1")
        yield LlmResponse(content=types.Content(role="model", parts=[types.Part(function_call=call)]))

async def search() -> str:
    """Searches."""
    raise ValueError("no network")

async def main():
    runner = InMemoryRunner(agent=LlmAgent(name="agent", model=Model(model="m"), tools=[search]), app_name="app")
    session = await runner.session_service.create_session(app_name="app", user_id="user")
    message = types.Content(role="user", parts=[types.Part(text="hi")])
    async for _ in runner.run_async(user_id="user", session_id=session.id, new_message=message):
        pass

try:
    asyncio.run(main())
except ValueError:
    pass
spans.check("google-adk")
PYTHON
try() {
    python3 -m venv "$1"
    "$1/bin/pip" install --quiet --disable-pip-version-check "${@:2}"
    "$1/bin/python" "$1.py" 2>"$1.log"
}
try autogen autogen-core==0.7.5 opentelemetry-sdk==1.45.2
try kernel semantic-kernel==1.45.0 opentelemetry-sdk==1.45.2
try adk google-adk==2.13.0 opentelemetry-sdk==1.44.0
