#!/usr/bin/env bash
# What happens: An agent of Inngest's AgentKit that runs by itself asks the model again after a tool, as often as `maxIter` allows, and leaves out what
#   the tool said: the second request ends in the model's own call, and the third has the second call in the place of the first. The model
#   can only call again or make a result up. The run has no error, and the results of the tools, which did run, are not in what it returns.
# The wrong guess: A loop over tools sends each call with its result, and the turns before it.
# Versions: npm @inngest/agent-kit 0.13.2, inngest 4.24.0, zod 4.6.7
# Seen:
#   request 1: You count. | How much tea is left?
#   request 2: You count. | How much tea is left? | call_1
#   request 3: You count. | How much tea is left? | call_2
#   result: No idea., with 0 results of tools
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @inngest/agent-kit@0.13.2 inngest@4.24.0 zod@4.6.7 >/dev/null
cat >finding.mjs <<'JAVASCRIPT'
import assert from "node:assert";
import http from "node:http";
import { createAgent, createTool, openai } from "@inngest/agent-kit";
import { z } from "zod";

const requests = [];
const call = (id) => ({ finish_reason: "tool_calls", message: { role: "assistant", content: null,
  tool_calls: [{ id, type: "function", function: { name: "stock", arguments: '{"item":"tea"}' } }] } });
const answers = [call("call_1"), call("call_2"), { finish_reason: "stop", message: { role: "assistant", content: "No idea." } }];
const server = http.createServer(async (request, response) => {
  let body = "";
  for await (const piece of request) body += piece;
  requests.push(JSON.parse(body).messages);
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ choices: [{ index: 0, ...answers[requests.length - 1] }] }));
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));

const stock = createTool({ name: "stock", description: "Counts.", parameters: z.object({ item: z.string() }), handler: () => "42 left" });
const model = openai({ model: "gpt-4o", apiKey: "none", baseUrl: `http://127.0.0.1:${server.address().port}/` });
const agent = createAgent({ name: "clerk", system: "You count.", tools: [stock], model });
const result = await agent.run("How much tea is left?", { maxIter: 5 });
const seen = requests.map((messages) => messages.map((m) => (m.tool_calls ? m.tool_calls[0].id : m.content)));
seen.forEach((messages, index) => console.log(`request ${index + 1}: ${messages.join(" | ")}`));
console.log(`result: ${result.output[0].content}, with ${result.toolCalls.length} results of tools`);
server.close();
const question = ["You count.", "How much tea is left?"];
assert.deepEqual(seen, [question, [...question, "call_1"], [...question, "call_2"]]);
assert.deepEqual([result.output[0].content, result.toolCalls], ["No idea.", []]);
JAVASCRIPT
node finding.mjs
