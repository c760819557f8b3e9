#!/usr/bin/env bash
# What happens: totalUsage of the AI SDK adds what the steps of a call told. A step whose provider told no usage counts as no tokens, and the sum looks
#   like that of a whole run: of two model calls, one unknown, the total is that of the other. Only the steps, one by one, show the gap.
# The wrong guess: A sum with an unknown part is unknown, as each part of a usage may be `undefined`.
# Versions: npm ai 6.0.326, zod 4.6.7
# Seen:
#   steps: unknown, 15; total 15
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund ai@6.0.326 zod@4.6.7 >/dev/null
cat >finding.mjs <<'JAVASCRIPT'
import assert from "node:assert";
import { generateText, stepCountIs, tool } from "ai";
import { MockLanguageModelV3 } from "ai/test";
import { z } from "zod";

const usage = (input, output) => ({ inputTokens: { total: input, noCache: input }, outputTokens: { total: output, text: output } });
const answers = [
  { content: [{ type: "tool-call", toolCallId: "1", toolName: "look", input: "{}" }], finishReason: { unified: "tool-calls" }, usage: usage(), warnings: [] },
  { content: [{ type: "text", text: "Blue." }], finishReason: { unified: "stop" }, usage: usage(10, 5), warnings: [] },
];
const model = new MockLanguageModelV3({ doGenerate: async () => answers.shift() });
const look = tool({ inputSchema: z.object({}), execute: async () => "blue" });
const { text, steps, totalUsage } = await generateText({ model, prompt: "Which colour?", tools: { look }, stopWhen: stepCountIs(3) });
const told = steps.map((step) => step.usage.totalTokens);
console.log(`steps: ${told.map((tokens) => tokens ?? "unknown").join(", ")}; total ${totalUsage.totalTokens}`);
assert.equal(text, "Blue.");
assert.deepEqual([told, totalUsage.totalTokens], [[undefined, 15], 15]);
JAVASCRIPT
node finding.mjs
