#!/usr/bin/env bash
# What happens: A tool call of a model whose arguments do not fit the tool's schema makes no span `execute_tool`, and no span of the run has an
#   error: the refusal is a text in the input of the next model call. A tool that throws does have a span with status error.
#   In the output of the agent's span the call stands behind the answer that came after it.
# The wrong guess: Each tool call that a model makes is a span, the refused ones above all; messages are in the order in which they came.
# Versions: npm ai 7.0.173, @ai-sdk/otel 1.0.173, @opentelemetry/sdk-trace-base 2.12.1
# Seen:
#   throws: chat 0, execute_tool 2, step 0, chat 0, step 0, invoke_agent 0
#   refused: chat 0, step 0, chat 0, step 0, invoke_agent 0
#   output of the agent: text, tool_call
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >npm.log
npm install --silent --no-audit --no-fund ai@7.0.173 @ai-sdk/otel@1.0.173 zod@4.6.7 @opentelemetry/api@1.9.1 @opentelemetry/sdk-trace-base@2.12.1 >>npm.log
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
const run = async (type) => {
  let turn = 0;
  const doGenerate = async () => {
    const [content, unified] = answers[turn++];
    return { content, finishReason: { unified, raw: unified }, usage, warnings: [] };
  };
  const weather = tool({ inputSchema: z.object({ city: type }), execute: async () => { throw new Error("no network"); } });
  await generateText({ model: new MockLanguageModelV4({ doGenerate }), prompt: "hi", tools: { weather }, stopWhen: isStepCount(3) });
  const spans = [...memory.getFinishedSpans()];
  memory.reset();
  return [spans.map((span) => `${span.name.split(" ")[0]} ${span.status.code}`).join(", "), spans.at(-1).attributes["gen_ai.output.messages"]];
};
const [throws] = await run(z.string());
const [refused, output] = await run(z.number());
const parts = JSON.parse(output)[0].parts.map((part) => part.type).join(", ");
console.log(`throws: ${throws}\nrefused: ${refused}\noutput of the agent: ${parts}`);
assert.strictEqual(throws, "chat 0, execute_tool 2, step 0, chat 0, step 0, invoke_agent 0");
assert.strictEqual(refused, "chat 0, step 0, chat 0, step 0, invoke_agent 0");
assert.strictEqual(parts, "text, tool_call");
JAVASCRIPT
node run.mjs
