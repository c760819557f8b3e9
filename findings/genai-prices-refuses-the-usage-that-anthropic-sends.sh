#!/usr/bin/env bash
# What happens: calc_price takes cached tokens as a part of input_tokens. Anthropic's API counts them beside
#   input_tokens, so the fields of its answer put in by their names are a ValueError when more was cached than
#   new, and a bill that is too low otherwise.
# The wrong guess: A field of the same name means the same; input_tokens and cache_read_tokens of an answer are
#   what the price function wants.
# Versions: genai-prices==0.2.3
# Seen:
#   as the API sends it: ValueError cache_read_tokens (900) cannot exceed input_tokens (100)
#   added up: 0.00057
#   with fewer cached than new: 0.00057 instead of 0.00327
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    genai-prices==0.2.3
"$folder/venv/bin/python" - <<'PYTHON'
from genai_prices import Usage, calc_price

def price(**tokens):
    return calc_price(Usage(output_tokens=0, **tokens), model_ref="claude-sonnet-4-5", provider_id="anthropic").total_price

try:
    price(input_tokens=100, cache_read_tokens=900)
    raise SystemExit("no error")
except ValueError as error:
    print("as the API sends it: ValueError", str(error).removeprefix("Invalid usage data: "))
    assert "cannot exceed input_tokens" in str(error)
together = price(input_tokens=1_000, cache_read_tokens=900)
print("added up:", together)
short, whole = price(input_tokens=1_000, cache_read_tokens=900), price(input_tokens=1_900, cache_read_tokens=900)
print(f"with fewer cached than new: {short} instead of {whole}")
assert short < whole
PYTHON
