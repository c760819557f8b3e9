#!/usr/bin/env bash
# What happens: gen_ai.usage.input_tokens of one answer of Claude depends on the client that asked. The span that Anthropic's client makes has all
#   tokens of the prompt, with the cached ones in it, as OpenTelemetry's conventions ask for. The span of OpenTelemetry's own instrumentation of
#   botocore has the new ones only: with `converse` the cached ones stand beside it, with `invoke_model` nowhere. A prompt of 1010 tokens, of
#   which 1000 were cached, is one of 10, and a reader that takes the cached ones off the input gets less than nothing.
# The wrong guess: Attributes of one name and of one project's conventions mean one thing, and the project's own instrumentation follows them.
# Versions: opentelemetry-instrumentation-botocore==0.66b2, boto3==1.44.8, anthropic==2.14.0, opentelemetry-sdk==1.45.2
# Seen:
#   anthropic: input 1010, read from the cache 900, written to the cache 100
#   converse: input 10, read from the cache 900, written to the cache 100
#   invoke_model: input 10, read from the cache None, written to the cache None
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    opentelemetry-instrumentation-botocore==0.66b2 opentelemetry-sdk==1.45.2 boto3==1.44.8 anthropic==2.14.0
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import http.server, json, threading
import anthropic, boto3
from opentelemetry import trace
from opentelemetry.instrumentation.botocore import BotocoreInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

MESSAGE = {
    "id": "m", "type": "message", "role": "assistant", "model": "claude", "content": [{"type": "text", "text": "done"}],
    "stop_reason": "end_turn", "stop_sequence": None,
    "usage": {"input_tokens": 10, "output_tokens": 5, "cache_read_input_tokens": 900, "cache_creation_input_tokens": 100}}
CONVERSE = {
    "output": {"message": {"role": "assistant", "content": [{"text": "done"}]}}, "stopReason": "end_turn", "metrics": {"latencyMs": 1},
    "usage": {"inputTokens": 10, "outputTokens": 5, "totalTokens": 1015, "cacheReadInputTokens": 900, "cacheWriteInputTokens": 100}}

class Server(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        body = json.dumps(CONVERSE if self.path.endswith("/converse") else MESSAGE).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"
memory, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(memory))
trace.set_tracer_provider(provider)
BotocoreInstrumentor().instrument()
bedrock = boto3.client(
    "bedrock-runtime", region_name="us-east-1", endpoint_url=url, aws_access_key_id="none", aws_secret_access_key="none")
messages = [{"role": "user", "content": "hi"}]
anthropic.Anthropic(base_url=url, api_key="none", max_retries=0).messages.create(model="claude", max_tokens=10, messages=messages)
model = "anthropic.claude-sonnet-4-5-20250929-v1:0"
bedrock.converse(modelId=model, messages=[{"role": "user", "content": [{"text": "hi"}]}])
request = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 10, "messages": messages}
bedrock.invoke_model(modelId=model, body=json.dumps(request))["body"].read()

def count(span, *names):
    return next((span.attributes[f"gen_ai.usage.{name}"] for name in names if f"gen_ai.usage.{name}" in span.attributes), None)

seen = []
for name, span in zip(["anthropic", "converse", "invoke_model"], memory.get_finished_spans(), strict=True):
    counts = [count(span, "input_tokens"), count(span, "cache_read.input_tokens"),
              count(span, "cache_creation.input_tokens", "cache_write.input_tokens")]
    print("{}: input {}, read from the cache {}, written to the cache {}".format(name, *counts))
    seen.append(counts)
assert seen == [[1010, 900, 100], [10, 900, 100], [10, None, None]]
PYTHON
