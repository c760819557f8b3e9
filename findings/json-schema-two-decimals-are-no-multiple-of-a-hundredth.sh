#!/usr/bin/env bash
# What happens: Whether 19.99 is a multiple of 0.01 depends on the validator. jsonschema for Python and Ajv divide as floating point and say no,
#   so that a tool's arguments with a price are refused; pydantic allows for the rounding and says yes. A model's answer that passes the client's
#   types then fails the server's schema, or the other way round.
# The wrong guess: `multipleOf: 0.01` means at most two decimals, and 19.99 has two.
# Versions: jsonschema==4.26.0, pydantic==2.14.4, ajv 8.20.0
# Seen:
#   jsonschema: 19.99 False, 0.29 False, 1.1 True
#   pydantic: 19.99 True, 0.29 True, 1.1 True
#   ajv: 19.99 false, 0.29 false, 1.1 true
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check jsonschema==4.26.0 pydantic==2.14.4
npm init -y >/dev/null
npm install --silent --no-audit --no-fund ajv@8.20.0 >/dev/null
venv/bin/python - <<'PYTHON'
from typing import Annotated
from jsonschema import Draft202012Validator
from pydantic import Field, TypeAdapter, ValidationError

validator = Draft202012Validator({"type": "number", "multipleOf": 0.01})
adapter = TypeAdapter(Annotated[float, Field(multiple_of=0.01)])
assert adapter.json_schema() == {"type": "number", "multipleOf": 0.01}

def takes(value):
    try:
        adapter.validate_python(value)
        return True
    except ValidationError:
        return False

values = (19.99, 0.29, 1.1)
print("jsonschema: " + ", ".join(f"{value} {validator.is_valid(value)}" for value in values))
print("pydantic: " + ", ".join(f"{value} {takes(value)}" for value in values))
assert [validator.is_valid(value) for value in values] == [False, False, True]
assert all(takes(value) for value in values)
PYTHON
cat >finding.mjs <<'JAVASCRIPT'
import assert from "node:assert";
import Ajv from "ajv";

const validate = new Ajv.default().compile({ type: "number", multipleOf: 0.01 });
const values = [19.99, 0.29, 1.1];
console.log(`ajv: ${values.map((value) => `${value} ${validate(value)}`).join(", ")}`);
assert.deepEqual(values.map((value) => validate(value)), [false, false, true]);
JAVASCRIPT
node finding.mjs
