#!/usr/bin/env bash
# What happens: Which spans a streamed call of the AI SDK makes depends on how it ends. Read to its end it has three: the agent, its step, the
#   model call. Where the reader leaves after the first piece, or never reads, the model is asked to the end all the same, and only the span of
#   the model call is exported, below a parent that never comes. Where the stream fails, only the other two are, so that the failed model call
#   is missing. An aborted call has all three, without a status, tokens or a finish reason.
# The wrong guess: Each span that was begun ends, whoever stops reading; the call that failed is the one with the error.
# Versions: npm ai 7.0.173, @ai-sdk/otel 1.0.173, @opentelemetry/sdk-trace-base 2.12.1
# Seen:
#   read: chat unset, step unset, agent unset
#   left: chat unset
#   never read: chat unset
#   failed: step error, agent error
#   aborted: chat unset without tokens, step unset, agent unset
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >npm.log
npm install --silent --no-audit --no-fund ai@7.0.173 @ai-sdk/otel@1.0.173 @opentelemetry/api@1.9.1 @opentelemetry/sdk-trace-base@2.12.1 >>npm.log
cat >run.mjs <<'JAVASCRIPT'
import assert from "node:assert";
import { setTimeout as pause } from "node:timers/promises";
import { OpenTelemetry } from "@ai-sdk/otel";
import { trace } from "@opentelemetry/api";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { registerTelemetry, streamText } from "ai";
import { MockLanguageModelV4, simulateReadableStream } from "ai/test";

const memory = new InMemorySpanExporter();
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(memory)] }));
registerTelemetry(new OpenTelemetry());
const usage = { inputTokens: { total: 100, noCache: 100 }, outputTokens: { total: 10, text: 10 } };
const begin = [{ type: "stream-start", warnings: [] }, { type: "text-start", id: "1" }, { type: "text-delta", id: "1", delta: "Hel" }];
const rest = [{ type: "text-delta", id: "1", delta: "lo" }, { type: "text-end", id: "1" }, { type: "finish", finishReason: { unified: "stop", raw: "stop" }, usage }];
const ask = (end, options) => {
  const chunks = [...begin, ...end];
  const model = new MockLanguageModelV4({ doStream: async () => ({ stream: simulateReadableStream({ chunks, chunkDelayInMs: 5 }) }) });
  return streamText({ model, prompt: "hi", onError() {}, ...options });
};
const abort = new AbortController();
const ends = {
  read: async () => { for await (const _ of ask(rest).textStream); },
  left: async () => { for await (const _ of ask(rest).textStream) break; },
  "never read": async () => { ask(rest); },
  failed: async () => { for await (const _ of ask([{ type: "error", error: new Error("overloaded") }]).textStream); },
  aborted: async () => { for await (const _ of ask(rest, { abortSignal: abort.signal }).textStream) abort.abort(); },
};
const seen = {};
for (const [name, run] of Object.entries(ends)) {
  await run();
  for (let quiet = 0, before = 0; quiet < 20; quiet += 1) {
    await pause(50);
    const now = memory.getFinishedSpans().length;
    if (now !== before) [quiet, before] = [0, now];
  }
  seen[name] = memory.getFinishedSpans().map((span) => {
    const kind = { chat: "chat", step: "step", invoke_agent: "agent" }[span.name.split(" ")[0]];
    const tokens = kind === "chat" && span.attributes["gen_ai.usage.input_tokens"] === undefined ? " without tokens" : "";
    return `${kind} ${["unset", "ok", "error"][span.status.code]}${tokens}`;
  }).join(", ");
  memory.reset();
  console.log(`${name}: ${seen[name]}`);
}
assert.deepStrictEqual(seen, {
  read: "chat unset, step unset, agent unset",
  left: "chat unset",
  "never read": "chat unset",
  failed: "step error, agent error",
  aborted: "chat unset without tokens, step unset, agent unset",
});
JAVASCRIPT
node run.mjs
