#!/usr/bin/env bash
# What happens: In the span attribute `gen_ai.input.messages`, pydantic-ai puts the result of a tool into a message with the role `user`. The AI SDK
#   gives it the role `tool`, as OpenTelemetry's conventions do. A reader that counts the user's turns, or shows the last thing that the user
#   said, takes a tool's answer for it.
# The wrong guess: The format of messages is fixed by the conventions, role for role, and a tool's result has the role `tool`.
# Versions: pydantic-ai-slim==2.68.0, opentelemetry-sdk==1.45.2 (PyPI); ai 7.0.173, @ai-sdk/otel 1.0.173 (npm)
# Seen:
#   pydantic-ai: user text, assistant tool_call, user tool_call_response
#   ai: user text, assistant tool_call, tool tool_call_response
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pydantic-ai-slim==2.68.0 opentelemetry-sdk==1.45.2
npm init --yes >npm.log
npm install --silent --no-audit --no-fund ai@7.0.173 @ai-sdk/otel@1.0.173 zod@4.6.7 @opentelemetry/api@1.9.1 @opentelemetry/sdk-trace-base@2.12.1 >>npm.log
venv/bin/python - <<'PYTHON'
import json
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic_ai import Agent
from pydantic_ai.messages import ModelResponse, TextPart, ToolCallPart
from pydantic_ai.models.function import FunctionModel
from pydantic_ai.models.instrumented import InstrumentationSettings

memory, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(memory))
Agent.instrument_all(InstrumentationSettings(tracer_provider=provider))

def answer(messages, info):
    part = ToolCallPart("weather", {"city": "Oslo"}) if len(messages) == 1 else TextPart("done")
    return ModelResponse(parts=[part])

agent = Agent(FunctionModel(answer), name="agent")

@agent.tool_plain
def weather(city: str) -> str:
    return "rain"

agent.run_sync("hi")
last = [span for span in memory.get_finished_spans() if span.name.startswith("chat")][-1]
messages = json.loads(last.attributes["gen_ai.input.messages"])
seen = ", ".join(f"{message['role']} {part['type']}" for message in messages for part in message["parts"])
print(f"pydantic-ai: {seen}")
assert seen == "user text, assistant tool_call, user tool_call_response"
PYTHON
cat >run.mjs <<'JAVASCRIPT'
import assert from "node:assert";
import { OpenTelemetry } from "@ai-sdk/otel";
import { trace } from "@opentelemetry/api";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { generateText, isStepCount, registerTelemetry, tool } from "ai";
import { MockLanguageModelV4 } from "ai/test";
import { z } from "zod";

const memory = new InMemorySpanExporter();
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(memory)] }));
registerTelemetry(new OpenTelemetry());
const usage = { inputTokens: { total: 100, noCache: 100 }, outputTokens: { total: 10, text: 10 } };
const call = { type: "tool-call", toolCallId: "1", toolName: "weather", input: '{"city":"Oslo"}' };
const answers = [[[call], "tool-calls"], [[{ type: "text", text: "done" }], "stop"]];
const doGenerate = async () => {
  const [content, unified] = answers.shift();
  return { content, finishReason: { unified, raw: unified }, usage, warnings: [] };
};
const weather = tool({ inputSchema: z.object({ city: z.string() }), execute: async () => "rain" });
await generateText({ model: new MockLanguageModelV4({ doGenerate }), prompt: "hi", tools: { weather }, stopWhen: isStepCount(3) });
const last = memory.getFinishedSpans().findLast((span) => span.name.startsWith("chat"));
const seen = JSON.parse(last.attributes["gen_ai.input.messages"]).flatMap(({ role, parts }) => parts.map(({ type }) => `${role} ${type}`)).join(", ");
console.log(`ai: ${seen}`);
assert.strictEqual(seen, "user text, assistant tool_call, tool tool_call_response");
JAVASCRIPT
node run.mjs
