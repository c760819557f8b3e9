#!/usr/bin/env bash
# What happens: An answer that LangChain takes from its cache has the id of the message that was once made. LangGraph joins messages by their id, so an
#   agent that is told the same thing twice in one conversation loses a turn: the second answer takes the place of the first, at the first one's
#   position, and the history that the next model call is asked with ends in the tool's result, as if the model had not spoken. Without the cache
#   the same graph keeps both answers. Nothing is logged.
# The wrong guess: A cache saves a call and changes nothing else; a message that a node returns is added at the end.
# Versions: langgraph==1.2.24, langchain-core==1.8.3
# Seen:
#   without a cache: human: Watch the queue., ai: look again, tool: nothing new, ai: look again
#   with a cache: human: Watch the queue., ai: look again, tool: nothing new
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check langgraph==1.2.24 langchain-core==1.8.3
"$folder/venv/bin/python" - <<'PYTHON'
from langchain_core.caches import InMemoryCache
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, SystemMessage, ToolMessage
from langgraph.graph import END, START, MessagesState, StateGraph

def history(cache):
    model = GenericFakeChatModel(messages=iter([AIMessage("look again"), AIMessage("look again")]), cache=cache)

    def plan(state):
        return {"messages": [model.invoke([SystemMessage("Say what the next step is.")])]}

    def look(state):
        return {"messages": [ToolMessage("nothing new", tool_call_id="1")]}

    graph = StateGraph(MessagesState)
    for name, node in {"plan": plan, "look": look, "plan once more": plan}.items():
        graph.add_node(name, node)
    for edge in [(START, "plan"), ("plan", "look"), ("look", "plan once more"), ("plan once more", END)]:
        graph.add_edge(*edge)
    messages = graph.compile().invoke({"messages": [("user", "Watch the queue.")]})["messages"]
    return [f"{message.type}: {message.content}" for message in messages]

seen = {"without a cache": history(None), "with a cache": history(InMemoryCache())}
for name, messages in seen.items():
    print(f"{name}: {', '.join(messages)}")
assert seen["without a cache"] == ["human: Watch the queue.", "ai: look again", "tool: nothing new", "ai: look again"]
assert seen["with a cache"] == ["human: Watch the queue.", "ai: look again", "tool: nothing new"]
PYTHON
