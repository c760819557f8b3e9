#!/usr/bin/env bash
# What happens: An agent of smolagents that has used up its max_steps asks the model once more, for an answer from what it has. So
#   max_steps=1 is two requests, and a budget of one is overspent.
# The wrong guess: max_steps bounds the requests of a run, as the limit of a budget.
# Versions: smolagents==1.26.0
# Seen:
#   max_steps=1: 2 requests, state max_steps_error, 20 + 10 tokens
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    smolagents==1.26.0
"$folder/venv/bin/python" - <<'PYTHON'
from smolagents import ChatMessage, CodeAgent, Model
from smolagents.models import MessageRole
from smolagents.monitoring import TokenUsage

class Counted(Model):
    requests = 0
    def generate(self, messages, **_):
        self.requests += 1
        return ChatMessage(role=MessageRole.ASSISTANT, content="Thought: add.\n<code>\nx = 1 + 1\n</code>",
                           token_usage=TokenUsage(input_tokens=10, output_tokens=5))

agent = CodeAgent(tools=[], model=Counted(model_id="m"), max_steps=1, return_full_result=True, verbosity_level=0)
result = agent.run("How many?")
usage = result.token_usage
print(f"max_steps=1: {agent.model.requests} requests, state {result.state}, {usage.input_tokens} + {usage.output_tokens} tokens")
assert agent.model.requests == 2 and result.state == "max_steps_error"
assert (usage.input_tokens, usage.output_tokens) == (20, 10)
PYTHON
