#!/usr/bin/env bash
# What happens: An answer that LangChain takes from its cache carries the usage of the call that once made it, and the usage callback
#   adds it up again. All that tells the two apart is a member `total_cost`, which is 0.
# The wrong guess: Nothing was asked, so the second answer has no usage, or one of zero tokens.
# Versions: langchain-core==1.8.3
# Seen:
#   calls of the model: 1
#   counted: 200 in, 10 out
#   the second answer: 100 in, 5 out, total_cost 0
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    langchain-core==1.8.3
"$folder/venv/bin/python" - <<'PYTHON'
from langchain_core.caches import InMemoryCache
from langchain_core.callbacks import get_usage_metadata_callback
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage

calls = 0

def answers():
    global calls
    while True:
        calls += 1
        yield AIMessage("Blue.", usage_metadata={"input_tokens": 100, "output_tokens": 5, "total_tokens": 105},
                        response_metadata={"model_name": "m"})

model = GenericFakeChatModel(messages=answers(), cache=InMemoryCache())
with get_usage_metadata_callback() as counted:
    first, second = model.invoke("Which colour?"), model.invoke("Which colour?")
total, last = counted.usage_metadata["m"], second.usage_metadata
print(f"calls of the model: {calls}")
print(f"counted: {total['input_tokens']} in, {total['output_tokens']} out")
print(f"the second answer: {last['input_tokens']} in, {last['output_tokens']} out, total_cost {last['total_cost']}")
assert calls == 1
assert (total["input_tokens"], total["output_tokens"]) == (200, 10)
assert (last["input_tokens"], last["total_cost"]) == (100, 0)
PYTHON
