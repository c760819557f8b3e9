#!/usr/bin/env bash
# What happens: Chunks of a streamed message that are added in LangChain join the texts of their response_metadata end to end. A server that
#   names its model and fingerprint in each chunk, as OpenAI's protocol has it, is recorded as the model "gpt-4ogpt-4o" once an integration passes
#   the names on; a reason that comes twice is "stopstop". No price table knows that model, and no reader that reason. LangChain for
#   JavaScript does the same.
# The wrong guess: Equal metadata of two chunks is the metadata of their sum; only contents are joined.
# Versions: langchain-core==1.8.3, @langchain/core 1.4.0
# Seen:
#   python: model_name gpt-4ogpt-4o, finish_reason stopstop, created 7
#   javascript: model_name gpt-4ogpt-4o, finish_reason stopstop
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check langchain-core==1.8.3
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @langchain/core@1.4.0 >/dev/null
venv/bin/python - <<'PYTHON'
from langchain_core.messages import AIMessageChunk

said = {"model_name": "gpt-4o", "finish_reason": "stop", "created": 7}
whole = AIMessageChunk(content="Blue", response_metadata=said) + AIMessageChunk(content=".", response_metadata=said)
print("python: " + ", ".join(f"{name} {value}" for name, value in whole.response_metadata.items()))
assert whole.content == "Blue."
assert whole.response_metadata == {"model_name": "gpt-4ogpt-4o", "finish_reason": "stopstop", "created": 7}
PYTHON
cat >finding.mjs <<'JAVASCRIPT'
import assert from "node:assert";
import { AIMessageChunk } from "@langchain/core/messages";

const chunk = (content) => new AIMessageChunk({ content, response_metadata: { model_name: "gpt-4o", finish_reason: "stop" } });
const whole = chunk("Blue").concat(chunk("."));
console.log(`javascript: ${Object.entries(whole.response_metadata).map((pair) => pair.join(" ")).join(", ")}`);
assert.equal(whole.content, "Blue.");
assert.deepEqual(whole.response_metadata, { model_name: "gpt-4ogpt-4o", finish_reason: "stopstop" });
JAVASCRIPT
node finding.mjs
