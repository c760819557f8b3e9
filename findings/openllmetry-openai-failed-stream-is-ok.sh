#!/usr/bin/env bash
# What happens: A stream that ends in an error event raises APIError in the program, and the span of the
#   instrumentation has status OK, no exception and no error type. A stream that ends before its finish_reason
#   is OK too.
# The wrong guess: What raises in the caller is an error of the span.
# Versions: opentelemetry-instrumentation-openai==0.62.4, opentelemetry-sdk==1.45.2, openai==2.54.0
# Seen:
#   raised APIError: overloaded
#   span openai.chat: OK, exceptions 0, error.type None
#   cut: OK
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    opentelemetry-instrumentation-openai==0.62.4 opentelemetry-sdk==1.45.2 openai==2.54.0
"$folder/venv/bin/python" - <<'PYTHON'
import http.server, json, threading

def events(*all):
    return "".join(f"event: {name}\ndata: {json.dumps(data)}\n\n" if name else f"data: {json.dumps(data)}\n\n" for name, data in all).encode()

def serve(body_of):
    """A server on loopback that answers each POST with the event stream that body_of(path) gives."""
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        def log_message(self, *_): pass
        def do_POST(self):
            self.rfile.read(int(self.headers.get("content-length") or 0))
            body = body_of(self.path)
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"

def chunk(content=None, reason=None, usage=None):
    choice = {"index": 0, "delta": {"role": "assistant", "content": content} if content else {}, "finish_reason": reason}
    return None, {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "usage": usage,
                  "choices": [] if usage else [choice]}

FAIL = [chunk("a"), (None, {"error": {"message": "overloaded", "type": "server_error"}})]
answers = [FAIL, [chunk("a")]]
url = serve(lambda _: events(*answers.pop(0)))

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

memory = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(memory))
tracer = provider.get_tracer("finding")

import openai
from opentelemetry.instrumentation.openai import OpenAIInstrumentor

OpenAIInstrumentor().instrument(tracer_provider=provider)
client = openai.OpenAI(api_key="none", base_url=url, max_retries=0)

def read():
    list(client.chat.completions.create(model="m", messages=[{"role": "user", "content": "x"}], stream=True))

try:
    read()
    raise SystemExit("no error")
except openai.APIError as error:
    print(f"raised APIError: {error}")
span = memory.get_finished_spans()[0]
exceptions = [event for event in span.events if event.name == "exception"]
print(f"span {span.name}: {span.status.status_code.name}, exceptions {len(exceptions)}, error.type {span.attributes.get('error.type')}")
assert span.status.status_code.name == "OK" and not exceptions and "error.type" not in span.attributes
memory.clear()
read()
print("cut:", memory.get_finished_spans()[0].status.status_code.name)
assert memory.get_finished_spans()[0].status.status_code.name == "OK"
PYTHON
