#!/usr/bin/env bash
# What happens: The clients of OpenAI and Anthropic for Python send their requests by the package httpx2. OpenTelemetry's instrumentation of httpx
#   misses them: they have neither span nor `traceparent`, so that the trace of a gateway or a proxy begins anew. A request by httpx itself,
#   in the same program, is seen.
# The wrong guess: Both clients are built on httpx, so instrumenting it covers all calls of models.
# Versions: openai==3.57.0, anthropic==2.14.0, httpx==0.28.1, opentelemetry-instrumentation-httpx==0.66b2, opentelemetry-sdk==1.45.2
# Seen:
#   httpx: 1 span(s), traceparent sent
#   openai: 0 span(s), no traceparent
#   anthropic: 0 span(s), no traceparent
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    openai==3.57.0 anthropic==2.14.0 httpx==0.28.1 opentelemetry-instrumentation-httpx==0.66b2 opentelemetry-sdk==1.45.2
"$folder/venv/bin/python" - <<'PYTHON'
import http.server, json, threading
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

exporter, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
HTTPXClientInstrumentor().instrument(tracer_provider=provider)
import anthropic, httpx, openai

OPENAI = {"id": "c", "object": "chat.completion", "created": 1, "model": "gpt-4o", "choices": [
    {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Blue."}}]}
ANTHROPIC = {"id": "m", "type": "message", "role": "assistant", "model": "claude-opus-5", "stop_reason": "end_turn", "stop_sequence": None,
             "content": [{"type": "text", "text": "Blue."}], "usage": {"input_tokens": 1, "output_tokens": 1}}
headers = []

class Stub(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        headers.append(self.headers.get("traceparent"))
        body = json.dumps(OPENAI if self.path.endswith("/completions") else ANTHROPIC).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Stub)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"
asked = [{"role": "user", "content": "Which colour?"}]

def seen(name, call):
    exporter.clear()
    headers.clear()
    call()
    spans, has_parent = len(exporter.get_finished_spans()), headers[0] is not None
    print(f"{name}: {spans} span(s), {'traceparent sent' if has_parent else 'no traceparent'}")
    return len(headers), spans, has_parent

assert seen("httpx", lambda: httpx.post(url + "/completions", json={})) == (1, 1, True)
chat = openai.OpenAI(api_key="none", base_url=url).chat.completions
assert seen("openai", lambda: chat.create(model="gpt-4o", messages=asked)) == (1, 0, False)
messages = anthropic.Anthropic(api_key="none", base_url=url).messages
assert seen("anthropic", lambda: messages.create(model="claude-opus-5", max_tokens=9, messages=asked)) == (1, 0, False)
server.shutdown()
PYTHON
