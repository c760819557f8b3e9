#!/usr/bin/env bash
# What happens: FastMCP writes `mcp.session.id` on the server's span of each request. With the revision of MCP that its client takes by default,
#   2026-07-28, that id is a new one for every request, also for the list of tools that the client asks for by itself: three calls of one open
#   client are four sessions. What a tool put into the context's state for the session is gone at the next call, without an error. The same
#   server is one session for a client of the older kind, so sessions of both kinds are counted side by side.
# The wrong guess: What is sent between the begin and the end of one client's block is one session, and the attribute joins it.
# Versions: fastmcp==4.2.3, mcp==2.3.0, opentelemetry-sdk==1.45.2
# Seen:
#   auto: MCP 2026-07-28, 4 requests with an id in 4 sessions, count in the state: [1, 1, 1]
#   legacy: MCP 2025-11-25, 4 requests with an id in 1 sessions, count in the state: [1, 2, 3]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    fastmcp==4.2.3 mcp==2.3.0 opentelemetry-sdk==1.45.2
"$folder/venv/bin/python" - <<'PYTHON'
import asyncio
from fastmcp import Client, Context, FastMCP
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

memory, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(memory))
trace.set_tracer_provider(provider)
server = FastMCP("server")

@server.tool
async def count(context: Context) -> int:
    number = (await context.get_state("number") or 0) + 1
    await context.set_state("number", number)
    return number

async def run(mode):
    memory.clear()
    async with Client(server, mode=mode) as client:
        numbers = [(await client.call_tool("count")).data for _ in range(3)]
    spans = [span for span in memory.get_finished_spans() if span.attributes.get("mcp.session.id")]
    (version,) = {span.attributes["mcp.protocol.version"] for span in spans}
    sessions = {span.attributes["mcp.session.id"] for span in spans}
    print(f"{mode}: MCP {version}, {len(spans)} requests with an id in {len(sessions)} sessions, count in the state: {numbers}")
    return len(spans), len(sessions), numbers

assert asyncio.run(run("auto")) == (4, 4, [1, 1, 1])
assert asyncio.run(run("legacy")) == (4, 1, [1, 2, 3])
PYTHON
