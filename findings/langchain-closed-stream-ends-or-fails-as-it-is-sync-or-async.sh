#!/usr/bin/env bash
# What happens: A consumer that closes a stream after its first item is on_chain_end for stream() and
#   on_chain_error with GeneratorExit for astream(), with the same chain.
# The wrong guess: Sync and async tell the same: one kind of end for a stream that its reader gave up.
# Versions: langchain-core==1.8.3
# Seen:
#   stream: ['end']
#   astream: ['error GeneratorExit']
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    langchain-core==1.8.3
"$folder/venv/bin/python" - <<'PYTHON'
import asyncio
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.runnables import RunnableGenerator

class Handler(BaseCallbackHandler):
    def __init__(self): self.seen = []
    def on_chain_end(self, outputs, **_): self.seen.append("end")
    def on_chain_error(self, error, **_): self.seen.append(f"error {type(error).__name__}")

def letters(inputs):
    for _ in inputs:
        yield from "abc"

async def async_letters(inputs):
    async for _ in inputs:
        for letter in "abc":
            yield letter

sync, other = Handler(), Handler()
items = RunnableGenerator(letters).stream("question", {"callbacks": [sync]})
next(items)
items.close()

async def main():
    items = RunnableGenerator(async_letters).astream("question", {"callbacks": [other]})
    await anext(items)
    await items.aclose()

asyncio.run(main())
print("stream:", sync.seen)
print("astream:", other.seen)
assert sync.seen == ["end"] and other.seen == ["error GeneratorExit"]
PYTHON
