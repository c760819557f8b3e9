#!/usr/bin/env bash
# What happens: Phoenix maps `gen_ai.output.messages` to `llm.output_messages` only if every message has a `finish_reason`, be it
#   empty or any text. Without one all answers of the span are left out, with no error and HTTP 200; the questions are there.
# The wrong guess: A member that the newest conventions deprecate, in favour of `gen_ai.response.finish_reasons`, may be absent.
# Versions: arize-phoenix==20.26.1
# Seen:
#   without a reason: question 'why', answer None
#   with an empty one: question 'why', answer 'so'
#   with any text: question 'why', answer 'so'
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check arize-phoenix==20.26.1
PHOENIX_WORKING_DIR=$folder PHOENIX_TELEMETRY_ENABLED=false "$folder/venv/bin/python" - <<'PYTHON'
import json
from phoenix.trace.gen_ai.conversion import get_openinference_attributes

def shown(**reason):
    answer = {"role": "assistant", "parts": [{"type": "text", "content": "so"}], **reason}
    question = {"role": "user", "parts": [{"type": "text", "content": "why"}]}
    converted = get_openinference_attributes({
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "m",
        "gen_ai.input.messages": json.dumps([question]),
        "gen_ai.output.messages": json.dumps([answer]),
    })
    return [converted.get(f"llm.{side}_messages.0.message.content") for side in ("input", "output")]

seen = [shown(), shown(finish_reason=""), shown(finish_reason="whatever")]
for what, messages in zip(["without a reason", "with an empty one", "with any text"], seen):
    print(f"{what}: question {messages[0]!r}, answer {messages[1]!r}")
assert seen == [["why", None], ["why", "so"], ["why", "so"]], seen
PYTHON
