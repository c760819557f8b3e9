#!/usr/bin/env bash
# What happens: MCP's JavaScript server registers a tool whose input has a z.date(), z.bigint() or z.map() without a word, and then answers every
#   request for the list of tools with an error, because Zod has no JSON Schema for these types. A client sees none of the server's tools;
#   a call by name still works. The Python server turns a datetime into a text with a format.
# The wrong guess: A type that cannot be described is refused where the tool is registered, or costs that tool only.
# Versions: @modelcontextprotocol/sdk 1.32.2, zod 4.6.7, mcp==2.3.0
# Seen:
#   javascript, tools plain and dated: list -> Date cannot be represented in JSON Schema, call of plain -> works
#   python, tools plain and dated: list -> plain, dated; type of the date {"format": "date-time", "type": "string"}
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check mcp==2.3.0
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @modelcontextprotocol/sdk@1.32.2 zod@4.6.7 >/dev/null
cat >finding.mjs <<'JAVASCRIPT'
import assert from "node:assert";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import * as z from "zod";

const answer = async () => ({ content: [{ type: "text", text: "works" }] });
const server = new McpServer({ name: "server", version: "1" });
server.registerTool("plain", { inputSchema: { text: z.string() } }, answer);
server.registerTool("dated", { inputSchema: { when: z.date() } }, answer);
const [one, other] = InMemoryTransport.createLinkedPair();
const client = new Client({ name: "client", version: "1" });
await Promise.all([server.connect(one), client.connect(other)]);
const listed = await client.listTools().then(
  ({ tools }) => tools.map(({ name }) => name).join(", "),
  (error) => error.message.replace(/^MCP error -?\d+: /, ""),
);
const called = (await client.callTool({ name: "plain", arguments: { text: "x" } })).content[0].text;
await client.close();
console.log(`javascript, tools plain and dated: list -> ${listed}, call of plain -> ${called}`);
assert.match(listed, /^Date cannot be represented/);
assert.equal(called, "works");
JAVASCRIPT
node finding.mjs
venv/bin/python - <<'PYTHON'
import asyncio, json
from datetime import datetime
from mcp import Client
from mcp.server import MCPServer

server = MCPServer("server")

@server.tool()
def plain(text: str) -> str:
    return "works"

@server.tool()
def dated(when: datetime) -> str:
    return "works"

async def main():
    async with Client(server) as client:
        tools = (await client.list_tools()).tools
    when = dict(sorted(tools[1].input_schema["properties"]["when"].items()))
    when.pop("title", None)
    names = ", ".join(tool.name for tool in tools)
    print(f"python, tools plain and dated: list -> {names}; type of the date {json.dumps(when)}")
    assert names == "plain, dated" and when == {"format": "date-time", "type": "string"}

asyncio.run(main())
PYTHON
