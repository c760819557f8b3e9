#!/usr/bin/env bash
# What happens: What `usage_details` of a Langfuse observation means depends on the integration that wrote it. Langfuse's OpenAI client passes on the
#   server's counts, cached tokens within the prompt's. Its handler for LangChain takes cached and reasoning tokens out of `input` and `output`
#   and puts them beside: parts that add up to the total. The same answer has an input of 100 or of 20.
# The wrong guess: Details of one SDK count alike, and `input` is the whole prompt, as gen_ai.usage.input_tokens is.
# Versions: langfuse==5.0.4, langchain-core==1.8.3, openai==3.57.0
# Seen:
#   openai: {"completion_tokens": 10, "prompt_tokens": 100, "total_tokens": 110, …, "prompt_tokens_details": {"cached_tokens": 80}}
#   langchain: {"input": 20, "output": 10, "total": 110, "input_cache_read": 80}
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    langfuse==5.0.4 langchain==1.5.2 langchain-core==1.8.3 openai==3.57.0 opentelemetry-sdk==1.45.2
"$folder/venv/bin/python" - 2>"$folder/warnings.log" <<'PYTHON'
import http.server, json, threading
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from langfuse import Langfuse
from langfuse.langchain import CallbackHandler
from langfuse.openai import OpenAI
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

class Server(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        body = json.dumps({
            "id": "c", "object": "chat.completion", "created": 1, "model": "gpt-4o",
            "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "done"}}],
            "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110, "prompt_tokens_details": {"cached_tokens": 80}},
        }).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
sent = InMemorySpanExporter()
langfuse = Langfuse(public_key="none", secret_key="none", base_url="http://127.0.0.1:9", tracer_provider=TracerProvider(), span_exporter=sent)
OpenAI(base_url=f"http://127.0.0.1:{server.server_port}", api_key="none").chat.completions.create(
    model="gpt-4o", messages=[{"role": "user", "content": "hi"}])
# What LangChain's model for OpenAI makes of the same answer.
usage = {"input_tokens": 100, "output_tokens": 10, "total_tokens": 110, "input_token_details": {"cache_read": 80}}
GenericFakeChatModel(messages=iter([AIMessage("done", usage_metadata=usage)])).invoke("hi", config={"callbacks": [CallbackHandler()]})
langfuse.flush()
openai, langchain = (json.loads(span.attributes["langfuse.observation.usage_details"]) for span in sent.get_finished_spans())
print(f"openai: {json.dumps(openai)}\nlangchain: {json.dumps(langchain)}")
assert openai["prompt_tokens"] == 100 and openai["prompt_tokens_details"] == {"cached_tokens": 80}
assert langchain == {"input": 20, "output": 10, "total": 110, "input_cache_read": 80}
PYTHON
