#!/usr/bin/env bash
# What happens: interrupt(), the ordinary way to ask a person, reaches callbacks as an error of the node
#   (on_chain_error with GraphInterrupt) inside of a graph run that ends well. Going on is a new run, in which
#   the node is run again from its first line; nothing in the callbacks links the two.
# The wrong guess: Waiting for a person is a pause of one run, with one start and one end for the node, and no
#   error.
# Versions: langgraph==1.2.24, langchain-core==1.8.3
# Seen:
#   ['start LangGraph', 'start ask', 'error ask GraphInterrupt', 'end LangGraph']
#   ['start LangGraph', 'start ask', 'end ask', 'end LangGraph']
#   the node's first line was run 2 times
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    langgraph==1.2.24 langchain-core==1.8.3
"$folder/venv/bin/python" - <<'PYTHON'
from typing import TypedDict
from langchain_core.callbacks import BaseCallbackHandler
from langgraph.checkpoint.memory import MemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt

class State(TypedDict):
    text: str

class Handler(BaseCallbackHandler):
    def __init__(self): self.seen, self.names = [], {}
    def on_chain_start(self, serialized, inputs, *, run_id, name=None, **_):
        self.names[run_id] = name
        self.seen.append(f"start {name}")
    def on_chain_end(self, outputs, *, run_id, **_): self.seen.append(f"end {self.names[run_id]}")
    def on_chain_error(self, error, *, run_id, **_): self.seen.append(f"error {self.names[run_id]} {type(error).__name__}")

entered = []
def ask(state):
    entered.append(1)
    return {"text": interrupt("go on?")}

graph = StateGraph(State)
graph.add_node("ask", ask)
graph.add_edge(START, "ask")
graph.add_edge("ask", END)
graph = graph.compile(checkpointer=MemorySaver())
first, second = Handler(), Handler()
thread = {"thread_id": "1"}
graph.invoke({"text": "?"}, {"configurable": thread, "callbacks": [first]})
graph.invoke(Command(resume="yes"), {"configurable": thread, "callbacks": [second]})
print(first.seen)
print(second.seen)
print(f"the node's first line was run {len(entered)} times")
assert first.seen == ["start LangGraph", "start ask", "error ask GraphInterrupt", "end LangGraph"]
assert second.seen == ["start LangGraph", "start ask", "end ask", "end LangGraph"] and len(entered) == 2
PYTHON
