#!/usr/bin/env bash
# What happens: ai.generate of Genkit asks the model again after each tool call. The usage of what it returns is that of the last call alone; what
#   the calls before used is in the spans of the model only. In the trace the second call is a `generate` within the first `generate`, and both
#   have that last usage in their output, so adding up spans of the one kind or of the other gives two different sums.
# The wrong guess: The usage of an answer is what the answer cost, all its turns, as with the AI SDK's totalUsage; turns are siblings.
# Versions: npm genkit 1.42.0, @opentelemetry/sdk-trace-base 1.25.1
# Seen:
#   calls of the model: 2, each 100 + 10 tokens
#   usage of the answer: 100 + 10
#   spans: /generate/m, /generate/weather, /generate/generate/m, /generate/generate, /generate
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >npm.log
npm install --silent --no-audit --no-fund genkit@1.42.0 @opentelemetry/sdk-trace-base@1.25.1 >>npm.log
cat >run.mjs <<'JAVASCRIPT'
import assert from "node:assert";
import { InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { genkit, z } from "genkit";
import { enableTelemetry } from "genkit/tracing";

const memory = new InMemorySpanExporter();
await enableTelemetry({ spanProcessors: [new SimpleSpanProcessor(memory)] });
const ai = genkit({});
let calls = 0;
const model = ai.defineModel({ name: "m" }, async () => {
  calls += 1;
  const part = calls === 1 ? { toolRequest: { name: "weather", input: { city: "Oslo" }, ref: "1" } } : { text: "done" };
  return { message: { role: "model", content: [part] }, finishReason: "stop", usage: { inputTokens: 100, outputTokens: 10 } };
});
const weather = ai.defineTool({ name: "weather", description: "Weather", inputSchema: z.object({ city: z.string() }) }, async () => 5);
const { usage } = await ai.generate({ model, prompt: "hi", tools: [weather] });
const paths = memory.getFinishedSpans().map((span) => span.attributes["genkit:path"].replace(/[{}]|,t:[^/]*/g, ""));
console.log(`calls of the model: ${calls}, each 100 + 10 tokens`);
console.log(`usage of the answer: ${usage.inputTokens} + ${usage.outputTokens}`);
console.log(`spans: ${paths.join(", ")}`);
assert.deepStrictEqual([calls, usage.inputTokens, usage.outputTokens], [2, 100, 10]);
assert.deepStrictEqual(paths, ["/generate/m", "/generate/weather", "/generate/generate/m", "/generate/generate", "/generate"]);
process.exit(0);
JAVASCRIPT
node run.mjs
