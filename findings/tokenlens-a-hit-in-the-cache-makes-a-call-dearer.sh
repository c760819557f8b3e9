#!/usr/bin/env bash
# What happens: tokenlens bills cached tokens twice: at the full price as a part of the input, and at the price of cached ones on top. OpenAI
#   and the AI SDK count cached tokens within the input, so a call of which most was cached costs more than one without a cache.
# The wrong guess: The price function of a library for the AI SDK's usage takes its counts as the AI SDK means them, and a cache saves money.
# Versions: npm tokenlens 1.3.1
# Seen:
#   nothing cached: 0.00225
#   800 of 1000 cached: 0.00235
#   OpenAI's rule: 0.00135
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >npm.log
npm install --silent --no-audit --no-fund tokenlens@1.3.1 >>npm.log
cat >run.mjs <<'JAVASCRIPT'
import assert from "node:assert";
import { getTokenCosts } from "tokenlens";

const modelId = "openai/gpt-5";
const costs = (usage) => getTokenCosts({ modelId, usage: { inputTokens: 1000, outputTokens: 100, ...usage } });
const round = (amount) => Number(amount.toFixed(8));
const fresh = costs({});
const cached = costs({ cachedInputTokens: 800 });
const right = round((fresh.inputUSD * 200) / 1000 + cached.cacheReadUSD + fresh.outputUSD);
console.log(`nothing cached: ${round(fresh.totalUSD)}`);
console.log(`800 of 1000 cached: ${round(cached.totalUSD)}`);
console.log(`OpenAI's rule: ${right}`);
assert.ok(cached.totalUSD > fresh.totalUSD && right < fresh.totalUSD);
assert.strictEqual(cached.inputUSD, fresh.inputUSD);
JAVASCRIPT
node run.mjs
