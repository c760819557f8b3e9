#!/usr/bin/env bash
# What happens: A tool of the Agents SDK that raises leaves its reason nowhere, in Python as in JavaScript: the model reads "An error occurred while
#   running the tool. Please try again.", the span says that error details are redacted, no line is logged, and the run succeeds.
#   trace_include_sensitive_data, which is on by default and keeps inputs and outputs, does not bring it back. A function for errors does.
# The wrong guess: A trace that holds all arguments and answers has the error too, and the model is told what went wrong, so that it can mend it.
# Versions: openai-agents==0.24.0 (PyPI), @openai/agents 0.20.0 (npm)
# Seen:
#   python: the model reads the reason False, the span has it False, the log false
#   javascript: the model reads the reason false, the span has it false, the log false
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check openai-agents==0.24.0
npm init --yes >npm.log
npm install --silent --no-audit --no-fund @openai/agents@0.20.0 zod@4.6.7 >>npm.log
cat >server.py <<'PYTHON'
import http.server, json, sys

class Server(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        last = asked["messages"][-1]
        call = {"id": "1", "type": "function", "function": {"name": "search", "arguments": "{}"}}
        # The answer is what the model was told, so that the program can look at it.
        message = {"role": "assistant", "content": last["content"]}
        if last["role"] != "tool":
            message = {"role": "assistant", "content": None, "tool_calls": [call]}
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

def serve():
    return http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)

if __name__ == "__main__":
    server = serve()
    print(server.server_port, flush=True)
    server.serve_forever()
PYTHON
venv/bin/python - >python.txt 2>python.log <<'PYTHON'
import asyncio, json, threading
from agents import Agent, OpenAIChatCompletionsModel, RunConfig, Runner, function_tool, set_trace_processors
from agents.tracing import TracingProcessor
from openai import AsyncOpenAI
from server import serve

class Spans(TracingProcessor):
    functions = []
    def on_span_end(self, span):
        if span.span_data.type == "function":
            self.functions.append(json.dumps([span.span_data.export(), span.error]))
    def on_span_start(self, span): pass
    def on_trace_start(self, trace): pass
    def on_trace_end(self, trace): pass
    def shutdown(self): pass
    def force_flush(self): pass

@function_tool
def search() -> str:
    """Searches."""
    raise ValueError("no network")

server = serve()
threading.Thread(target=server.serve_forever, daemon=True).start()
set_trace_processors([spans := Spans()])
model = OpenAIChatCompletionsModel("gpt-4o", AsyncOpenAI(base_url=f"http://127.0.0.1:{server.server_port}", api_key="none"))
config = RunConfig(trace_include_sensitive_data=True)
told = asyncio.run(Runner.run(Agent("agent", model=model, tools=[search]), "hi", run_config=config)).final_output
seen = ["no network" in text for text in (told, *spans.functions)]
print(f"python: the model reads the reason {seen[0]}, the span has it {seen[1]}", end="")
assert seen == [False, False] and "error occurred" in told and "redacted" in spans.functions[0]
PYTHON
cat >run.mjs <<'JAVASCRIPT'
import assert from "node:assert";
import { Agent, OpenAIChatCompletionsModel, run, setTraceProcessors, tool } from "@openai/agents";
import OpenAI from "openai";
import { z } from "zod";

const functions = [];
setTraceProcessors([{
  start() {}, async onTraceStart() {}, async onTraceEnd() {}, async onSpanStart() {}, async shutdown() {}, async forceFlush() {},
  async onSpanEnd(span) {
    if (span.spanData.type === "function") functions.push(JSON.stringify([span.spanData, span.error]));
  },
}]);
const search = tool({ name: "search", description: "Searches", parameters: z.object({}), execute: async () => { throw new Error("no network"); } });
const client = new OpenAI({ baseURL: `http://127.0.0.1:${process.argv[2]}`, apiKey: "none" });
const agent = new Agent({ name: "agent", model: new OpenAIChatCompletionsModel(client, "gpt-4o"), tools: [search] });
const { finalOutput } = await run(agent, "hi");
const seen = [finalOutput, ...functions].map((text) => text.includes("no network"));
process.stdout.write(`javascript: the model reads the reason ${seen[0]}, the span has it ${seen[1]}`);
assert.ok(finalOutput.includes("error occurred") && functions[0].includes("redacted"));
assert.deepStrictEqual(seen, [false, false]);
process.exit(0);
JAVASCRIPT
venv/bin/python server.py >port.txt &
server=$!
trap 'kill "$server"; rm -rf "$folder"' EXIT
until [[ -s port.txt ]]; do sleep 0.1; done
node run.mjs "$(<port.txt)" >javascript.txt 2>javascript.log
for language in python javascript; do
    cat "$language.txt"
    if grep -q "no network" "$language.log"; then echo ", the log true"; exit 1; fi
    echo ", the log false"
done
