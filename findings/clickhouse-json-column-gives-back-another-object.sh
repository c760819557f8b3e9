#!/usr/bin/env bash
# What happens: A column of ClickHouse's type JSON keeps paths, not the text. What comes back of a span's attributes is another object: names with
#   dots are objects within objects; a null and an empty object are gone, so that an argument that was sent as null was never sent; a text that
#   looks like a time is a time in another spelling, its offset worked in and forgotten; and `error` beside `error.type` is an object with `error`
#   twice, of which a reader keeps the last. Nothing is raised.
# The wrong guess: What is read from a column of type JSON is the same JSON value, with at most the blanks and the order changed.
# Versions: chdb-core==26.9.0 (ClickHouse 26.9.2.1)
# Seen:
#   {"gen_ai.usage.input_tokens": 5} -> {"gen_ai":{"usage":{"input_tokens":5}}}
#   {"arguments": {"until": null, "filter": {}}} -> {}
#   {"arguments": {"since": "2026-03-01T10:00:00+02:00"}} -> {"arguments":{"since":"2026-03-01 08:00:00"}}
#   {"error": true, "error.type": "timeout"} -> {"error":true,"error":{"type":"timeout"}}
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps \
    chdb-core==26.9.0
cd "$folder"
venv/bin/python - <<'PYTHON'
import json
from chdb import session

cases = [
    ({"gen_ai.usage.input_tokens": 5}, '{"gen_ai":{"usage":{"input_tokens":5}}}'),
    ({"arguments": {"until": None, "filter": {}}}, '{}'),
    ({"arguments": {"since": "2026-03-01T10:00:00+02:00"}}, '{"arguments":{"since":"2026-03-01 08:00:00"}}'),
    ({"error": True, "error.type": "timeout"}, '{"error":true,"error":{"type":"timeout"}}'),
]
database = session.Session("database")
database.query("SET session_timezone = 'UTC'")
database.query("CREATE TABLE spans (number UInt8, attributes JSON) ENGINE = MergeTree ORDER BY number")
for number, (attributes, _) in enumerate(cases):
    row = json.dumps({"number": number, "attributes": attributes})
    database.query(f"INSERT INTO spans FORMAT JSONEachRow {row}")
rows = str(database.query("SELECT toString(attributes) FROM spans ORDER BY number", "TSVRaw")).splitlines()
for (attributes, expected), row in zip(cases, rows, strict=True):
    print(f"{json.dumps(attributes)} -> {row}")
    assert row == expected
assert json.loads(rows[-1]) == {"error": {"type": "timeout"}}
PYTHON
