#!/usr/bin/env bash
# What happens: A tool of LangChain that raises ToolException is on_tool_end where the tool handles it (handle_tool_error), and on_tool_error where the
#   node that runs the tool does (handle_tool_errors of LangGraph's ToolNode). The model gets a message with the status `error` both times, and
#   the run succeeds. A tracer that marks failed tools by the callback sees half of them.
# The wrong guess: One exception of one tool is one kind of callback, wherever it is caught, or none of those that are caught is an error.
# Versions: langchain-core==1.8.3, langgraph==1.2.24
# Seen:
#   handled by the node: callback error, message error
#   handled by the tool: callback end, message error
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    langchain-core==1.8.3 langgraph==1.2.24
"$folder/venv/bin/python" - <<'PYTHON'
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage
from langchain_core.tools import ToolException, tool
from langgraph.graph import MessagesState, StateGraph
from langgraph.prebuilt import ToolNode

class Callbacks(BaseCallbackHandler):
    def __init__(self):
        self.seen = []
    def on_tool_end(self, output, **_):
        self.seen.append("end")
    def on_tool_error(self, error, **_):
        self.seen.append("error")

@tool
def search() -> str:
    """Searches."""
    raise ToolException("no network")

def run(node):
    callbacks, graph = Callbacks(), StateGraph(MessagesState)
    graph.add_node("tools", node)
    graph.set_entry_point("tools")
    graph.set_finish_point("tools")
    call = AIMessage("", tool_calls=[{"id": "1", "name": "search", "args": {}}])
    answer = graph.compile().invoke({"messages": [call]}, config={"callbacks": [callbacks]})["messages"][-1]
    return callbacks.seen, answer.status

by_node = run(ToolNode([search], handle_tool_errors=True))
search.handle_tool_error = True
by_tool = run(ToolNode([search]))
for name, (seen, status) in {"node": by_node, "tool": by_tool}.items():
    print(f"handled by the {name}: callback {', '.join(seen)}, message {status}")
assert by_node == (["error"], "error") and by_tool == (["end"], "error")
PYTHON
