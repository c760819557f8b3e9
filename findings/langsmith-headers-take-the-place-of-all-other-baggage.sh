#!/usr/bin/env bash
# What happens: LangSmith passes a trace on in two headers, `langsmith-trace` and `baggage`. Put into the headers of a request, they replace a
#   `baggage` that OpenTelemetry wrote there: the tenant or session that services behind read from it is gone. Given the headers of a
#   fetch, the JavaScript client does the replacing itself. Of two tags the one with a comma arrives as two.
# The wrong guess: `baggage` is a list that all who write it share, so a client adds its members to those that are there.
# Versions: langsmith==0.15.1 (PyPI), langsmith 0.12.0 (npm)
# Seen:
#   python: baggage has tenant False; tags sent ['a,b', 'c'], read ['a', 'b', 'c']
#   javascript: baggage has tenant false; tags sent ["a,b","c"], read ["a","b","c"]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check langsmith==0.15.1
npm init --yes >npm.log
npm install --silent --no-audit --no-fund langsmith@0.12.0 >>npm.log
venv/bin/python - <<'PYTHON'
from langsmith import Client
from langsmith.run_trees import RunTree

client = Client(api_url="http://127.0.0.1:9", api_key="none", auto_batch_tracing=False)
run = RunTree(name="run", tags=["a,b", "c"], client=client)
headers = {"baggage": "tenant=acme"}
headers.update(run.to_headers())
tenant, tags = "tenant" in headers["baggage"], RunTree.from_headers(headers, client=client).tags
print(f"python: baggage has tenant {tenant}; tags sent {run.tags}, read {tags}")
assert not tenant and "langsmith-tags" in headers["baggage"] and tags == ["a", "b", "c"]
PYTHON
cat >run.mjs <<'JAVASCRIPT'
import assert from "node:assert";
import { RunTree } from "langsmith/run_trees";

const run = new RunTree({ name: "run", tags: ["a,b", "c"], tracingEnabled: false });
const headers = new Headers({ baggage: "tenant=acme" });
run.toHeaders(headers);
const tenant = headers.get("baggage").includes("tenant");
const tags = RunTree.fromHeaders(headers).tags;
console.log(`javascript: baggage has tenant ${tenant}; tags sent ${JSON.stringify(run.tags)}, read ${JSON.stringify(tags)}`);
assert.ok(!tenant && headers.get("baggage").includes("langsmith-tags"));
assert.deepStrictEqual(tags, ["a", "b", "c"]);
JAVASCRIPT
node run.mjs
