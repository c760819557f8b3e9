#!/usr/bin/env bash
# What happens: A decorated generator whose consumer stops after the first item is an error with logfire (status
#   ERROR, an exception event) and with langsmith (error GeneratorExit), and a success with opik. Opik also
#   joins the items as text, numbers too, and gives no end at all to an async function that was cancelled.
# The wrong guess: Stopping to read is no error, and tracers agree on that.
# Versions: logfire==5.4.0, langsmith==0.15.1, opik==2.2.122
# Seen:
#   logfire: ERROR, ['exception']
#   langsmith: GeneratorExit(), output [0]
#   opik: error None, output {'output': '0'}; read to its end {'output': '012'}
#   opik, cancelled function: end None
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    logfire==5.4.0 langsmith==0.15.1 opik==2.2.122
"$folder/venv/bin/python" - <<'PYTHON'
import asyncio, logging, os
logging.disable(logging.CRITICAL)
os.environ.update(LANGSMITH_TRACING="true", LANGSMITH_API_KEY="none", OPIK_URL_OVERRIDE="http://127.0.0.1:9")
import logfire
from langsmith import Client, traceable
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

def leave(items):
    next(items)
    items.close()

memory = InMemorySpanExporter()
logfire.configure(send_to_logfire=False, console=False, additional_span_processors=[SimpleSpanProcessor(memory)])

@logfire.instrument("items", allow_generator=True)
def items():
    yield from range(3)

leave(items())
span = memory.get_finished_spans()[0]
print(f"logfire: {span.status.status_code.name}, {[event.name for event in span.events]}")
assert span.status.status_code.name == "ERROR" and [event.name for event in span.events] == ["exception"]

updates = []
class Recording(Client):
    def create_run(self, *_, **__): pass
    def update_run(self, run_id, **fields): updates.append(fields)

@traceable(client=Recording(api_url="http://127.0.0.1:9", api_key="none", auto_batch_tracing=False))
def items():
    yield from range(3)

leave(items())
error = updates[0]["error"].splitlines()[0]
print(f"langsmith: {error}, output {updates[0]['outputs']['output']}")
assert error == "GeneratorExit()"

import opik
from opik.api_objects import opik_client
messages = []
client = opik_client.get_global_client() if hasattr(opik_client, "get_global_client") else opik_client.get_client_cached()
client._streamer.put = messages.append

def span_of(call):
    messages.clear()
    call()
    return next(message for message in messages if type(message).__name__ == "CreateSpanMessage")

@opik.track
def items():
    yield from range(3)

@opik.track
async def wait():
    await asyncio.sleep(60)

async def cancel():
    task = asyncio.create_task(wait())
    await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

left, whole = span_of(lambda: leave(items())), span_of(lambda: list(items()))
cancelled = span_of(lambda: asyncio.run(cancel()))
print(f"opik: error {left.error_info}, output {left.output}; read to its end {whole.output}")
print(f"opik, cancelled function: end {cancelled.end_time}")
assert left.error_info is None and left.output == {"output": "0"} and whole.output == {"output": "012"}
assert cancelled.end_time is None and len(messages) == 2
os._exit(0)
PYTHON
