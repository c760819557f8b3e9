#!/usr/bin/env bash
# What happens: A case whose task raised is not among the cases of a pydantic-evals report, and its averages are those of the other cases: an agent
#   that fails at every second question passes all assertions. A case whose judge raised stays, without a mark, and leaves the averages
#   as they were. Only the list of failures, which the averages do not name, tells of either.
# The wrong guess: A case that could not be judged counts as failed, or the average says how many it is of.
# Versions: pydantic-evals==2.62.0
# Seen:
#   task raises at one of two: assertions 1.0 of 1 case(s), 1 failure(s) beside
#   judge raises at one of two: assertions 1.0 of 2 case(s), 0 failure(s) beside
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pydantic-evals==2.62.0
"$folder/venv/bin/python" - <<'PYTHON'
from pydantic_evals import Case, Dataset
from pydantic_evals.evaluators import EqualsExpected, Evaluator

class Judge(Evaluator):
    def evaluate(self, context):
        if context.output == "b":
            raise RuntimeError("the judge does not answer")
        return True

async def fails_at_b(text):
    if text == "b":
        raise RuntimeError("the model does not answer")
    return text

async def echo(text):
    return text

def report(name, task, judge):
    cases = [Case(name=text, inputs=text, expected_output=text) for text in "ab"]
    found = Dataset(name=name, cases=cases, evaluators=[judge]).evaluate_sync(task, progress=False)
    seen = found.averages().assertions, len(found.cases), len(found.failures)
    print(f"{name}: assertions {seen[0]} of {seen[1]} case(s), {seen[2]} failure(s) beside")
    return seen

assert report("task raises at one of two", fails_at_b, EqualsExpected()) == (1.0, 1, 1)
assert report("judge raises at one of two", echo, Judge()) == (1.0, 2, 0)
PYTHON
