#!/usr/bin/env bash
# What happens: The price of a call depends on when it was made, by the hour for DeepSeek and by the date for many others, and calc_price takes
#   the time of the calculation where it is told none. A trace of last year that is priced today, or one of the night that is
#   priced in the morning, gets a cost that nobody was charged. Nothing in the result says which of several prices was taken.
# The wrong guess: A cost follows from model, provider and tokens, so it can be worked out later, wherever the tokens were kept.
# Versions: genai-prices==0.2.3
# Seen:
#   deepseek-chat at 12:00: 0.27, at 17:00: 0.135
#   o3 on 2025-06-09: 10.0, on 2025-06-10: 2.0
#   without a time: as of now, 2.0
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    genai-prices==0.2.3
"$folder/venv/bin/python" - <<'PYTHON'
from datetime import datetime, timezone
from genai_prices import Usage, calc_price

def price(model, *when):
    time = datetime(*when, tzinfo=timezone.utc) if when else None
    return calc_price(Usage(input_tokens=1_000_000), model_ref=model, genai_request_timestamp=time).total_price

day, night = price("deepseek-chat", 2025, 3, 1, 12), price("deepseek-chat", 2025, 3, 1, 17)
before, after, now = price("o3", 2025, 6, 9), price("o3", 2025, 6, 10), price("o3")
print(f"deepseek-chat at 12:00: {day}, at 17:00: {night}")
print(f"o3 on 2025-06-09: {before}, on 2025-06-10: {after}")
print(f"without a time: as of now, {now}")
assert day == 2 * night and before == 5 * after and now == after
PYTHON
