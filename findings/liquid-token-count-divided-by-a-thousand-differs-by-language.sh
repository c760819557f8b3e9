#!/usr/bin/env bash
# What happens: The same Liquid template makes other numbers of the same data in LiquidJS than in Python Liquid. LiquidJS divides whole numbers
#   as fractions, rounds halves up and adds as floating point; Python Liquid divides whole numbers to a whole number, rounds halves to the even
#   neighbour and adds as decimals. A summary of a span reads otherwise in a browser than where a Python server made it.
# The wrong guess: Arithmetic filters are Liquid's own, so their results are the same everywhere, up to the last digit.
# Versions: liquidjs 10.30.1, python-liquid==2.3.6
# Seen:
#   {{ tokens | divided_by: 1000 }}: javascript 1.5, python 1
#   {{ rating | round }}: javascript 3, python 2
#   {{ cost | plus: 0.2 }}: javascript 0.30000000000000004, python 0.3
#   {{ seconds }}: javascript 1, python 1.0
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
  "data": { "tokens": 1500, "rating": 2.5, "cost": 0.1, "seconds": 1.0 },
  "templates": ["{{ tokens | divided_by: 1000 }}", "{{ rating | round }}", "{{ cost | plus: 0.2 }}", "{{ seconds }}"]
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

cases = json.load(open("cases.json"))
python = [Template(template).render(**cases["data"]) for template in cases["templates"]]
javascript = json.load(open("javascript.json"))
for template, theirs, ours in zip(cases["templates"], javascript, python):
    print(f"{template}: javascript {theirs}, python {ours}")
assert javascript == ["1.5", "3", "0.30000000000000004", "1"]
assert python == ["1", "2", "0.3", "1.0"]
PYTHON
