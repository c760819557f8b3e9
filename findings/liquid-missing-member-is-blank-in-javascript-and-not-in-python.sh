#!/usr/bin/env bash
# What happens: A member that is missing from the data is equal to `blank` in LiquidJS and not in Python Liquid, so that the template's usual
#   guard takes the other branch. A member that is null joins to nothing in the one and to the text "None" in the other, and a number that
#   came as text is compared with a number in the one and is an error in the other.
# The wrong guess: Liquid is lenient with what is missing, in every implementation.
# Versions: liquidjs 10.30.1, python-liquid==2.3.6
# Seen:
#   {% if answer == blank %}none{% else %}some{% endif %}: javascript none, python some
#   {{ tags | join: ", " }}: javascript (nothing), python None
#   {% if tokens > 1000 %}many{% else %}few{% endif %}: javascript many, python LiquidTypeError
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check python-liquid==2.3.6
npm init -y >/dev/null
npm install --silent --no-audit --no-fund liquidjs@10.30.1 >/dev/null
cat >cases.json <<'JSON'
{
  "data": { "tags": null, "tokens": "1500" },
  "templates": [
    "{% if answer == blank %}none{% else %}some{% endif %}",
    "{{ tags | join: \", \" }}",
    "{% if tokens > 1000 %}many{% else %}few{% endif %}"
  ]
}
JSON
cat >finding.mjs <<'JAVASCRIPT'
import { readFileSync } from "node:fs";
import { Liquid } from "liquidjs";

const { data, templates } = JSON.parse(readFileSync("cases.json", "utf8"));
const liquid = new Liquid();
console.log(JSON.stringify(await Promise.all(templates.map((template) => liquid.parseAndRender(template, data)))));
JAVASCRIPT
node finding.mjs >javascript.json
venv/bin/python - <<'PYTHON'
import json
from liquid import Template
from liquid.exceptions import LiquidError

cases = json.load(open("cases.json"))


def rendered(template):
    try:
        return Template(template).render(**cases["data"])
    except LiquidError as error:
        return type(error).__name__


python = [rendered(template) for template in cases["templates"]]
javascript = json.load(open("javascript.json"))
for template, theirs, ours in zip(cases["templates"], javascript, python):
    print(f"{template}: javascript {theirs or '(nothing)'}, python {ours}")
assert javascript == ["none", "", "many"]
assert python == ["some", "None", "LiquidTypeError"]
PYTHON
