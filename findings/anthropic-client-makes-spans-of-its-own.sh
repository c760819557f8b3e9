#!/usr/bin/env bash
# What happens: Anthropic's client makes an OpenTelemetry span of its own for each call as soon as a tracer
#   provider is set. Beside an instrumentation each call is two spans, and they disagree: of a stream that ends
#   early the client's own says ERROR, the instrumentation's says OK.
# The wrong guess: A client library makes no spans unless an instrumentation was installed, and one call is one
#   span.
# Versions: anthropic==2.14.0, opentelemetry-sdk==1.45.2, openinference-instrumentation-anthropic==3.1.0
# Seen:
#   without instrumentation: [('anthropic.messages.create', 'OK')]
#   with it, cut: [('anthropic.messages.create', 'ERROR'), ('messages.create', 'OK')]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    anthropic==2.14.0 opentelemetry-sdk==1.45.2 openinference-instrumentation-anthropic==3.1.0
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

BEGIN = [
    ("message_start", {"type": "message_start", "message": {
        "id": "m", "type": "message", "role": "assistant", "model": "claude", "content": [], "stop_reason": None,
        "stop_sequence": None, "usage": {"input_tokens": 10, "output_tokens": 1}}}),
    ("content_block_start", {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
    ("content_block_delta", {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hel"}}),
]
END = [
    ("content_block_stop", {"type": "content_block_stop", "index": 0}),
    ("message_delta", {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None},
                       "usage": {"output_tokens": 7}}),
    ("message_stop", {"type": "message_stop"}),
]

answers = [[*BEGIN, *END], BEGIN]
url = serve(lambda _: events(*answers.pop(0)))

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

memory = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(memory))
tracer = provider.get_tracer("finding")

import anthropic
from openinference.instrumentation.anthropic import AnthropicInstrumentor
from opentelemetry import trace

trace.set_tracer_provider(provider)

def read():
    client = anthropic.Anthropic(api_key="none", base_url=url, max_retries=0)
    list(client.messages.create(model="claude", max_tokens=9, stream=True, messages=[{"role": "user", "content": "x"}]))
    spans = sorted((span.name, span.status.status_code.name) for span in memory.get_finished_spans())
    memory.clear()
    return spans

alone = read()
print("without instrumentation:", alone)
AnthropicInstrumentor().instrument(tracer_provider=provider)
both = read()
print("with it, cut:", both)
assert alone == [("anthropic.messages.create", "OK")]
assert both == [("anthropic.messages.create", "ERROR"), ("messages.create", "OK")]
PYTHON
