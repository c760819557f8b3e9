#!/usr/bin/env bash
# What happens: MCP's SDK for Python makes an OpenTelemetry span for each request on both sides, once a tracer provider is set. Of a call that went
#   wrong the two disagree: a tool that raises is an error at the server only, without the reason; a call that times out is one at the client
#   only, while the server's span ends like a good one; a cancelled call is one on neither side.
# The wrong guess: The client's span of a call that failed has an error, and the server's one says which exception it was.
# Versions: mcp==2.3.0, opentelemetry-sdk==1.45.2
# Seen:
#   returns: client UNSET, server UNSET
#   raises: client UNSET, server ERROR tool_error, the reason is in a span: False
#   times out: client ERROR, server UNSET
#   cancelled: client UNSET, server UNSET
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    mcp==2.3.0 opentelemetry-sdk==1.45.2
"$folder/venv/bin/python" - <<'PYTHON'
import asyncio, logging, os, traceback
logging.disable(logging.CRITICAL)
import uvicorn
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from mcp import Client
from mcp.server.mcpserver import MCPServer

memory, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(memory))
trace.set_tracer_provider(provider)
server = MCPServer("finding")

@server.tool()
def returns() -> str:
    return "found"

@server.tool()
def raises() -> str:
    raise ValueError("no network")

@server.tool()
async def waits() -> str:
    await asyncio.sleep(30)
    return "late"

async def ends(name, call):
    try:
        await call
    except (Exception, asyncio.CancelledError):
        pass
    # Both spans end by themselves; the server's may do so after the client's.
    for _ in range(100):
        spans = {span.kind.name: span for span in memory.get_finished_spans() if "tools/call" in span.name}
        if len(spans) == 2:
            break
        await asyncio.sleep(0.05)
    told = "no network" in "".join(span.to_json() for span in spans.values())
    memory.clear()
    client, server = (spans[kind] for kind in ("CLIENT", "SERVER"))
    error = server.attributes.get("error.type")
    seen = (client.status.status_code.name, " ".join(filter(None, (server.status.status_code.name, error))))
    print(f"{name}: client {seen[0]}, server {seen[1]}{f', the reason is in a span: {told}' if error else ''}", flush=True)
    return *seen, told

async def main():
    web = uvicorn.Server(uvicorn.Config(server.streamable_http_app(), host="127.0.0.1", port=0, log_level="critical"))
    serving = asyncio.create_task(web.serve())
    while not web.started:
        await asyncio.sleep(0.02)
    port = web.servers[0].sockets[0].getsockname()[1]
    async with Client(f"http://127.0.0.1:{port}/mcp") as client:
        assert await ends("returns", client.call_tool("returns", {})) == ("UNSET", "UNSET", False)
        assert await ends("raises", client.call_tool("raises", {})) == ("UNSET", "ERROR tool_error", False)
        assert await ends("times out", client.call_tool("waits", {}, read_timeout_seconds=0.3)) == ("ERROR", "UNSET", False)
        task = asyncio.create_task(client.call_tool("waits", {}))
        asyncio.get_running_loop().call_later(0.5, task.cancel)
        assert await ends("cancelled", task) == ("UNSET", "UNSET", False)
    # The server would wait for its connections.
    os._exit(0)

try:
    asyncio.run(main())
except BaseException:
    traceback.print_exc()
    os._exit(1)
PYTHON
