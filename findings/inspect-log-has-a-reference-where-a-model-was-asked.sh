#!/usr/bin/env bash
# What happens: read_eval_log gives the events of a sample with `attachment://` and a hash in the place of each longer text: the
#   input of a model call that was read from a log is not what the model was asked. The messages of the same sample are whole.
#   With resolve_attachments=True the events are whole, too.
# The wrong guess: A log that is read through its own library has the texts; references are a matter of the file.
# Versions: inspect-ai==0.3.285
# Seen:
#   message: What is it? What is it? …
#   model event: attachment://…
#   model event, resolved: What is it? What is it? …
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    inspect-ai==0.3.285
cd "$folder"
INSPECT_DISPLAY=none INSPECT_LOG_DIR="$folder/logs" "$folder/venv/bin/python" - <<'PYTHON'
from inspect_ai import Task, eval
from inspect_ai.dataset import Sample
from inspect_ai.log import read_eval_log
from inspect_ai.solver import generate

question = "What is it? " * 20
log = eval(Task(dataset=[Sample(input=question)], solver=generate()), model="mockllm/model")[0]

def asked(sample):
    (event,) = [event for event in sample.events if event.event == "model"]
    return event.input[0].content

sample = read_eval_log(log.location).samples[0]
whole = read_eval_log(log.location, resolve_attachments=True).samples[0]
print(f"message: {sample.messages[0].content[:23]} …")
print(f"model event: {asked(sample)[:13]}…")
print(f"model event, resolved: {asked(whole)[:23]} …")
assert sample.messages[0].content == question == asked(whole)
assert asked(sample).startswith("attachment://") and asked(sample)[13:] in sample.attachments
PYTHON
