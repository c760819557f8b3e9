#!/usr/bin/env bash
# What happens: OpenLLMetry's instrumentation of OpenAI's client has a span for a call of the Responses API only when the answer's status is
#   `completed` and its id is new. An answer that was cut at max_output_tokens, which was paid for, has none, nor has one that failed, nor one
#   that a cache on the way gives a second time. Nothing is logged. OpenInference has a span for each, and says OK of the failed one.
# The wrong guess: Each request is a span, and a failed answer is an error; that the body says `failed` with the HTTP status 200 is what an
#   instrumentation looks at first.
# Versions: opentelemetry-instrumentation-openai==0.62.4, openinference-instrumentation-openai==0.1.66, openai==3.57.0, opentelemetry-sdk==1.45.2
# Seen:
#   answer            OpenLLMetry   OpenInference
#   completed         UNSET         OK
#   incomplete        no span       OK
#   failed            no span       OK
#   completed, again  no span       OK
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    opentelemetry-instrumentation-openai==0.62.4 openinference-instrumentation-openai==0.1.66 opentelemetry-sdk==1.45.2 openai==3.57.0
cat >"$folder/run.py" <<'PYTHON'
import http.server, importlib, json, sys, threading
from openai import OpenAI
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

def response(name, status):
    wrote = status != "failed"
    text = {"type": "output_text", "text": "Paris is", "annotations": []}
    usage = {"input_tokens": 100, "output_tokens": 10, "total_tokens": 110,
             "input_tokens_details": {"cached_tokens": 0}, "output_tokens_details": {"reasoning_tokens": 0}}
    return {
        "id": name, "object": "response", "created_at": 1, "model": "gpt-4o", "status": status, "tools": [], "tool_choice": "auto",
        "parallel_tool_calls": True, "usage": usage if wrote else None,
        "output": [{"id": "m", "type": "message", "role": "assistant", "status": status, "content": [text]}] if wrote else [],
        "incomplete_details": {"reason": "max_output_tokens"} if status == "incomplete" else None,
        "error": {"code": "server_error", "message": "The model failed."} if status == "failed" else None}

answers = {
    "completed": ("r1", "completed"),
    "incomplete": ("r2", "incomplete"),
    "failed": ("r3", "failed"),
    "completed, again": ("r1", "completed"),
}
queue = [response(*answer) for answer in answers.values()]

class Server(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        body = json.dumps(queue.pop(0)).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
memory, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(memory))
importlib.import_module(sys.argv[1]).OpenAIInstrumentor().instrument(tracer_provider=provider)
client = OpenAI(base_url=f"http://127.0.0.1:{server.server_port}", api_key="none", max_retries=0)
seen = {}
for name, (_, status) in answers.items():
    assert client.responses.create(model="gpt-4o", input="Where?").status == status
    seen[name] = [span.status.status_code.name for span in memory.get_finished_spans()]
    memory.clear()
print(json.dumps(seen))
PYTHON
"$folder/venv/bin/python" "$folder/run.py" opentelemetry.instrumentation.openai >"$folder/openllmetry.json"
"$folder/venv/bin/python" "$folder/run.py" openinference.instrumentation.openai >"$folder/openinference.json"
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import json, pathlib, sys

one, other = (json.loads((pathlib.Path(sys.argv[1]) / f"{name}.json").read_text()) for name in ("openllmetry", "openinference"))
print(f"{'answer':17} {'OpenLLMetry':13} OpenInference")
for name in one:
    print(f"{name:17} {', '.join(one[name]) or 'no span':13} {', '.join(other[name]) or 'no span'}")
assert [len(spans) for spans in one.values()] == [1, 0, 0, 0]
assert all(spans == ["OK"] for spans in other.values())
PYTHON
