"""Calls a tool of the server that its argument names, within a span, and prints the result and the spans of this process."""

import asyncio
import json
import os
import sys

from mcp import ClientSession, StdioServerParameters, stdio_client
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

exporter = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)


async def main() -> None:
    # The client hands only a few variables down by itself.
    server = StdioServerParameters(command=sys.argv[1], args=[], env=dict(os.environ))
    async with stdio_client(server) as (read, write), ClientSession(read, write) as session:
        await session.initialize()
        with trace.get_tracer("caller").start_as_current_span("caller"):
            result = await session.call_tool("length", {"word": "seven"})
    spans = [
        {
            "name": span.name,
            "trace_id": format(span.context.trace_id, "032x"),
            "span_id": format(span.context.span_id, "016x"),
        }
        for span in exporter.get_finished_spans()
    ]
    print(json.dumps({"text": result.content[0].text, "spans": spans}))


asyncio.run(main())
