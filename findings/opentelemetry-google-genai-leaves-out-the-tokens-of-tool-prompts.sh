#!/usr/bin/env bash
# What happens: Gemini counts what its own tools add to a prompt (search, code, pages) beside the prompt's tokens. The instrumentation of
#   OpenTelemetry records the prompt's only, so its input and output do not add up to what the response calls the total;
#   that of OpenInference records both as input.
# The wrong guess: gen_ai.usage.input_tokens is all that was put in, since output_tokens does include the tokens of thought.
# Versions: google-genai==2.34.0, opentelemetry-instrumentation-google-genai==1.3b0,
#   openinference-instrumentation-google-genai==1.4.14
# Seen:
#   the server: 10 prompt + 20 tool prompt, 5 text + 700 thoughts, total 735
#   OpenTelemetry: input 10, output 705
#   OpenInference: input 30, output 705
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    google-genai==2.34.0 opentelemetry-sdk==1.45.2 opentelemetry-instrumentation-google-genai==1.3b0 \
    openinference-instrumentation-google-genai==1.4.14
cat >"$folder/run.py" <<'PYTHON'
import http.server, json, sys, threading
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

exporter, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)
if sys.argv[1] == "OpenTelemetry":
    from opentelemetry.instrumentation.google_genai import GoogleGenAiSdkInstrumentor as Instrumentor
    names = "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"
else:
    from openinference.instrumentation.google_genai import GoogleGenAIInstrumentor as Instrumentor
    names = "llm.token_count.prompt", "llm.token_count.completion"
Instrumentor().instrument(tracer_provider=provider)
from google import genai

class Server(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        body = json.dumps({
            "candidates": [{"content": {"role": "model", "parts": [{"text": "7"}]}, "finishReason": "STOP"}],
            "modelVersion": "gemini-2.5-pro",
            "usageMetadata": {"promptTokenCount": 10, "toolUsePromptTokenCount": 20, "candidatesTokenCount": 5,
                              "thoughtsTokenCount": 700, "totalTokenCount": 735},
        }).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
client = genai.Client(api_key="none", http_options={"base_url": f"http://127.0.0.1:{server.server_port}"})
client.models.generate_content(model="gemini-2.5-pro", contents="How many?")
(span,) = exporter.get_finished_spans()
found = tuple(span.attributes[name] for name in names)
print(f"{sys.argv[1]}: input {found[0]}, output {found[1]}")
assert found == (10 if sys.argv[1] == "OpenTelemetry" else 30, 705)
PYTHON
echo "the server: 10 prompt + 20 tool prompt, 5 text + 700 thoughts, total 735"
"$folder/venv/bin/python" "$folder/run.py" OpenTelemetry
"$folder/venv/bin/python" "$folder/run.py" OpenInference
