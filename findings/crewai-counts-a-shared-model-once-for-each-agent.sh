#!/usr/bin/env bash
# What happens: The token usage of a CrewAI crew is the sum over its agents of what the model object of each has counted. Two agents with one
#   model object, the usual way to set one up, report each call twice. And the count is that of the object's life: the result of the second
#   kickoff has the tokens of the first one in it.
# The wrong guess: The usage of a result is what this run used, however the model was handed to the agents.
# Versions: crewai==1.15.30
# Seen:
#   a model each, first kickoff: 2 calls of 15 tokens, reported 30 in 2 requests
#   a model each, second kickoff: 2 calls of 15 tokens, reported 60 in 4 requests
#   one model for both, first kickoff: 2 calls of 15 tokens, reported 60 in 4 requests
#   one model for both, second kickoff: 2 calls of 15 tokens, reported 120 in 8 requests
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check crewai==1.15.30
HOME=$folder CREWAI_DISABLE_TELEMETRY=true CREWAI_TRACING_ENABLED=false OTEL_SDK_DISABLED=true \
    "$folder/venv/bin/python" - 2>"$folder/log" <<'PYTHON' || { cat "$folder/log"; exit 1; }
from typing import ClassVar
from crewai import Agent, BaseLLM, Crew, Task

class Stub(BaseLLM):
    calls: ClassVar[int] = 0

    def call(self, *_, **__):
        Stub.calls += 1
        self._track_token_usage_internal({"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15})
        return "Thought: I now can give a great answer\nFinal Answer: Blue."

    def supports_function_calling(self):
        return False

def crew(models):
    agents = [Agent(role=str(number), goal="g", backstory="b", llm=model) for number, model in enumerate(models)]
    return Crew(agents=agents, tasks=[Task(description="Which colour?", expected_output="a colour", agent=agent) for agent in agents])

def kickoff(name, crew):
    Stub.calls = 0
    usage = crew.kickoff().token_usage
    print(f"{name}: {Stub.calls} calls of 15 tokens, reported {usage.total_tokens} in {usage.successful_requests} requests")
    return Stub.calls, usage.total_tokens, usage.successful_requests

own, shared = crew([Stub(model="stub"), Stub(model="stub")]), crew([Stub(model="stub")] * 2)
assert kickoff("a model each, first kickoff", own) == (2, 30, 2)
assert kickoff("a model each, second kickoff", own) == (2, 60, 4)
assert kickoff("one model for both, first kickoff", shared) == (2, 60, 4)
assert kickoff("one model for both, second kickoff", shared) == (2, 120, 8)
PYTHON
