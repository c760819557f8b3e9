#!/usr/bin/env bash
# What happens: A field that only a later span has, such as the error of the first one that failed, is left out of the table without a word.
#   pyarrow's from_pylist takes the names of the first row, Polars those of the first 100, DuckDB's read_json those of the first 20,480.
#   pyarrow's own reader of JSON Lines and pandas look at all rows. So whether failed spans are failed in a report depends on how far down
#   they stand in the export.
# The wrong guess: A table has a column for each field that some row has, and null in the other rows.
# Versions: pyarrow==26.0.1, polars==2.1.0, duckdb==2.0.1, pandas==3.1.1
# Seen, of a table of the columns id and error, where the first row with an error is the second, the 101st and the 30,001st:
#   pyarrow from_pylist: no, no, no
#   polars read_ndjson: yes, no, no
#   duckdb read_json: yes, yes, no
#   pyarrow.json: yes, yes, yes
#   pandas read_json: yes, yes, yes
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pyarrow==26.0.1 polars==2.1.0 duckdb==2.0.1 pandas==3.1.1
venv/bin/python - <<'PYTHON'
import json
import duckdb, pandas, polars, pyarrow, pyarrow.json

def spans(before):
    return [{"id": str(number)} for number in range(before)] + [{"id": "last", "error": "timed out"}]

files = {}
for before in (1, 100, 30_000):
    files[before] = f"{before}.jsonl"
    with open(files[before], "w") as file:
        file.writelines(json.dumps(span) + "\n" for span in spans(before))

ways = {
    "pyarrow from_pylist": lambda before: pyarrow.Table.from_pylist(spans(before)).column_names,
    "polars read_ndjson": lambda before: polars.read_ndjson(files[before]).columns,
    "duckdb read_json": lambda before: duckdb.sql(f"SELECT * FROM read_json('{files[before]}')").columns,
    "pyarrow.json": lambda before: pyarrow.json.read_json(files[before]).column_names,
    "pandas read_json": lambda before: list(pandas.read_json(files[before], lines=True).columns),
}
seen = {}
for name, columns in ways.items():
    seen[name] = ["error" in columns(before) for before in files]
    print(f"{name}: " + ", ".join("yes" if has else "no" for has in seen[name]))
assert seen == {
    "pyarrow from_pylist": [False, False, False],
    "polars read_ndjson": [True, False, False],
    "duckdb read_json": [True, True, False],
    "pyarrow.json": [True, True, True],
    "pandas read_json": [True, True, True],
}, seen
PYTHON
