#!/usr/bin/env bash
# What happens: Anthropic's stream tells the output tokens twice: those so far in message_start, the total in
#   message_delta. The instrumentation adds the two, so each streamed answer has more output tokens than were
#   billed.
# The wrong guess: Usage of a stream is a series of counts, of which the last is the total.
# Versions: opentelemetry-instrumentation-anthropic==0.62.4, opentelemetry-sdk==1.45.2, anthropic==2.14.0
# Seen:
#   the API's count: 7
#   the client's count: 7
#   the span's count: 8
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    opentelemetry-instrumentation-anthropic==0.62.4 opentelemetry-sdk==1.45.2 anthropic==2.14.0
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

url = serve(lambda _: events(*BEGIN, *END))

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

memory = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(memory))
tracer = provider.get_tracer("finding")

import anthropic
from opentelemetry.instrumentation.anthropic import AnthropicInstrumentor

AnthropicInstrumentor().instrument(tracer_provider=provider)
client = anthropic.Anthropic(api_key="none", base_url=url, max_retries=0)
with client.messages.stream(model="claude", max_tokens=9, messages=[{"role": "user", "content": "x"}]) as stream:
    message = stream.get_final_message()
span = next(span for span in memory.get_finished_spans() if span.name == "anthropic.chat")
count = span.attributes["gen_ai.usage.output_tokens"]
print("the API's count: 7")
print("the client's count:", message.usage.output_tokens)
print("the span's count:", count)
assert message.usage.output_tokens == 7 and count == 8
PYTHON
