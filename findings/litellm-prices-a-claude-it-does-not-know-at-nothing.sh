#!/usr/bin/env bash
# What happens: LiteLLM's price function raises for a model of OpenAI's or Google's that its table does not have. A name that looks like a Claude
#   of a version that it does not have is taken for a known model whose tokens cost nothing: the cost of the call is 0.0, without an error or a
#   warning. In a report whose table is older than a new Claude, its calls are free.
# The wrong guess: What has no price is an error, for each vendor alike, and a cost of zero means a free model or no tokens.
# Versions: litellm==1.110.2
# Seen:
#   openai/gpt-99: ModelNotMappedError
#   gemini/gemini-99-pro: ModelNotMappedError
#   anthropic/claude-opus-4-5: 0.03
#   anthropic/claude-opus-99: 0.0
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    litellm==1.110.2
LITELLM_LOCAL_MODEL_COST_MAP=True "$folder/venv/bin/python" - <<'PYTHON'
import litellm
from litellm.types.utils import ModelResponse, Usage

litellm.suppress_debug_info = True

def cost(model):
    usage = Usage(prompt_tokens=1_000, completion_tokens=1_000, total_tokens=2_000)
    try:
        return round(litellm.completion_cost(ModelResponse(model=model, usage=usage), model=model), 6)
    except Exception as error:
        return type(error).__name__

models = ("openai/gpt-99", "gemini/gemini-99-pro", "anthropic/claude-opus-4-5", "anthropic/claude-opus-99")
seen = {model: cost(model) for model in models}
for model, amount in seen.items():
    print(f"{model}: {amount}")
assert seen["openai/gpt-99"] == seen["gemini/gemini-99-pro"] == "ModelNotMappedError"
assert seen["anthropic/claude-opus-4-5"] > 0 and seen["anthropic/claude-opus-99"] == 0.0
PYTHON
