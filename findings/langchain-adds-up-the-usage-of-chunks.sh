#!/usr/bin/env bash
# What happens: Adding the chunks of a streamed message adds their usage. A provider that tells the count so far
#   in each chunk, as several do, gets its input tokens multiplied by the number of chunks.
# The wrong guess: A message's usage is that of its last chunk, or the largest.
# Versions: langchain-core==1.8.3
# Seen:
#   {'input_tokens': 20, 'output_tokens': 3, 'total_tokens': 23}
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    langchain-core==1.8.3
"$folder/venv/bin/python" - <<'PYTHON'
from langchain_core.messages import AIMessageChunk

def chunk(text, output):
    return AIMessageChunk(content=text, usage_metadata={"input_tokens": 10, "output_tokens": output, "total_tokens": 10 + output})

message = chunk("He", 1) + chunk("llo", 2)
print(message.usage_metadata)
assert message.usage_metadata == {"input_tokens": 20, "output_tokens": 3, "total_tokens": 23}
PYTHON
