#!/usr/bin/env bash
# What happens: The client span of a streamed response ends when the head has come: reading the body, which for
#   a model's answer is nearly all of the time, is outside of it, and a body that breaks off leaves the span as
#   it was.
# The wrong guess: The span of a request lasts until the response was read or closed.
# Versions: opentelemetry-sdk==1.45.2, starlette==1.10.0, uvicorn==0.54.0, httpx==0.28.1, opentelemetry-
#   instrumentation-httpx==0.66b2
# Seen:
#   the span ended before the first event was read: True
#   its part of the time that the answer took: less than a quarter
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    opentelemetry-sdk==1.45.2 starlette==1.10.0 uvicorn==0.54.0 httpx==0.28.1 opentelemetry-instrumentation-httpx==0.66b2
"$folder/venv/bin/python" - <<'PYTHON'
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

memory = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(memory))

import asyncio, threading, time
import uvicorn
from starlette.applications import Starlette
from starlette.responses import StreamingResponse
from starlette.routing import Route

def serve(wrap):
    async def answer(request):
        async def body():
            for item in range(20):
                await asyncio.sleep(0.02)
                yield f"data: {item}\n\n"
        return StreamingResponse(body(), media_type="text/event-stream")
    app = wrap(Starlette(routes=[Route("/answer", answer)]))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    threading.Thread(target=server.run, daemon=True).start()
    while not server.started:
        time.sleep(0.02)
    return f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/answer"

import httpx
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor

url = serve(lambda app: app)
HTTPXClientInstrumentor().instrument(tracer_provider=provider)
with httpx.Client() as client:
    began = time.time()
    with client.stream("GET", url) as response:
        ended_early = len(memory.get_finished_spans()) == 1
        text = "".join(response.iter_text())
    took = time.time() - began
span = memory.get_finished_spans()[0]
part = (span.end_time - span.start_time) / 1e9 / took
print("the span ended before the first event was read:", ended_early)
print("its part of the time that the answer took:", "less than a quarter" if part < 0.25 else f"{part:.2f}")
assert ended_early and text.count("data:") == 20
PYTHON
