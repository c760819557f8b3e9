#!/usr/bin/env bash
# What happens: A program that leaves the events of a streamed run after the first, or never reads them, does
#   not stop the agent: the model is asked to the end and tools are run, in a task of the library's. The trace
#   ends as that of any run, and after result.cancel() too: no span has an error.
# The wrong guess: Nothing is done for a stream that nobody reads, and a cancelled run says so.
# Versions: openai-agents==0.24.0
# Seen:
#   left: tools run 1, last entry trace end, errors 0
#   never read: tools run 1, last entry trace end, errors 0
#   cancelled: last entry trace end, errors 0
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    openai-agents==0.24.0
"$folder/venv/bin/python" - <<'PYTHON'
import asyncio, logging
logging.disable(logging.CRITICAL)
from agents import Agent, Runner, function_tool, set_trace_processors
from agents.models.interface import Model
from agents.tracing import TracingProcessor
from openai.types import responses

seen, errors, ran = [], [], []

class Processor(TracingProcessor):
    def on_trace_start(self, trace): seen.append("trace start")
    def on_trace_end(self, trace): seen.append("trace end")
    def on_span_start(self, span): seen.append("start")
    def on_span_end(self, span): seen.append("end"); errors.extend([span.error] if span.error else [])
    def shutdown(self): pass
    def force_flush(self): pass

set_trace_processors([Processor()])

@function_tool
def pay() -> str:
    ran.append(1)
    return "paid"

class Stub(Model):
    def __init__(self): self.turn = 0
    async def get_response(self, *_, **__): raise NotImplementedError
    async def stream_response(self, *_, **__):
        self.turn += 1
        for number in range(3):
            await asyncio.sleep(0.01)
            yield responses.ResponseTextDeltaEvent(type="response.output_text.delta", delta="h", content_index=0, item_id="1",
                                                   output_index=0, sequence_number=number, logprobs=[])
        call = responses.ResponseFunctionToolCall(type="function_call", call_id="c", name="pay", arguments="{}")
        text = responses.ResponseOutputText(type="output_text", text="done", annotations=[])
        message = responses.ResponseOutputMessage(id="1", type="message", role="assistant", status="completed", content=[text])
        output = [call] if self.turn == 1 else [message]
        yield responses.ResponseCompletedEvent(type="response.completed", sequence_number=9, response=responses.Response(
            id="r", created_at=1, model="m", object="response", output=output, parallel_tool_calls=False, tool_choice="auto", tools=[]))

async def run(what):
    for list_ in (seen, errors, ran): list_.clear()
    result = Runner.run_streamed(Agent(name="agent", model=Stub(), tools=[pay]), "x")
    if what != "never read":
        async for event in result.stream_events():
            if event.type == "raw_response_event":
                if what == "left": break
                result.cancel()
    for _ in range(500):
        if seen and seen[-1] == "trace end": break
        await asyncio.sleep(0.02)
    print(f"{what}:" + (f" tools run {len(ran)}," if what != "cancelled" else "") + f" last entry {seen[-1]}, errors {len(errors)}")
    assert seen[-1] == "trace end" and not errors and (what == "cancelled" or ran)

async def main():
    for what in ("left", "never read", "cancelled"):
        await run(what)

asyncio.run(main())
PYTHON
