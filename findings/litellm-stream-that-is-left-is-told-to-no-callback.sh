#!/usr/bin/env bash
# What happens: LiteLLM tells a logger of a streamed call when it has been read to its end. Where a reader leaves after the first
#   piece, as one does whose user has gone, neither callback is called, in sync and async programs alike. All that a logger has of the call
#   is that it began; its cost is never counted. A call that fails is one failure after all retries, and each retry begins once more.
# The wrong guess: Each call that began ends in one of the two callbacks, so begun calls minus ended ones are those under way.
# Versions: litellm==1.110.2, tenacity==9.2.1
# Seen:
#   read to its end: pre, success
#   left after one piece: pre
#   async, read to its end: pre, async success
#   async, left after one piece: pre
#   failed, two retries: pre, pre, failure, pre
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check litellm==1.110.2 tenacity==9.2.1
LITELLM_LOCAL_MODEL_COST_MAP=True "$folder/venv/bin/python" - <<'PYTHON'
import asyncio, gc, time
import litellm
from litellm.integrations.custom_logger import CustomLogger

litellm.suppress_debug_info = True
told = []

class Logger(CustomLogger):
    def log_pre_api_call(self, *_, **__): told.append("pre")
    def log_success_event(self, *_, **__): told.append("success")
    def log_failure_event(self, *_, **__): told.append("failure")
    async def async_log_success_event(self, *_, **__): told.append("async success")
    async def async_log_failure_event(self, *_, **__): told.append("async failure")

litellm.callbacks = [Logger()]
CALL = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Which colour?"}], "stream": True, "mock_response": "one two three four five six"}

def read(pieces):
    stream = litellm.completion(**CALL)
    for number, _ in enumerate(stream, 1):
        if number == pieces:
            break
    del stream
    gc.collect()

async def read_async(pieces):
    stream = await litellm.acompletion(**CALL)
    number = 0
    async for _ in stream:
        number += 1
        if number == pieces:
            break
    del stream
    gc.collect()
    await asyncio.sleep(2)  # for callbacks that run beside the program

def fail():
    try:
        litellm.completion(**{**CALL, "stream": False, "mock_response": "litellm.InternalServerError", "num_retries": 2})
    except litellm.InternalServerError:
        pass

def heard(name, action):
    told.clear()
    action()
    time.sleep(2)  # as above
    print(f"{name}: {', '.join(told)}")
    return list(told)

assert heard("read to its end", lambda: read(None)) == ["pre", "success"]
assert heard("left after one piece", lambda: read(1)) == ["pre"]
assert heard("async, read to its end", lambda: asyncio.run(read_async(None))) == ["pre", "async success"]
assert heard("async, left after one piece", lambda: asyncio.run(read_async(1))) == ["pre"]
failed = heard("failed, two retries", fail)
assert (failed.count("pre"), failed.count("failure")) == (3, 1), failed
PYTHON
