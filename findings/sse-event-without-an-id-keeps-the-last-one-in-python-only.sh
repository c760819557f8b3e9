#!/usr/bin/env bash
# What happens: An event of a stream that has no `id:` of its own keeps the last id in the standard of server-sent events, and so it does in httpx-sse
#   and in the decoder of OpenAI's client for Python. eventsource-parser, which MCP's JavaScript SDK reads streams with, gives such an event
#   no id. A reader that resumes after the last event it got, as MCP and gateways offer, begins at the start there.
# The wrong guess: The id of an event is a field of the event, or all parsers carry the last id along.
# Versions: httpx-sse==0.4.3, httpx==0.28.1, openai==3.57.0, eventsource-parser 3.1.1
# Seen:
#   httpx-sse: one 7, two 7
#   openai: one 7, two 7
#   eventsource-parser: one 7, two undefined
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check httpx-sse==0.4.3 httpx==0.28.1 openai==3.57.0
npm init -y >/dev/null
npm install --silent --no-audit --no-fund eventsource-parser@3.1.1 >/dev/null
printf 'id: 7\ndata: one\n\ndata: two\n\n' >stream.txt
venv/bin/python - <<'PYTHON'
import httpx
from httpx_sse import connect_sse
from openai._streaming import SSEDecoder

body = open("stream.txt", "rb").read()

def answer(_):
    return httpx.Response(200, headers={"content-type": "text/event-stream"}, content=body)

with httpx.Client(transport=httpx.MockTransport(answer)) as client, connect_sse(client, "GET", "http://stub/") as source:
    of_httpx = [(event.data, event.id) for event in source.iter_sse()]
of_openai = [(event.data, event.id) for event in SSEDecoder().iter_bytes(iter([body]))]
for name, events in (("httpx-sse", of_httpx), ("openai", of_openai)):
    print(f"{name}: " + ", ".join(f"{data} {number}" for data, number in events))
    assert events == [("one", "7"), ("two", "7")], events
PYTHON
cat >finding.mjs <<'JAVASCRIPT'
import assert from "node:assert";
import { readFileSync } from "node:fs";
import { createParser } from "eventsource-parser";

const events = [];
createParser({ onEvent: ({ data, id }) => events.push(`${data} ${id}`) }).feed(readFileSync("stream.txt", "utf8"));
console.log(`eventsource-parser: ${events.join(", ")}`);
assert.deepEqual(events, ["one 7", "two undefined"]);
JAVASCRIPT
node finding.mjs
