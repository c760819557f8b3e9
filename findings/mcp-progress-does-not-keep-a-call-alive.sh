#!/usr/bin/env bash
# What happens: A tool that reports its progress every 100 ms is timed out by a client whose timeout is a second, in MCP's SDKs for Python and for
#   JavaScript, with the progress callback called in between. JavaScript's has an option, off by default, that begins the timeout anew at
#   each report; Python's has none, so that a timeout there has to cover the longest run of the tool.
# The wrong guess: The timeout of a request is for silence, so progress keeps the call alive.
# Versions: mcp==2.3.0, @modelcontextprotocol/sdk 1.32.2
# Seen:
#   python: timed out after some reports of progress: True
#   javascript: timed out after some reports of progress: true
#   javascript with resetTimeoutOnProgress: done
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check mcp==2.3.0
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @modelcontextprotocol/sdk@1.32.2 >/dev/null
# A server of the stable protocol with one tool, which works for 2.5 s.
cat >server.py <<'PYTHON'
import json, sys, threading, time

def send(message):
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()

def work(number, token):
    for step in range(25):
        time.sleep(0.1)
        send({"method": "notifications/progress", "params": {"progressToken": token, "progress": step}})
    send({"id": number, "result": {"content": [{"type": "text", "text": "done"}]}})

for line in sys.stdin:
    message = json.loads(line)
    method, number = message.get("method"), message.get("id")
    if method == "initialize":
        send({"id": number, "result": {
            "protocolVersion": message["params"]["protocolVersion"],
            "capabilities": {"tools": {}}, "serverInfo": {"name": "stub", "version": "1"},
        }})
    elif method == "tools/list":
        send({"id": number, "result": {"tools": [{"name": "slow", "inputSchema": {"type": "object"}}]}})
    elif method == "tools/call":
        token = message["params"]["_meta"]["progressToken"]
        threading.Thread(target=work, args=(number, token), daemon=True).start()
    elif method and number is not None:
        send({"id": number, "error": {"code": -32601, "message": "method not found"}})
PYTHON
venv/bin/python - <<'PYTHON'
import asyncio, sys
from mcp import Client, MCPError, StdioServerParameters

async def main():
    reports = []
    async def report(*progress):
        reports.append(progress)
    async with Client(StdioServerParameters(command=sys.executable, args=["server.py"])) as client:
        try:
            await client.call_tool("slow", {}, read_timeout_seconds=1, progress_callback=report)
            outcome = "done"
        except MCPError as error:
            assert "timed out" in str(error), error
            outcome = f"timed out after some reports of progress: {len(reports) > 0}"
    print(f"python: {outcome}")
    assert outcome.endswith("True")

asyncio.run(main())
PYTHON
cat >finding.mjs <<'JAVASCRIPT'
import assert from "node:assert";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";

const client = new Client({ name: "client", version: "1" });
await client.connect(new StdioClientTransport({ command: "venv/bin/python", args: ["server.py"] }));
const outcome = async (options) => {
  let reports = 0;
  try {
    const result = await client.callTool({ name: "slow", arguments: {} }, undefined, { timeout: 1_000, onprogress: () => (reports += 1), ...options });
    return result.content[0].text;
  } catch (error) {
    assert.match(error.message, /timed out/);
    return `timed out after some reports of progress: ${reports > 0}`;
  }
};
const plain = await outcome({});
const reset = await outcome({ resetTimeoutOnProgress: true });
console.log(`javascript: ${plain}`);
console.log(`javascript with resetTimeoutOnProgress: ${reset}`);
await client.close();
assert.match(plain, /true$/);
assert.equal(reset, "done");
JAVASCRIPT
node finding.mjs
