#!/usr/bin/env bash
# What happens: A span of Mastra keeps the first 50 items of each list in its input. Of a conversation of 60 messages it shows the oldest, and not
#   the question that the model was asked; item 51 is a text that says how many are missing, in a list of objects. Nothing is logged.
# The wrong guess: What is cut is the length of texts or of the whole; the newest messages stay, since they are what a call is about.
# Versions: npm @mastra/observability 1.17.9, @mastra/core 1.71.0
# Seen:
#   given: 60 messages, the last "message 60"
#   kept: 51 items, the last message "message 50", then "[…10 more items]"
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >npm.log
npm install --silent --no-audit --no-fund @mastra/observability@1.17.9 @mastra/core@1.71.0 >>npm.log
cat >run.mjs <<'JAVASCRIPT'
import assert from "node:assert";
import { Observability, TestExporter } from "@mastra/observability";

const exporter = new TestExporter({ logLevel: "error" });
const observability = new Observability({ configs: { default: { serviceName: "finding", exporters: [exporter] } } });
const messages = Array.from({ length: 60 }, (_, index) => ({ role: "user", content: `message ${index + 1}` }));
const span = observability.getDefaultInstance().startSpan({ type: "model_generation", name: "chat", input: { messages } });
span.end({ output: { text: "done" } });
await observability.getDefaultInstance().flush();
const kept = exporter.getAllSpans()[0].input.messages;
console.log(`given: ${messages.length} messages, the last "${messages.at(-1).content}"`);
console.log(`kept: ${kept.length} items, the last message "${kept.at(-2).content}", then "${kept.at(-1)}"`);
assert.deepStrictEqual([kept.length, kept.at(-2).content, typeof kept.at(-1)], [51, "message 50", "string"]);
process.exit(0);
JAVASCRIPT
node run.mjs
