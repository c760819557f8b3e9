#!/usr/bin/env bash
# What happens: DeepEval's ToolCorrectnessMetric takes a call that equals one already matched for that one. A run that calls a tool two times with the same
#   arguments, as one does that waits for a job, gets half the score although two such calls were expected, and fails with three. The same lists
#   get the whole score where the order is to be right, which is the stricter question, and where the outputs differ.
# The wrong guess: What was called is what was expected, so the score is 1.
# Versions: deepeval==4.3.1
# Seen:
#   one call: 1.0, passed
#   two equal calls: 0.5, passed
#   three equal calls: 0.33, failed
#   three equal calls, in order: 1.0, passed
#   two calls with other outputs: 1.0, passed
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check deepeval==4.3.1
cd "$folder"
OPENAI_API_KEY=none DEEPEVAL_TELEMETRY_OPT_OUT=YES "$folder/venv/bin/python" - <<'PYTHON'
from deepeval.metrics import ToolCorrectnessMetric
from deepeval.test_case import LLMTestCase, ToolCall

def score(calls, **settings):
    metric = ToolCorrectnessMetric(**settings)
    case = LLMTestCase(input="Deploy it.", actual_output="Done.", tools_called=list(calls), expected_tools=list(calls))
    metric.measure(case, _show_indicator=False)
    return round(metric.score, 2), metric.success

status = ToolCall(name="status", input_parameters={"job": 7})
apart = [ToolCall(name="status", input_parameters={"job": 7}, output=output) for output in ("waiting", "done")]
seen = {
    "one call": score([status]),
    "two equal calls": score([status] * 2),
    "three equal calls": score([status] * 3),
    "three equal calls, in order": score([status] * 3, should_consider_ordering=True),
    "two calls with other outputs": score(apart),
}
for name, (value, passed) in seen.items():
    print(f"{name}: {value}, {'passed' if passed else 'failed'}")
assert list(seen.values()) == [(1.0, True), (0.5, True), (0.33, False), (1.0, True), (1.0, True)]
PYTHON
