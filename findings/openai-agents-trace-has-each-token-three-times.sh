#!/usr/bin/env bash
# What happens: The tokens of a model call stand in three kinds of spans of the Agents SDK: in the `generation`, again in the custom span `turn`
#   around it, and summed up in the custom span `task` around all turns. Adding up every usage of a trace makes three times what was used.
#   The names differ: `cached_input_tokens` in a turn and a task is `input_tokens_details.cached_tokens` in a generation.
# The wrong guess: Usage is a matter of generation and response spans; a custom span is made by the program and has no tokens.
# Versions: openai-agents==0.24.0
# Seen:
#   the server: 2 answers of 100 + 10
#   generation: 100 + 10, 100 + 10
#   turn: 100 + 10, 100 + 10
#   task: 200 + 20
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    openai-agents==0.24.0
"$folder/venv/bin/python" - 2>"$folder/warnings.log" <<'PYTHON'
import asyncio, http.server, json, threading
from agents import Agent, OpenAIChatCompletionsModel, Runner, function_tool, set_trace_processors
from agents.tracing import TracingProcessor
from openai import AsyncOpenAI

class Server(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        call = {"id": "1", "type": "function", "function": {"name": "search", "arguments": "{}"}}
        done = asked["messages"][-1]["role"] == "tool"
        message = {"role": "assistant", "content": "done"} if done else {"role": "assistant", "content": None, "tool_calls": [call]}
        body = json.dumps({
            "id": "c", "object": "chat.completion", "created": 1, "model": "gpt-4o",
            "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
            "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110},
        }).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass

class Usages(TracingProcessor):
    seen = {"generation": [], "turn": [], "task": []}
    def on_span_end(self, span):
        data = span.span_data.export()
        name, usage = (data["name"], data["data"].get("usage")) if data["type"] == "custom" else (data["type"], data.get("usage"))
        if usage:
            self.seen[name].append((usage["input_tokens"], usage["output_tokens"]))
    def on_span_start(self, span): pass
    def on_trace_start(self, trace): pass
    def on_trace_end(self, trace): pass
    def shutdown(self): pass
    def force_flush(self): pass

@function_tool
def search() -> str:
    """Searches."""
    return "found"

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
set_trace_processors([usages := Usages()])
model = OpenAIChatCompletionsModel("gpt-4o", AsyncOpenAI(base_url=f"http://127.0.0.1:{server.server_port}", api_key="none"))
asyncio.run(Runner.run(Agent("agent", model=model, tools=[search]), "hi"))
print("the server: 2 answers of 100 + 10")
for name, counts in usages.seen.items():
    print(f"{name}: {', '.join(f'{first} + {second}' for first, second in counts)}")
assert usages.seen == {"generation": [(100, 10)] * 2, "turn": [(100, 10)] * 2, "task": [(200, 20)]}
PYTHON
