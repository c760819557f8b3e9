#!/usr/bin/env bash
# What happens: Where a model has a higher price for long prompts, one token beyond the limit puts the higher
#   price on all tokens, those below the limit and the output too.
# The wrong guess: Tiers are marginal, as taxes and cloud prices are: only what is beyond the limit costs more.
#   Usage added up over calls and priced once is therefore wrong as well.
# Versions: genai-prices==0.2.3
# Seen:
#   claude-sonnet-4-5 with 200000 input tokens: 0.615, with 200001: 1.222506
#   gemini-2.5-pro with 200000 input tokens: 0.260, with 200001: 0.5150025
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    genai-prices==0.2.3
"$folder/venv/bin/python" - <<'PYTHON'
from genai_prices import Usage, calc_price

for provider, model in (("anthropic", "claude-sonnet-4-5"), ("google", "gemini-2.5-pro")):
    below, above = (
        calc_price(Usage(input_tokens=tokens, output_tokens=1_000), model_ref=model, provider_id=provider).total_price
        for tokens in (200_000, 200_001)
    )
    print(f"{model} with 200000 input tokens: {below}, with 200001: {above}")
    assert above > below * 19 / 10
PYTHON
