#!/usr/bin/env bash
# What happens: An agent run that is cancelled in the middle of a model call leaves spans without error, status
#   or event, the same as those of a run that ended, and the agent's span ends before the span of the model call
#   inside of it. A tool that asks for another try, an ordinary step of the library, is an ERROR with an
#   exception event.
# The wrong guess: A cancelled run is marked in some way, a child ends before its parent, and ModelRetry is no
#   failure of the tool.
# Versions: pydantic-ai-slim==2.68.0, opentelemetry-sdk==1.45.2
# Seen:
#   cancelled: agent UNSET events 0, model call UNSET events 0, child ends after its parent: True
#   tool that asks for another try: ERROR ['exception'], then UNSET
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    pydantic-ai-slim==2.68.0 opentelemetry-sdk==1.45.2
"$folder/venv/bin/python" - <<'PYTHON'
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

memory = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(memory))

import asyncio
from pydantic_ai import Agent, InstrumentationSettings, ModelRetry
from pydantic_ai.models.function import FunctionModel
from pydantic_ai.models.test import TestModel

Agent.instrument_all(InstrumentationSettings(tracer_provider=provider))

async def slow(messages, info):
    await asyncio.sleep(60)

async def cancel():
    task = asyncio.create_task(Agent(FunctionModel(slow)).run("x"))
    await asyncio.sleep(0.5)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

asyncio.run(cancel())
spans = {span.name.split()[0]: span for span in memory.get_finished_spans()}
agent, call = spans["invoke_agent"], spans["chat"]
late = call.end_time > agent.end_time
print(f"cancelled: agent {agent.status.status_code.name} events {len(agent.events)}, model call "
      f"{call.status.status_code.name} events {len(call.events)}, child ends after its parent: {late}")
assert {agent.status.status_code.name, call.status.status_code.name} == {"UNSET"} and not agent.events and not call.events and late
memory.clear()

agent, tries = Agent(TestModel()), []

@agent.tool_plain
def look(x: int) -> str:
    tries.append(x)
    if len(tries) == 1:
        raise ModelRetry("another try")
    return "found"

agent.run_sync("x")
first, second = (span for span in memory.get_finished_spans() if span.name == "execute_tool look")
print(f"tool that asks for another try: {first.status.status_code.name} {[event.name for event in first.events]}, "
      f"then {second.status.status_code.name}")
assert first.status.status_code.name == "ERROR" and second.status.status_code.name == "UNSET"
PYTHON
