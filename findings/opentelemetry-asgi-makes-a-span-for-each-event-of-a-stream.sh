#!/usr/bin/env bash
# What happens: The server instrumentation that FastAPI and Starlette use makes a span "http send" for each
#   chunk of a response. An answer that is streamed by server-sent events is as many spans as it has tokens,
#   beside the one of the request.
# The wrong guess: A request is one span, however its body is sent.
# Versions: opentelemetry-sdk==1.45.2, starlette==1.10.0, uvicorn==0.54.0, httpx==0.28.1, opentelemetry-
#   instrumentation-asgi==0.66b2
# Seen:
#   events 20, spans 'http send' 22, spans in all 25
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    opentelemetry-sdk==1.45.2 starlette==1.10.0 uvicorn==0.54.0 httpx==0.28.1 opentelemetry-instrumentation-asgi==0.66b2
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
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware

url = serve(lambda app: OpenTelemetryMiddleware(app, tracer_provider=provider))
text = httpx.get(url).text
for _ in range(500):
    names = [span.name for span in memory.get_finished_spans()]
    if "GET /answer" in names: break
    time.sleep(0.02)
sends = sum(name.endswith("http send") for name in names)
print(f"events {text.count('data:')}, spans 'http send' {sends}, spans in all {len(names)}")
assert text.count("data:") == 20 and sends == 22
PYTHON
