#!/usr/bin/env bash
# What happens: z.toJSONSchema describes what a schema gives out, not what it takes in, unless it is told `io: "input"`. As the schema of a
#   tool's arguments it requires what has a default and refuses members that parse takes, so that arguments which Zod parses fail the JSON
#   Schema of the same Zod schema.
# The wrong guess: The JSON Schema of a Zod schema says what its parse accepts.
# Versions: zod 4.6.7, ajv 8.20.0
# Seen:
#   zod parses {"city":"Berlin","unknown":1} as {"city":"Berlin","unit":"km"}
#   by default: valid false, required city,unit, additionalProperties false
#   with io "input": valid true, required city, additionalProperties undefined
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund zod@4.6.7 ajv@8.20.0 >/dev/null
cat >finding.mjs <<'JAVASCRIPT'
import assert from "node:assert";
import Ajv from "ajv/dist/2020.js";
import * as z from "zod";

const schema = z.object({ city: z.string(), unit: z.string().default("km") });
const given = { city: "Berlin", unknown: 1 };
console.log(`zod parses ${JSON.stringify(given)} as ${JSON.stringify(schema.parse(given))}`);
const outcome = (options) => {
  const json = z.toJSONSchema(schema, options);
  const isValid = new Ajv.default().compile(json)(given);
  return `valid ${isValid}, required ${json.required}, additionalProperties ${json.additionalProperties}`;
};
const [byDefault, ofInput] = [outcome(), outcome({ io: "input" })];
console.log(`by default: ${byDefault}`);
console.log(`with io "input": ${ofInput}`);
assert.deepEqual(schema.parse(given), { city: "Berlin", unit: "km" });
assert.equal(byDefault, "valid false, required city,unit, additionalProperties false");
assert.equal(ofInput, "valid true, required city, additionalProperties undefined");
JAVASCRIPT
node finding.mjs
