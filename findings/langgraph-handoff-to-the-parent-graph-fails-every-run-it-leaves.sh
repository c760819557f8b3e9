#!/usr/bin/env bash
# What happens: A node of a subgraph that hands over to a node of the graph above (Command with
#   graph=Command.PARENT), as supervisor and swarm agents do, is reported as an error (ParentCommand) of the
#   node, of the subgraph and of the node that holds it, three errors in a run that succeeds.
# The wrong guess: A hand-over is a result; the runs that it leaves end well.
# Versions: langgraph==1.2.24, langchain-core==1.8.3
# Seen:
#   ['error leave ParentCommand', 'error LangGraph ParentCommand', 'error team ParentCommand']
#   result: other
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

team = StateGraph(State)
team.add_node("leave", lambda state: Command(goto="other", graph=Command.PARENT, update={"text": "left"}))
team.add_edge(START, "leave")
graph = StateGraph(State)
graph.add_node("team", team.compile())
graph.add_node("other", lambda state: {"text": "other"})
graph.add_edge(START, "team")
handler = Handler()
result = graph.compile().invoke({"text": "?"}, {"callbacks": [handler]})
errors = [entry for entry in handler.seen if entry.startswith("error")]
print(errors)
print("result:", result["text"])
assert errors == [f"error {name} ParentCommand" for name in ("leave", "LangGraph", "team")] and result["text"] == "other"
PYTHON
