#!/usr/bin/env bash
# What happens: The AI SDK writes the result of a tool as a part of the assistant's message into the output of the agent's span. OpenInference's
#   processor for it makes one message of all parts: the assistant's message has the tool's result as its `content`, the tool's
#   `tool_call_id`, and the answer in `contents`. A reader of `message.content` takes what the tool said for the answer of the agent.
# The wrong guess: `llm.output_messages.0.message.content` of an agent's span is the answer, and a tool's result is a message of its own.
# Versions: npm @arizeai/openinference-vercel 3.2.1, ai 7.0.173, @ai-sdk/otel 1.0.173, @opentelemetry/sdk-trace-base 2.12.1
# Seen:
#   the agent answers: done
#   message 0: role assistant, content rain, tool_call_id 1, contents done
#   messages: 1
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >npm.log
npm install --silent --no-audit --no-fund @arizeai/openinference-vercel@3.2.1 ai@7.0.173 @ai-sdk/otel@1.0.173 zod@4.6.7 \
    @opentelemetry/api@1.9.1 @opentelemetry/sdk-trace-base@2.12.1 >>npm.log
cat >run.mjs <<'JAVASCRIPT'
import assert from "node:assert";
import { OpenTelemetry } from "@ai-sdk/otel";
import { OpenInferenceSimpleSpanProcessor } from "@arizeai/openinference-vercel";
import { trace } from "@opentelemetry/api";
import { BasicTracerProvider, InMemorySpanExporter } from "@opentelemetry/sdk-trace-base";
import { generateText, isStepCount, registerTelemetry, tool } from "ai";
import { MockLanguageModelV4 } from "ai/test";
import { z } from "zod";

const memory = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new OpenInferenceSimpleSpanProcessor({ exporter: memory })] });
trace.setGlobalTracerProvider(provider);
registerTelemetry(new OpenTelemetry());
const usage = { inputTokens: { total: 100, noCache: 100 }, outputTokens: { total: 10, text: 10 } };
const call = { type: "tool-call", toolCallId: "1", toolName: "weather", input: '{"city":"Oslo"}' };
const answers = [[[call], "tool-calls"], [[{ type: "text", text: "done" }], "stop"]];
const doGenerate = async () => {
  const [content, unified] = answers.shift();
  return { content, finishReason: { unified, raw: unified }, usage, warnings: [] };
};
const weather = tool({ inputSchema: z.object({ city: z.string() }), execute: async () => "rain" });
const model = new MockLanguageModelV4({ doGenerate });
const { text } = await generateText({ model, prompt: "hi", tools: { weather }, stopWhen: isStepCount(3) });
await provider.forceFlush();
const { attributes } = memory.getFinishedSpans().find((span) => span.name.startsWith("invoke_agent"));
const messages = new Set(Object.keys(attributes).map((key) => key.match(/^llm\.output_messages\.(\d+)/)?.[1]).filter(Boolean));
const part = (name) => attributes[`llm.output_messages.0.message.${name}`];
const seen = [part("role"), part("content"), part("tool_call_id"), part("contents.0.message_content.text")];
console.log(`the agent answers: ${text}`);
console.log(`message 0: role ${seen[0]}, content ${seen[1]}, tool_call_id ${seen[2]}, contents ${seen[3]}`);
console.log(`messages: ${messages.size}`);
assert.deepStrictEqual([text, ...seen, messages.size], ["done", "assistant", "rain", "1", "done", 1]);
JAVASCRIPT
node run.mjs
