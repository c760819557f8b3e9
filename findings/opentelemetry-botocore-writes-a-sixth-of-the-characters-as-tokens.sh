#!/usr/bin/env bash
# What happens: For models of Mistral and of Cohere on Bedrock, OpenTelemetry's instrumentation of botocore writes the number of characters divided by
#   six as gen_ai.usage.input_tokens and output_tokens. Bedrock's own counts are in two headers of the same answer, which it does not read. No
#   attribute says that a number is an estimate. Code, JSON and other languages than English have two or three characters to a token, so they
#   cost a half or a third in the trace.
# The wrong guess: gen_ai.usage.* are the counts of the server, and are absent where the server tells none.
# Versions: opentelemetry-instrumentation-botocore==0.66b2, boto3==1.44.8, opentelemetry-sdk==1.45.2
# Seen:
#   mistral.mistral-7b-instruct-v0:2: server 200 + 60, span 100 + 30
#   cohere.command-r-v1:0: server 200 + 60, span 100 + 30
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    opentelemetry-instrumentation-botocore==0.66b2 opentelemetry-sdk==1.45.2 boto3==1.44.8
"$folder/venv/bin/python" - <<'PYTHON'
import http.server, json, threading
import boto3
from opentelemetry.instrumentation.botocore import BotocoreInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

PROMPT, ANSWER = '{"a":[1,2],' * 54 + '"b":0}', '{"c":0},' * 22 + "{ }"

class Server(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        answer = {"outputs": [{"text": ANSWER, "stop_reason": "stop"}]} if "mistral" in self.path else {"text": ANSWER, "finish_reason": "COMPLETE"}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("x-amzn-bedrock-input-token-count", "200")
        self.send_header("x-amzn-bedrock-output-token-count", "60")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
memory, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(memory))
BotocoreInstrumentor().instrument(tracer_provider=provider)
client = boto3.client(
    "bedrock-runtime", region_name="us-east-1", endpoint_url=f"http://127.0.0.1:{server.server_port}",
    aws_access_key_id="none", aws_secret_access_key="none")
requests = {
    "mistral.mistral-7b-instruct-v0:2": {"prompt": PROMPT, "max_tokens": 100},
    "cohere.command-r-v1:0": {"message": PROMPT, "max_tokens": 100}}
for model, request in requests.items():
    answer = client.invoke_model(modelId=model, body=json.dumps(request))
    answer["body"].read()
    headers = answer["ResponseMetadata"]["HTTPHeaders"]
    server_says = [int(headers[f"x-amzn-bedrock-{name}-token-count"]) for name in ("input", "output")]
    attributes = memory.get_finished_spans()[-1].attributes
    span_says = [attributes[f"gen_ai.usage.{name}_tokens"] for name in ("input", "output")]
    print("{}: server {} + {}, span {} + {}".format(model, *server_says, *span_says))
    assert server_says == [200, 60]
    assert span_says == [len(PROMPT) // 6, -(-len(ANSWER) // 6)] == [100, 30]
PYTHON
