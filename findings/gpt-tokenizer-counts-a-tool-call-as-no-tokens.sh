#!/usr/bin/env bash
# What happens: gpt-tokenizer counts the content of chat messages alone. A call of a tool with five hundred tokens of arguments adds the four tokens of
#   an empty message, so a count of a conversation with tools is far below what the server bills. And with `content: null`, which is how
#   OpenAI's API itself writes such a message, counting throws.
# The wrong guess: A counter that takes messages with tool calls counts the calls, or refuses them.
# Versions: npm gpt-tokenizer 4.0.0
# Seen:
#   question: 11 tokens
#   question and call: 15 tokens, of whose arguments alone are 508
#   question and call with content null: TypeError
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund gpt-tokenizer@4.0.0 >/dev/null
cat >finding.mjs <<'JAVASCRIPT'
import assert from "node:assert";
import { countTokens, encode } from "gpt-tokenizer/model/gpt-4o";

const args = JSON.stringify({ city: "Berlin", note: "x ".repeat(500) });
const question = { role: "user", content: "Weather in Berlin?" };
const call = (content) => ({ role: "assistant", content, tool_calls: [{ id: "call_1", type: "function", function: { name: "get_weather", arguments: args } }] });
const alone = countTokens([question]);
const both = countTokens([question, call("")]);
const inArguments = encode(args).length;
console.log(`question: ${alone} tokens`);
console.log(`question and call: ${both} tokens, of whose arguments alone are ${inArguments}`);
assert.equal(both - alone, 4);
assert.ok(inArguments > 500);
assert.throws(() => countTokens([question, call(null)]), TypeError);
console.log("question and call with content null: TypeError");
JAVASCRIPT
node finding.mjs
