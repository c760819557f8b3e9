#!/usr/bin/env bash
# What happens: Each message of an AutoGen team has the usage of the model call that made it, and AutoGen's own console adds these up. The calls
#   by which SelectorGroupChat picks the next speaker are in no message, neither in a run's result nor in its stream: with four short turns
#   they are three quarters of all prompt tokens. Only the client's own total, which is that of its life and of all teams, has them.
# The wrong guess: The usage of a run is the sum over its messages, since every model call of the run is told by one of them.
# Versions: autogen-agentchat==0.7.5, autogen-ext==0.7.5
# Seen:
#   calls: 4 of agents, 4 of the selector
#   prompt tokens in the messages of the run: 90
#   prompt tokens in the stream of the run: 90
#   prompt tokens of the agents' models: 90, of the selector's model: 228
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    autogen-agentchat==0.7.5 autogen-ext==0.7.5
"$folder/venv/bin/python" - <<'PYTHON'
import asyncio
from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.conditions import MaxMessageTermination
from autogen_agentchat.teams import SelectorGroupChat
from autogen_ext.models.replay import ReplayChatCompletionClient

def team():
    names = ["alice", "bob", "alice", "bob"]
    models = [ReplayChatCompletionClient(answers) for answers in (["one", "three"], ["two", "four"], names)]
    agents = [AssistantAgent(name, model, description=name) for name, model in zip(["alice", "bob"], models)]
    stop = MaxMessageTermination(5)
    return models, SelectorGroupChat(agents, models[2], termination_condition=stop, allow_repeated_speaker=True)

def prompt_tokens(messages):
    usages = [getattr(message, "models_usage", None) for message in messages]
    return sum(usage.prompt_tokens for usage in usages if usage)

async def main():
    models, chat = team()
    told = prompt_tokens((await chat.run(task="hi")).messages)
    *agents, selector = [model.total_usage().prompt_tokens for model in models]
    print(f"calls: {len(models[0].create_calls) + len(models[1].create_calls)} of agents, {len(models[2].create_calls)} of the selector")
    streamed = prompt_tokens([item async for item in team()[1].run_stream(task="hi")])
    print(f"prompt tokens in the messages of the run: {told}\nprompt tokens in the stream of the run: {streamed}")
    print(f"prompt tokens of the agents' models: {sum(agents)}, of the selector's model: {selector}")
    assert told == streamed == sum(agents) > 0
    assert len(models[2].create_calls) == 4 and selector > 2 * told

asyncio.run(main())
PYTHON
