#!/usr/bin/env bash
# What happens: run() of an Agno agent whose model call fails raises nothing. It returns an output whose `content` is the text of the error, where the
#   answer stands otherwise, and a stream ends after an event RunError. OpenInference's instrumentation follows the one and not the other: the
#   agent's span of the same failure is an ERROR with the error as its output when the run was not streamed, and OK when it was, above a
#   model's span that is an ERROR both times. It is the same for arun().
# The wrong guess: A refused key raises, as in the client below; at least the agent's span says ERROR, however its answer is read.
# Versions: agno==3.1.10, openinference-instrumentation-agno==1.0.15, openai==3.57.0, opentelemetry-sdk==1.45.2
# Seen:
#   run: returned, status ERROR, content 'Incorrect key'; span of the agent ERROR, of the model ERROR
#   run, streamed: ended after RunErrorEvent; span of the agent OK, of the model ERROR
#   arun: returned, status ERROR, content 'Incorrect key'; span of the agent ERROR, of the model ERROR
#   arun, streamed: ended after RunErrorEvent; span of the agent OK, of the model ERROR
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    agno==3.1.10 openinference-instrumentation-agno==1.0.15 openai==3.57.0 opentelemetry-sdk==1.45.2
"$folder/venv/bin/python" - 2>"$folder/errors.log" <<'PYTHON' || { cat "$folder/errors.log"; exit 1; }
import asyncio, http.server, json, logging, threading
from agno.agent import Agent
from agno.models.openai import OpenAIChat
from openinference.instrumentation.agno import AgnoInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

logging.disable(logging.CRITICAL)

class Server(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        body = json.dumps({"error": {"message": "Incorrect key", "type": "invalid_request_error", "code": "invalid_api_key"}}).encode()
        self.send_response(401)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
memory, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(memory))
AgnoInstrumentor().instrument(tracer_provider=provider)

def agent():
    memory.clear()
    model = OpenAIChat(id="gpt-4o", api_key="none", base_url=f"http://127.0.0.1:{server.server_port}", max_retries=0)
    return Agent(name="Agent", model=model, telemetry=False)

def show(name, outcome):
    model, run = memory.get_finished_spans()
    assert run.parent is None and model.parent.span_id == run.context.span_id
    statuses = (run.status.status_code.name, model.status.status_code.name)
    print("{}: {}; span of the agent {}, of the model {}".format(name, outcome, *statuses))
    return outcome, statuses

def returned(output):
    return f"returned, status {output.status.value}, content {output.content!r}"

def ended(events):
    return f"ended after {type(events[-1]).__name__}"

async def whole():
    return await agent().arun("hi")

async def streamed():
    return [event async for event in agent().arun("hi", stream=True)]

seen = [
    show("run", returned(agent().run("hi"))),
    show("run, streamed", ended(list(agent().run("hi", stream=True)))),
    show("arun", returned(asyncio.run(whole()))),
    show("arun, streamed", ended(asyncio.run(streamed()))),
]
answer = "returned, status ERROR, content 'Incorrect key'"
assert seen == [(answer, ("ERROR", "ERROR")), ("ended after RunErrorEvent", ("OK", "ERROR"))] * 2
PYTHON
