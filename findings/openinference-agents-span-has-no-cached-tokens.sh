#!/usr/bin/env bash
# What happens: OpenInference's instrumentation of OpenAI's client writes how many tokens of a prompt came from the cache. The one of the Agents
#   SDK leaves them out, although the SDK's span has them: the same request looks all new, and a price that is worked out from the span is
#   too high. Tokens of reasoning are left out as well.
# The wrong guess: Two instrumentations of one project write the same usage under the same names, for one answer of one server.
# Versions: openai-agents==0.24.0, openinference-instrumentation-openai-agents==2.6.0, openinference-instrumentation-openai==0.1.66
# Seen:
#   the server: 100 tokens, 80 of them cached; 10 out, 6 of them reasoning
#   openai: prompt 100, cache_read 80, reasoning 6
#   openai-agents: prompt 100, cache_read None, reasoning None
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    openai-agents==0.24.0 openinference-instrumentation-openai-agents==2.6.0 openinference-instrumentation-openai==0.1.66 \
    opentelemetry-sdk==1.45.2
"$folder/venv/bin/python" - 2>"$folder/warnings.log" <<'PYTHON'
import asyncio, http.server, json, threading
from agents import Agent, OpenAIChatCompletionsModel, Runner
from openai import AsyncOpenAI
from openinference.instrumentation.openai import OpenAIInstrumentor
from openinference.instrumentation.openai_agents import OpenAIAgentsInstrumentor
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

memory, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(memory))
OpenAIInstrumentor().instrument(tracer_provider=provider)
OpenAIAgentsInstrumentor().instrument(tracer_provider=provider)
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
model = OpenAIChatCompletionsModel("gpt-4o", AsyncOpenAI(base_url=f"http://127.0.0.1:{server.server_port}", api_key="none"))
asyncio.run(Runner.run(Agent("agent", model=model), "hi"))
print("the server: 100 tokens, 80 of them cached; 10 out, 6 of them reasoning")
seen = {}
for span in memory.get_finished_spans():
    if span.attributes["openinference.span.kind"] == "LLM":
        names = ("prompt", "prompt_details.cache_read", "completion_details.reasoning")
        scope = span.instrumentation_scope.name.rsplit(".", 1)[-1].replace("_", "-")
        seen[scope] = tuple(span.attributes.get(f"llm.token_count.{name}") for name in names)
        print("{}: prompt {}, cache_read {}, reasoning {}".format(scope, *seen[scope]))
assert seen == {"openai": (100, 80, 6), "openai-agents": (100, None, None)}
PYTHON
