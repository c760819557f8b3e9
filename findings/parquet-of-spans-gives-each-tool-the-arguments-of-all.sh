#!/usr/bin/env bash
# What happens: Payloads of spans in a Parquet file have one struct for all rows. A tool comes back with the arguments of all other tools, each
#   null, so that a null that was sent looks like an argument that was left out. A file whose payloads are all empty is refused, because a
#   struct needs a field there. pyarrow, pandas and Polars do the same.
# The wrong guess: A nested column gives back what was put in, and an empty object is the easiest of all.
# Versions: pyarrow==26.0.1, pandas==3.1.1, polars==2.1.0
# Seen (pyarrow, pandas, polars):
#   {"city": "Berlin"} -> {"city": "Berlin", "limit": null}
#   {"limit": null} -> {"city": null, "limit": null}
#   {} -> {"city": null, "limit": null}
#   only {}: refused, no child field
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pyarrow==26.0.1 pandas==3.1.1 polars==2.1.0
venv/bin/python - <<'PYTHON'
import json
import pandas, polars, pyarrow, pyarrow.parquet

def by_pyarrow(rows):
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), "arrow.parquet")
    return pyarrow.parquet.read_table("arrow.parquet").to_pylist()

def by_pandas(rows):
    pandas.DataFrame(rows).to_parquet("pandas.parquet")
    return pandas.read_parquet("pandas.parquet").to_dict("records")

def by_polars(rows):
    polars.DataFrame(rows).write_parquet("polars.parquet")
    return polars.read_parquet("polars.parquet").to_dicts()

payloads = [{"city": "Berlin"}, {"limit": None}, {}]
for way in (by_pyarrow, by_pandas, by_polars):
    print(way.__name__)
    back = [row["payload"] for row in way([{"payload": payload} for payload in payloads])]
    for before, after in zip(payloads, back):
        print(f"  {json.dumps(before)} -> {json.dumps(after)}")
    nothing = {"city": None, "limit": None}
    assert back == [{"city": "Berlin", "limit": None}, nothing, nothing], back
    try:
        way([{"payload": {}}, {"payload": {}}])
    except Exception as error:
        print(f"  only {{}}: {type(error).__name__}: {error}")
        assert "no child field" in str(error)
    else:
        raise AssertionError("a struct without fields was written")
PYTHON
