#!/usr/bin/env bash
# What happens: The span of a tool that raises in Google's ADK has `<not specified>` for `gen_ai.tool.call.id`; that of one that returns has the
#   id of the model's call. So a failed tool cannot be joined with the call that it failed, and of two calls of one tool at once nobody can
#   tell from the trace which one it was.
# The wrong guess: The id is known before the tool runs, as the model gave it, and is set whatever comes of it.
# Versions: google-adk==2.13.0, opentelemetry-sdk==1.44.0
# Seen:
#   returns: UNSET, gen_ai.tool.call.id call-1
#   raises: ERROR, gen_ai.tool.call.id <not specified>
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
        part = types.Part(text="done") if answered else types.Part(function_call=types.FunctionCall(name="search", args={}, id="call-1"))
        yield LlmResponse(content=types.Content(role="model", parts=[part]))

async def main(search):
    runner = InMemoryRunner(agent=LlmAgent(name="agent", model=Model(model="m"), tools=[search]), app_name="app")
    session = await runner.session_service.create_session(app_name="app", user_id="user")
    message = types.Content(role="user", parts=[types.Part(text="hi")])
    try:
        async for _ in runner.run_async(user_id="user", session_id=session.id, new_message=message):
            pass
    except ValueError:
        pass
    (span,) = (span for span in memory.get_finished_spans() if span.name.startswith("execute_tool"))
    memory.clear()
    return span.status.status_code.name, span.attributes["gen_ai.tool.call.id"]

def search() -> str:
    """Searches."""
    return "found"

async def returns():
    return await main(search)

async def raises():
    def search() -> str:
        """Searches."""
        raise ValueError("no network")
    return await main(search)

seen = {run.__name__: asyncio.run(run()) for run in (returns, raises)}
for name, (status, call) in seen.items():
    print(f"{name}: {status}, gen_ai.tool.call.id {call}")
assert seen == {"returns": ("UNSET", "call-1"), "raises": ("ERROR", "<not specified>")}
PYTHON
