#!/usr/bin/env bash
# What happens: From the chunks of a stream that broke off, with no finish reason and no usage, stream_chunk_builder makes a response
#   that says `stop` and has a usage: it counts the tokens of prompt and text with a tokenizer of its own. Nothing in the
#   response tells these from a server's.
# The wrong guess: What no chunk said is None in the response that is built from them.
# Versions: litellm==1.80.0, openai==1.109.1
# Seen:
#   three chunks, no finish reason, no usage
#   the response: stop, 11 + 3 tokens
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    litellm==1.80.0 openai==1.109.1
LITELLM_LOCAL_MODEL_COST_MAP=True "$folder/venv/bin/python" - <<'PYTHON'
from litellm import stream_chunk_builder
from litellm.types.utils import Delta, ModelResponseStream, StreamingChoices

def chunk(text):
    choice = StreamingChoices(index=0, delta=Delta(role="assistant", content=text), finish_reason=None)
    return ModelResponseStream(id="c", model="gpt-4o", created=1, choices=[choice])

chunks = [chunk("Once "), chunk("upon "), chunk("a")]
assert all(each.choices[0].finish_reason is None and getattr(each, "usage", None) is None for each in chunks)
response = stream_chunk_builder(chunks, messages=[{"role": "user", "content": "Tell me a story"}])
reason, usage = response.choices[0].finish_reason, response.usage
print("three chunks, no finish reason, no usage")
print(f"the response: {reason}, {usage.prompt_tokens} + {usage.completion_tokens} tokens")
assert reason == "stop"
assert usage.prompt_tokens > 0 and usage.completion_tokens == 3
PYTHON
