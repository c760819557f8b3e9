#!/usr/bin/env bash
# What happens: A tool's result of type int, list or None goes out as structured content, wrapped as {"result":
#   …}. One of type dict, the only one that is an object already, has none: only its JSON as text.
# The wrong guess: structuredContent is an object, so a map is the plain case.
# Versions: mcp==2.3.0
# Seen:
#   int: {'result': 1}
#   list: {'result': [1, 2]}
#   None: {'result': None}
#   dict: None
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    mcp==2.3.0
"$folder/venv/bin/python" - <<'PYTHON'
import asyncio, logging
logging.disable(logging.CRITICAL)
from mcp import Client
from mcp.server.mcpserver import MCPServer

server = MCPServer("finding")

@server.tool()
def number(x: int) -> int:
    return x

@server.tool()
def numbers() -> list[int]:
    return [1, 2]

@server.tool()
def nothing() -> None:
    return None

@server.tool()
def mapping() -> dict:
    return {"a": 1}

async def main():
    async with Client(server) as client:
        call = client.call_tool
        results = {
            "int": await call("number", {"x": 1}), "list": await call("numbers", {}),
            "None": await call("nothing", {}), "dict": await call("mapping", {}),
        }
    content = {name: result.structured_content for name, result in results.items()}
    for name, value in content.items():
        print(f"{name}: {value}")
    assert content == {"int": {"result": 1}, "list": {"result": [1, 2]}, "None": {"result": None}, "dict": None}

asyncio.run(main())
PYTHON
