#!/usr/bin/env bash
# What happens: A node of a LangGraph graph opens a span of the program's own and asks a model in it; a tool opens one for its query. Three
#   instrumentations of LangChain make three trees of that. With OpenTelemetry's own the two spans are below the graph and the tool; with
#   OpenLLMetry's below the node and the tool; with OpenInference's they are in traces of their own, as is all that an instrumentation of HTTP or
#   of a database adds. With none of them is the model's call below the span in which it was made, although that is the current one.
# The wrong guess: The span of a model's call is a child of the current span, as OpenTelemetry has it, and what a node does is below the node.
# Versions: opentelemetry-instrumentation-genai-langchain==1.3b0, opentelemetry-instrumentation-langchain==0.62.4 (OpenLLMetry),
#   openinference-instrumentation-langchain==0.1.80, langgraph==1.2.24, langchain-core==1.8.3, opentelemetry-sdk==1.45.2
# Seen:
#   opentelemetry: 1 traces; own step below invoke_workflow graph, model's call below invoke_workflow graph, own query below execute_tool weather
#   openllmetry: 1 traces; own step below execute_task node, model's call below execute_task node, own query below execute_tool weather
#   openinference: 3 traces; own step below nothing, model's call below node, own query below nothing
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    opentelemetry-instrumentation-genai-langchain==1.3b0 opentelemetry-instrumentation-langchain==0.62.4 \
    openinference-instrumentation-langchain==0.1.80 langchain==1.5.2 langgraph==1.2.24 langchain-core==1.8.3 opentelemetry-sdk==1.45.2
cat >"$folder/run.py" <<'PYTHON'
import importlib, json, sys
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from langchain_core.tools import tool
from langgraph.graph import MessagesState, START, StateGraph
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

memory, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(memory))
trace.set_tracer_provider(provider)
module, name = sys.argv[1:]
getattr(importlib.import_module(module), name)().instrument(tracer_provider=provider)
tracer = trace.get_tracer("program")
model = GenericFakeChatModel(messages=iter([AIMessage("done")]), metadata={"ls_model_name": "gpt-4o"})

@tool
def weather(city: str) -> str:
    "The weather of a city."
    with tracer.start_as_current_span("own query"):
        return "5"

def node(state):
    with tracer.start_as_current_span("own step"):
        answer = model.invoke(state["messages"])
    weather.invoke({"city": "Oslo"})
    return {"messages": [answer]}

graph = StateGraph(MessagesState).add_node("node", node).add_edge(START, "node").compile(name="graph")
graph.invoke({"messages": [("user", "hi")]})
spans = memory.get_finished_spans()
names = {span.context.span_id: span.name for span in spans}
parents = {span.name: names[span.parent.span_id] if span.parent else "nothing" for span in spans}
(call,) = {name for name in parents if "FakeChatModel" in name or name.startswith("chat")}
print(json.dumps([len({span.context.trace_id for span in spans}), parents["own step"], parents[call], parents["own query"]]))
PYTHON
run() {
    "$folder/venv/bin/python" -W ignore "$folder/run.py" "$2" "$3" >"$folder/$1.json"
}
run opentelemetry opentelemetry.instrumentation.genai.langchain LangChainInstrumentor
run openllmetry opentelemetry.instrumentation.langchain LangchainInstrumentor
run openinference openinference.instrumentation.langchain LangChainInstrumentor
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import json, pathlib, sys

expected = {
    "opentelemetry": [1, "invoke_workflow graph", "invoke_workflow graph", "execute_tool weather"],
    "openllmetry": [1, "execute_task node", "execute_task node", "execute_tool weather"],
    "openinference": [3, "nothing", "node", "nothing"],
}
for name, tree in expected.items():
    seen = json.loads((pathlib.Path(sys.argv[1]) / f"{name}.json").read_text())
    print("{}: {} traces; own step below {}, model's call below {}, own query below {}".format(name, *seen))
    assert seen == tree
PYTHON
