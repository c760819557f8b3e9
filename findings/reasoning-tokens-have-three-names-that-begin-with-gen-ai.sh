#!/usr/bin/env bash
# What happens: The tokens of reasoning of one answer stand under three names on spans, all of which begin with `gen_ai.usage.`: OpenLLMetry and
#   pydantic-ai have one each, and OpenTelemetry's conventions have a third, which Google's ADK writes. Cached tokens have one name with all three.
# The wrong guess: What begins with `gen_ai.` is of OpenTelemetry's conventions, so one name is enough to find a count.
# Versions: opentelemetry-instrumentation-openai==0.62.4, openai==2.54.0; pydantic-ai-slim[openai]==2.68.0;
#   opentelemetry-semantic-conventions==0.66b2
# Seen:
#   conventions: gen_ai.usage.reasoning.output_tokens
#   openllmetry: gen_ai.usage.reasoning_tokens; cached: gen_ai.usage.cache_read.input_tokens
#   pydantic: gen_ai.usage.details.reasoning_tokens; cached: gen_ai.usage.cache_read.input_tokens
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >spans.py <<'PYTHON'
import http.server, json, threading
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

class Server(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        body = json.dumps({
            "id": "c", "object": "chat.completion", "created": 1, "model": "gpt-4o",
            "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "done"}}],
            "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110,
                      "prompt_tokens_details": {"cached_tokens": 80}, "completion_tokens_details": {"reasoning_tokens": 6}},
        }).encode()
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

def check(name, reasoning):
    usage = {key: value for span in memory.get_finished_spans() for key, value in span.attributes.items() if key.startswith("gen_ai.usage.")}
    found = [key for key, value in usage.items() if value == 6]
    cached = "gen_ai.usage.cache_read.input_tokens"
    print(f"{name}: {', '.join(found)}; cached: {cached if usage[cached] == 80 else None}")
    assert found == [reasoning] and usage[cached] == 80
PYTHON
cat >conventions.py <<'PYTHON'
from opentelemetry.semconv._incubating.attributes import gen_ai_attributes as conventions

names = [value for value in vars(conventions).values() if isinstance(value, str) and value.startswith("gen_ai.usage.") and "reasoning" in value]
print(f"conventions: {', '.join(names)}")
assert names == ["gen_ai.usage.reasoning.output_tokens"]
PYTHON
cat >openllmetry.py <<'PYTHON'
import spans
from openai import OpenAI
from opentelemetry.instrumentation.openai import OpenAIInstrumentor

OpenAIInstrumentor().instrument(tracer_provider=spans.provider)
OpenAI(base_url=spans.url, api_key="none").chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "hi"}])
spans.check("openllmetry", "gen_ai.usage.reasoning_tokens")
PYTHON
cat >pydantic_spans.py <<'PYTHON'
import spans
from pydantic_ai import Agent
from pydantic_ai.models.instrumented import InstrumentationSettings
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

Agent.instrument_all(InstrumentationSettings(tracer_provider=spans.provider))
Agent(OpenAIChatModel("gpt-4o", provider=OpenAIProvider(base_url=spans.url, api_key="none"))).run_sync("hi")
spans.check("pydantic", "gen_ai.usage.details.reasoning_tokens")
PYTHON
try() {
    python3 -m venv "$1"
    "$1/bin/pip" install --quiet --disable-pip-version-check opentelemetry-sdk==1.45.2 "${@:3}"
    "$1/bin/python" "$2" 2>"$1.log"
}
try conventions conventions.py opentelemetry-semantic-conventions==0.66b2
try openllmetry openllmetry.py opentelemetry-instrumentation-openai==0.62.4 openai==2.54.0
try pydantic-ai pydantic_spans.py "pydantic-ai-slim[openai]==2.68.0"
