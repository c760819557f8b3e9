#!/usr/bin/env bash
# What happens: A tool's result that does not match the tool's output schema is an answer for MCP's JavaScript client, unless the program
#   has listed the tools before: then the same call throws. The client knows schemas only from a list. The Python client lists the tools
#   itself, after the answer, with a request that the program did not make, and raises a RuntimeError. The tool has done its work each time.
# The wrong guess: Whether a result is checked does not depend on earlier requests, and a call is one request.
# Versions: @modelcontextprotocol/sdk 1.32.2, mcp==2.3.0
# Seen:
#   javascript: first call {"n":"many"}, after listTools McpError
#   python: first call RuntimeError, requests: tools/call, tools/list
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check mcp==2.3.0
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @modelcontextprotocol/sdk@1.32.2 >/dev/null
# A server of the stable protocol, whose one tool answers with a text where its schema has a number.
cat >server.py <<'PYTHON'
import json, sys

TOOL = {
    "name": "count", "inputSchema": {"type": "object"},
    "outputSchema": {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]},
}
RESULTS = {
    "tools/list": {"tools": [TOOL]},
    "tools/call": {"content": [{"type": "text", "text": "done"}], "structuredContent": {"n": "many"}},
}
with open("methods.txt", "w", buffering=1) as methods:
    for line in sys.stdin:
        message = json.loads(line)
        method, number = message.get("method"), message.get("id")
        if method == "initialize":
            result = {"protocolVersion": message["params"]["protocolVersion"], "capabilities": {"tools": {}}}
            answer = {"result": {**result, "serverInfo": {"name": "stub", "version": "1"}}}
        elif method in RESULTS:
            methods.write(method + "\n")
            answer = {"result": RESULTS[method]}
        else:
            answer = {"error": {"code": -32601, "message": "method not found"}}
        if number is not None:
            print(json.dumps({"jsonrpc": "2.0", "id": number, **answer}), flush=True)
PYTHON
cat >finding.mjs <<'JAVASCRIPT'
import assert from "node:assert";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";

const client = new Client({ name: "client", version: "1" });
await client.connect(new StdioClientTransport({ command: "venv/bin/python", args: ["server.py"] }));
const call = () =>
  client.callTool({ name: "count", arguments: {} }).then(
    (result) => JSON.stringify(result.structuredContent),
    (error) => error.constructor.name,
  );
const first = await call();
await client.listTools();
const second = await call();
await client.close();
console.log(`javascript: first call ${first}, after listTools ${second}`);
assert.deepEqual([first, second], ['{"n":"many"}', "McpError"]);
JAVASCRIPT
node finding.mjs
venv/bin/python - <<'PYTHON'
import asyncio, sys
from mcp import Client, StdioServerParameters

async def main():
    async with Client(StdioServerParameters(command=sys.executable, args=["server.py"])) as client:
        try:
            outcome = str((await client.call_tool("count", {})).structured_content)
        except RuntimeError:
            outcome = "RuntimeError"
    methods = open("methods.txt").read().split()
    print(f"python: first call {outcome}, requests: {', '.join(methods)}")
    assert outcome == "RuntimeError" and methods == ["tools/call", "tools/list"]

asyncio.run(main())
PYTHON
