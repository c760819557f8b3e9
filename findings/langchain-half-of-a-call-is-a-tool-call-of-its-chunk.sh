#!/usr/bin/env bash
# What happens: A chunk of a stream that holds a part of a tool call's arguments has a whole tool call in `tool_calls`, made of as much as could be
#   read: half a city, one day of fourteen. It is not among `invalid_tool_calls`, and nothing marks it as a part. Whoever records the sum of
#   the chunks so far, because the stream broke or was left, records a call that the model did not make.
# The wrong guess: `tool_calls` has calls whose arguments are complete; before that they are in `tool_call_chunks` alone, or invalid.
# Versions: langchain-core==1.8.3
# Seen:
#   {"city": "Ber -> tool_calls [{'city': 'Ber'}], invalid_tool_calls []
#   {"city": "Berlin", "days": 1 -> tool_calls [{'city': 'Berlin', 'days': 1}], invalid_tool_calls []
#   {"city": "Berlin", "days": 14} -> tool_calls [{'city': 'Berlin', 'days': 14}], invalid_tool_calls []
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check langchain-core==1.8.3
"$folder/venv/bin/python" - <<'PYTHON'
from langchain_core.messages import AIMessageChunk

def chunk(name, args):
    call = {"name": name, "args": args, "id": "call_1" if name else None, "index": 0}
    return AIMessageChunk(content="", tool_call_chunks=[call])

so_far, text, seen = None, "", []
for part in ('{"city": "Ber', 'lin", "days": 1', "4}"):
    next_chunk = chunk(None if so_far else "forecast", part)
    so_far, text = so_far + next_chunk if so_far else next_chunk, text + part
    seen.append([call["args"] for call in so_far.tool_calls])
    print(f"{text} -> tool_calls {seen[-1]}, invalid_tool_calls {so_far.invalid_tool_calls}")
    assert so_far.invalid_tool_calls == []
assert seen == [[{"city": "Ber"}], [{"city": "Berlin", "days": 1}], [{"city": "Berlin", "days": 14}]], seen
PYTHON
