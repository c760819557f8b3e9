#!/usr/bin/env bash
# What happens: pandas reads texts of JSON Lines that look like numbers as numbers: the session "0042" is 42, and span ids that happen to have
#   one letter e among digits are floating point, so no join by them finds anything. And one span that is still open makes all ends of the
#   table floating point: nanoseconds since 1970 lose their last eight bits, and a span of 210 ns lasts 235.
# The wrong guess: A text in JSON stays a text, and a whole number a whole number, beside a null as well.
# Versions: pandas==3.1.1, polars==2.1.0
# Seen:
#   pandas: session 42, span inf, lasted 235 ns
#   polars: session '0042', span '12e4567890123456', lasted 210 ns
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pandas==3.1.1 polars==2.1.0
cat >spans.jsonl <<'JSON'
{"session": "0042", "span": "12e4567890123456", "start": 1790000000123456789, "end": 1790000000123456999}
{"session": "0042", "span": "0000000000000017", "start": 1790000000123457000, "end": null}
JSON
venv/bin/python - <<'PYTHON'
import pandas, polars

def told(name, row):
    session, span, start, end = (row[field] for field in ("session", "span", "start", "end"))
    print(f"{name}: session {session!r}, span {span!r}, lasted {int(end) - int(start)} ns")
    return session, span, int(end) - int(start)

by_pandas = told("pandas", pandas.read_json("spans.jsonl", lines=True).to_dict("records")[0])
by_polars = told("polars", polars.read_ndjson("spans.jsonl").to_dicts()[0])
assert by_pandas == (42, float("inf"), 235), by_pandas
assert by_polars == ("0042", "12e4567890123456", 210), by_polars
PYTHON
