#!/usr/bin/env bash
# What happens: A text that quotes a model's special token, as the page of a manual or a log of another model does, is an error for two
#   counters of tokens, and they disagree on which: `<|im_start|>` is ordinary text for js-tiktoken and refused by gpt-tokenizer, with
#   one vocabulary. A program that counts before it asks fails at such a prompt, and its tracer at such an answer.
# The wrong guess: Counting tokens works for each text that can be sent, and counters of one vocabulary count alike.
# Versions: npm js-tiktoken 1.0.21, gpt-tokenizer 4.0.0
# Seen:
#   "ends with <|endoftext|>": js-tiktoken error, gpt-tokenizer error
#   "begins with <|im_start|>": js-tiktoken 9, gpt-tokenizer error
#   "has no such thing": js-tiktoken 4, gpt-tokenizer 4
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >npm.log
npm install --silent --no-audit --no-fund js-tiktoken@1.0.21 gpt-tokenizer@4.0.0 >>npm.log
cat >run.mjs <<'JAVASCRIPT'
import assert from "node:assert";
import { getEncoding } from "js-tiktoken";
import { countTokens } from "gpt-tokenizer/encoding/o200k_base";

const encoding = getEncoding("o200k_base");
const attempt = (count) => {
  try {
    return count();
  } catch {
    return "error";
  }
};
const seen = ["ends with <|endoftext|>", "begins with <|im_start|>", "has no such thing"].map((text) => {
  const counts = [attempt(() => encoding.encode(text).length), attempt(() => countTokens(text))];
  console.log(`"${text}": js-tiktoken ${counts[0]}, gpt-tokenizer ${counts[1]}`);
  return counts;
});
assert.deepStrictEqual(seen[0], ["error", "error"]);
assert.ok(seen[1][0] > 0 && seen[1][1] === "error");
assert.ok(seen[2][0] === seen[2][1] && seen[2][0] > 0);
JAVASCRIPT
node run.mjs
