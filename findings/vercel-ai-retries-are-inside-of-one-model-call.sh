#!/usr/bin/env bash
# What happens: generateText sends a refused request again, for the first time after 2 s. The span of the model call is one for all attempts: it
#   lasts from the first to the last, with the pauses, and has no attribute, event or status that tells of those which failed. The duration
#   that is recorded as `gen_ai.client.operation.duration` is the same.
# The wrong guess: One span `chat` is one request, so its duration is the model's, and a 503 is somewhere in the trace.
# Versions: npm ai 7.0.173, @ai-sdk/otel 1.0.173, @opentelemetry/sdk-trace-base 2.12.1
# Seen:
#   requests: 2, the first refused with 503
#   spans: chat, step, invoke_agent; status 0, events 0
#   the duration has the pause in it: true, names the status: false
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >npm.log
npm install --silent --no-audit --no-fund ai@7.0.173 @ai-sdk/otel@1.0.173 @opentelemetry/api@1.9.1 @opentelemetry/sdk-trace-base@2.12.1 >>npm.log
cat >run.mjs <<'JAVASCRIPT'
import assert from "node:assert";
import { OpenTelemetry } from "@ai-sdk/otel";
import { trace } from "@opentelemetry/api";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { APICallError, generateText, registerTelemetry } from "ai";
import { MockLanguageModelV4 } from "ai/test";

const memory = new InMemorySpanExporter();
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(memory)] }));
registerTelemetry(new OpenTelemetry());
let requests = 0;
const model = new MockLanguageModelV4({
  doGenerate: async () => {
    requests += 1;
    if (requests === 1) throw new APICallError({ message: "busy", url: "none", requestBodyValues: {}, statusCode: 503, isRetryable: true });
    const usage = { inputTokens: { total: 100, noCache: 100 }, outputTokens: { total: 10, text: 10 } };
    return { content: [{ type: "text", text: "ok" }], finishReason: { unified: "stop", raw: "stop" }, usage, warnings: [] };
  },
});
await generateText({ model, prompt: "hi" });
const spans = memory.getFinishedSpans();
const chat = spans.filter((span) => span.name.startsWith("chat"));
const pause = chat[0].attributes["gen_ai.client.operation.duration"] >= 1.9 && chat[0].duration[0] >= 1;
const named = JSON.stringify(spans.map((span) => span.attributes)).includes("503");
console.log(`requests: ${requests}, the first refused with 503`);
console.log(`spans: ${spans.map((span) => span.name.split(" ")[0]).join(", ")}; status ${chat[0].status.code}, events ${chat[0].events.length}`);
console.log(`the duration has the pause in it: ${pause}, names the status: ${named}`);
assert.deepStrictEqual([requests, chat.length, chat[0].status.code, chat[0].events.length, pause, named], [2, 1, 0, 0, true, false]);
JAVASCRIPT
node run.mjs
