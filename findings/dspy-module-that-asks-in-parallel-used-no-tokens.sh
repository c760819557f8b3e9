#!/usr/bin/env bash
# What happens: get_lm_usage of a DSPy module's prediction has the tokens of all calls within it, unless they ran on other threads: with dspy.Parallel,
#   DSPy's own way to ask several questions at once, it is empty, as with a ThreadPoolExecutor. asyncio.gather is counted. The history of the
#   model has all calls, so the two disagree without a word.
# The wrong guess: The usage of a module does not depend on how it asks, least of all with the library's own means.
# Versions: dspy==3.4.1
# Seen:
#   one after the other: usage 60 tokens, history 2 calls
#   asyncio.gather: usage 60 tokens, history 2 calls
#   dspy.Parallel: usage 0 tokens, history 2 calls
#   ThreadPoolExecutor: usage 0 tokens, history 2 calls
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check dspy==3.4.1
HOME=$folder DSPY_CACHEDIR=$folder/cache LITELLM_LOCAL_MODEL_COST_MAP=True venv/bin/python - <<'PYTHON'
import asyncio
from concurrent.futures import ThreadPoolExecutor
import dspy

answer = "[[ ## answer ## ]]\nBlue\n\n[[ ## completed ## ]]"
lm = dspy.LM("openai/gpt-4o", api_key="none", cache=False, mock_response=answer)
dspy.configure(lm=lm, track_usage=True)
QUESTIONS = ("Which colour?", "Which shape?")

class Asks(dspy.Module):
    def __init__(self):
        super().__init__()
        self.ask = dspy.Predict("question -> answer")

class OneAfterTheOther(Asks):
    def forward(self):
        return dspy.Prediction(answers=[self.ask(question=question).answer for question in QUESTIONS])

class Parallel(Asks):
    def forward(self):
        calls = [(self.ask, dspy.Example(question=question).with_inputs("question")) for question in QUESTIONS]
        answers = dspy.Parallel(num_threads=2, disable_progress_bar=True)(calls)
        return dspy.Prediction(answers=[each.answer for each in answers])

class Threads(Asks):
    def forward(self):
        with ThreadPoolExecutor(2) as pool:
            return dspy.Prediction(answers=list(pool.map(lambda question: self.ask(question=question).answer, QUESTIONS)))

class Gather(Asks):
    async def aforward(self):
        answers = await asyncio.gather(*(self.ask.acall(question=question) for question in QUESTIONS))
        return dspy.Prediction(answers=[each.answer for each in answers])

def told(name, run):
    before = len(lm.history)
    prediction = run()
    assert prediction.answers == ["Blue", "Blue"], prediction
    usage = sum(each["total_tokens"] for each in prediction.get_lm_usage().values())
    calls = len(lm.history) - before
    print(f"{name}: usage {usage} tokens, history {calls} calls")
    return usage, calls

assert told("one after the other", OneAfterTheOther()) == (60, 2)
assert told("asyncio.gather", lambda: asyncio.run(Gather().acall())) == (60, 2)
assert told("dspy.Parallel", Parallel()) == (0, 2)
assert told("ThreadPoolExecutor", Threads()) == (0, 2)
PYTHON
