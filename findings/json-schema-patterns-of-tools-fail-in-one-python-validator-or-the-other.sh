#!/usr/bin/env bash
# What happens: JSON Schema's patterns are regular expressions of ECMAScript. jsonschema for Python reads them with `re`, which has no \p{…}, and
#   calls a schema with one invalid. pydantic reads them with Rust's regex, which has no look-ahead, and refuses a type with one. So of two
#   patterns that JavaScript takes, each Python library reads the one that the other cannot.
# The wrong guess: A valid schema is valid everywhere, and Python's validators read the same patterns.
# Versions: jsonschema==4.26.0, pydantic==2.14.4, ajv 8.20.0
# Seen:
#   ^\p{L}+$: ajv True, jsonschema SchemaError, pydantic True
#   ^(?!tmp)[a-z]+$: ajv True, jsonschema True, pydantic SchemaError
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check jsonschema==4.26.0 pydantic==2.14.4
npm init -y >/dev/null
npm install --silent --no-audit --no-fund ajv@8.20.0 >/dev/null
cat >finding.mjs <<'JAVASCRIPT'
import Ajv from "ajv";

const takes = (pattern) => new Ajv.default().compile({ type: "string", pattern })("name");
console.log(JSON.stringify(["^\\p{L}+$", "^(?!tmp)[a-z]+$"].map((pattern) => [pattern, takes(pattern)])));
JAVASCRIPT
node finding.mjs >ajv.json
venv/bin/python - <<'PYTHON'
import json
from typing import Annotated
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError as InvalidSchema
from pydantic import Field, TypeAdapter
from pydantic_core import SchemaError


def of_jsonschema(pattern):
    schema = {"type": "string", "pattern": pattern}
    try:
        Draft202012Validator.check_schema(schema)
        return Draft202012Validator(schema).is_valid("name")
    except InvalidSchema:
        return "SchemaError"


def of_pydantic(pattern):
    try:
        return TypeAdapter(Annotated[str, Field(pattern=pattern)]).validate_python("name") == "name"
    except SchemaError:
        return "SchemaError"


seen = [(pattern, ajv, of_jsonschema(pattern), of_pydantic(pattern)) for pattern, ajv in json.load(open("ajv.json"))]
for pattern, ajv, jsonschema, pydantic in seen:
    print(f"{pattern}: ajv {ajv}, jsonschema {jsonschema}, pydantic {pydantic}")
assert [row[1:] for row in seen] == [(True, "SchemaError", True), (True, True, "SchemaError")]
PYTHON
