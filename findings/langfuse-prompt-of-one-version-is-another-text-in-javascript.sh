#!/usr/bin/env bash
# What happens: compile() of one prompt version with the same variables makes other texts in Langfuse's client for JavaScript than in the one for
#   Python. A variable that is left out stays as `{{name}}` in Python and is nothing in JavaScript, which reads the prompt as Mustache: members
#   and sections work there, and are sent to the model as they stand by Python. A list of tools is joined by commas or written in Python's
#   spelling, an object is `[object Object]` or Python's. Both traces link the answer to one version of the prompt.
# The wrong guess: A managed prompt is one text for all services, so a version and its variables give the prompt that the model got.
# Versions: langfuse==5.0.4 (PyPI), @langfuse/client 5.11.1 (npm)
# Seen:
#   left out: python "Ask {{name}}." javascript "Ask ."
#   member: python "{{user.name}}" javascript "Ada"
#   section: python "A{{#tools}}, {{.}}{{/tools}}" javascript "A, read, write"
#   list: python "['read', 'write']" javascript "read,write"
#   object: python "{'name': 'Ada'}" javascript "[object Object]"
#   number: python "3" javascript "3"
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
    langfuse==5.0.4
npm init --yes >npm.log
npm install --silent --no-audit --no-fund @langfuse/client@5.11.1 >>npm.log
cat >cases.json <<'JSON'
{"variables": {"user": {"name": "Ada"}, "tools": ["read", "write"], "count": 3},
 "prompts": {"left out": "Ask {{name}}.", "member": "{{user.name}}", "section": "A{{#tools}}, {{.}}{{/tools}}",
             "list": "{{tools}}", "object": "{{user}}", "number": "{{count}}"}}
JSON
cat >run.mjs <<'JAVASCRIPT'
import { readFileSync } from "node:fs";
import { TextPromptClient } from "@langfuse/client";

const { variables, prompts } = JSON.parse(readFileSync("cases.json", "utf8"));
const compile = (prompt) =>
  new TextPromptClient({ name: "p", version: 1, type: "text", prompt, config: {}, labels: [], tags: [] }).compile(variables);
console.log(JSON.stringify(Object.fromEntries(Object.entries(prompts).map(([name, prompt]) => [name, compile(prompt)]))));
JAVASCRIPT
node run.mjs >javascript.json
venv/bin/python - <<'PYTHON'
import json
from langfuse.model import Prompt_Text, TextPromptClient

cases, javascript = (json.load(open(f"{name}.json")) for name in ("cases", "javascript"))

def compile(prompt):
    return TextPromptClient(Prompt_Text(name="p", version=1, type="text", prompt=prompt, config={}, labels=[], tags=[])).compile(**cases["variables"])

python = {name: compile(prompt) for name, prompt in cases["prompts"].items()}
for name in python:
    print(f'{name}: python "{python[name]}" javascript "{javascript[name]}"')
assert python == {
    "left out": "Ask {{name}}.", "member": "{{user.name}}", "section": "A{{#tools}}, {{.}}{{/tools}}",
    "list": "['read', 'write']", "object": "{'name': 'Ada'}", "number": "3"}
assert javascript == {
    "left out": "Ask .", "member": "Ada", "section": "A, read, write", "list": "read,write", "object": "[object Object]", "number": "3"}
PYTHON
