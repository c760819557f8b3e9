#!/usr/bin/env bash
# What happens: The result of a run that continues a conversation (reset=False) has two spans of time in it: its timing is the run's own, and
#   its token usage and steps are those of the whole conversation. Tokens for each second, or a sum over the results, are wrong.
# The wrong guess: token_usage and timing of one result describe the same run.
# Versions: smolagents==1.26.0
# Seen:
#   run 1: 10 + 5 tokens, steps 2
#   run 2, reset=False: 20 + 10 tokens, steps 4, timing begins after run 1 has ended: True
#   run 3, reset=True: 10 + 5 tokens, steps 2
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check smolagents==1.26.0
"$folder/venv/bin/python" - <<'PYTHON'
from smolagents import ChatMessage, Model, ToolCallingAgent
from smolagents.models import ChatMessageToolCall, ChatMessageToolCallFunction
from smolagents.monitoring import TokenUsage


class Stub(Model):
    def generate(self, messages, **_):
        answer = ChatMessageToolCallFunction(name="final_answer", arguments={"answer": "yes"})
        call = ChatMessageToolCall(id="1", type="function", function=answer)
        usage = TokenUsage(input_tokens=10, output_tokens=5)
        return ChatMessage(role="assistant", content="", tool_calls=[call], token_usage=usage)


agent = ToolCallingAgent(tools=[], model=Stub(), verbosity_level=0, return_full_result=True)
first = agent.run("one")
second = agent.run("two", reset=False)
third = agent.run("three", reset=True)


def said(result):
    usage = result.token_usage
    return f"{usage.input_tokens} + {usage.output_tokens} tokens, steps {len(result.steps)}"


is_own_time = second.timing.start_time >= first.timing.end_time
print(f"run 1: {said(first)}")
print(f"run 2, reset=False: {said(second)}, timing begins after run 1 has ended: {is_own_time}")
print(f"run 3, reset=True: {said(third)}")
assert said(first) == said(third) == "10 + 5 tokens, steps 2"
assert said(second) == "20 + 10 tokens, steps 4" and is_own_time
PYTHON
