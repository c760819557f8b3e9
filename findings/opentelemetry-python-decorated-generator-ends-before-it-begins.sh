#!/usr/bin/env bash
# What happens: start_as_current_span used as a decorator spans an async function's whole run, but of a
#   generator, sync or async, only the call that makes the generator object: its span has ended before the first
#   item, and the spans made in the generator's body are roots.
# The wrong guess: The decorator that follows coroutines follows generators too, which is what a function that
#   streams a model's answer is.
# Versions: opentelemetry-sdk==1.45.2
# Seen:
#   function: children under it 1
#   generator: children under it 0, roots 2
#   async generator: children under it 0, roots 2
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    opentelemetry-sdk==1.45.2
"$folder/venv/bin/python" - <<'PYTHON'
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

memory = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(memory))
tracer = provider.get_tracer("finding")

import asyncio

@tracer.start_as_current_span("function")
async def function():
    with tracer.start_as_current_span("of function"):
        await asyncio.sleep(0)

@tracer.start_as_current_span("generator")
def generator():
    for item in range(2):
        with tracer.start_as_current_span("of generator"):
            pass
        yield item

@tracer.start_as_current_span("async generator")
async def async_generator():
    for item in range(2):
        with tracer.start_as_current_span("of async generator"):
            pass
        yield item

async def main():
    await function()
    async for _ in async_generator():
        pass

asyncio.run(main())
list(generator())
spans = memory.get_finished_spans()
for name, below, roots in (("function", 1, 0), ("generator", 0, 2), ("async generator", 0, 2)):
    own = next(span for span in spans if span.name == name)
    children = [span for span in spans if span.name == f"of {name}"]
    under = [child for child in children if child.parent and child.parent.span_id == own.context.span_id]
    alone = [child for child in children if child.parent is None]
    print(f"{name}: children under it {len(under)}" + (f", roots {len(alone)}" if alone else ""))
    assert (len(under), len(alone)) == (below, roots)
    assert not alone or own.end_time <= min(child.start_time for child in children)
PYTHON
