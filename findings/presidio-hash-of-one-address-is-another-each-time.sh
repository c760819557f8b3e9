#!/usr/bin/env bash
# What happens: The operator `hash` of Presidio's anonymizer draws a new salt for each finding, also for two in one text. So one user has as many hashes as
#   there are mentions: spans that were redacted with it cannot be counted or joined by user, and nothing tells a reader that equal people
#   look different. A salt of one's own, of 16 bytes or more, brings the same hash each time. 2.2.360 gave one hash for one address, so with a newer
#   version every person is new, and then new again in each span.
# The wrong guess: A hash is a pseudonym: equal texts give equal hashes, which is why one takes it and not a placeholder.
# Versions: presidio-anonymizer==2.2.366 and 2.2.360
# Seen:
#   2.2.360, by default: 4 mentions of one address, 1 hashes
#   2.2.360, with a salt: 4 mentions of one address, 1 hashes
#   2.2.366, by default: 4 mentions of one address, 4 hashes
#   2.2.366, with a salt: 4 mentions of one address, 1 hashes
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
cat >"$folder/finding.py" <<'PYTHON'
import re, sys
from presidio_anonymizer import AnonymizerEngine
from presidio_anonymizer.entities import OperatorConfig, RecognizerResult

TEXT = "ann@example.com asked, and ann@example.com thanked."
found = [RecognizerResult("EMAIL_ADDRESS", *match.span(), 1.0) for match in re.finditer(r"\S+@\S+", TEXT)]

def hashes(**params):
    redacted = AnonymizerEngine().anonymize(TEXT, found, {"EMAIL_ADDRESS": OperatorConfig("hash", params)}).text
    return re.findall(r"[0-9a-f]{64}", redacted)

version, expected = sys.argv[1], int(sys.argv[2])
for name, params, count in [("by default", {}, expected), ("with a salt", {"salt": "0123456789abcdef"}, 1)]:
    both = hashes(**params) + hashes(**params)
    print(f"{version}, {name}: {len(both)} mentions of one address, {len(set(both))} hashes")
    assert (len(both), len(set(both))) == (4, count)
PYTHON
for version in "2.2.360 1" "2.2.366 4"; do
    "$folder/venv/bin/pip" install --quiet --disable-pip-version-check "presidio-anonymizer==${version% *}"
    "$folder/venv/bin/python" "$folder/finding.py" "${version% *}" "${version#* }"
done
