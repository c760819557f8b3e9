#!/usr/bin/env bash
# What happens: In its partial mode, which clients use to show a tool call's arguments while they stream, jiter
#   leaves a text out whose end has not come, but gives a number whose digits are still coming as if it were
#   whole.
# The wrong guess: Partial mode holds back every value that is not finished.
# Versions: jiter==0.19.0
# Seen:
#   {'limit': 1}
#   {'limit': 10}
#   {'limit': 100}
#   {} for half of a text
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    jiter==0.19.0
"$folder/venv/bin/python" - <<'PYTHON'
import jiter

arguments = b'{"limit": 100}'
values = [jiter.from_json(arguments[:end], partial_mode=True) for end in (11, 12, 13)]
for value in values:
    print(value)
assert values == [{"limit": 1}, {"limit": 10}, {"limit": 100}]
text = jiter.from_json(b'{"path": "/tm', partial_mode=True)
print(text, "for half of a text")
assert text == {}
PYTHON
