#!/usr/bin/env bash
# What happens: A model that writes two tool calls as text, one below the other, gets one of them from json-repair, the last, where both have the
#   same members with values of the same types. Where one member or one type differs, both come back, as a list. So two searches are one
#   search, and a search and a read are two calls or one, as the names of their arguments are. The log that logging=True gives says that there
#   were no more elements. JSON Lines of spans with the same members are one span in the same way.
# The wrong guess: Several values in one text are a list of all of them, or the first, or an error, whatever is in them.
# Versions: json-repair==0.64.6
# Seen:
#   two searches: {'tool': 'search', 'arguments': {'text': 'b'}}
#   search and fetch with one argument of one name: {'tool': 'fetch', 'arguments': {'text': 'b'}}
#   search and read: [{'tool': 'search', 'arguments': {'text': 'a'}}, {'tool': 'read', 'arguments': {'path': 'b'}}]
#   searches for a text and a number: [{'tool': 'search', 'arguments': {'text': 'a'}}, {'tool': 'search', 'arguments': {'text': 7}}]
#   log of the two searches: There were no more elements, returning the element without the array
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    json-repair==0.64.6
"$folder/venv/bin/python" - <<'PYTHON'
import json
import json_repair

def call(tool, **arguments):
    return {"tool": tool, "arguments": arguments}

def read(*calls, **options):
    return json_repair.loads("\n".join(json.dumps(call) for call in calls), **options)

search = call("search", text="a")
cases = {
    "two searches": (call("search", text="b"), True),
    "search and fetch with one argument of one name": (call("fetch", text="b"), True),
    "search and read": (call("read", path="b"), False),
    "searches for a text and a number": (call("search", text=7), False),
}
for name, (second, one) in cases.items():
    seen = read(search, second)
    print(f"{name}: {seen}")
    assert seen == (second if one else [search, second])
_, log = read(search, call("search", text="b"), logging=True)
print(f"log of the two searches: {log[-1]['text']}")
assert "no more elements" in log[-1]["text"]
PYTHON
