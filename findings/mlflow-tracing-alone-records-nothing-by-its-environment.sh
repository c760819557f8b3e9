#!/usr/bin/env bash
# What happens: mlflow-tracing, the small package for programs in production, has no span for a function with @mlflow.trace whose experiment is given
#   by MLFLOW_EXPERIMENT_ID, or not at all: the code that would look the experiment up is in the large package alone. The function runs, its
#   current span is None, and no line is logged. A destination that the program sets itself works.
# The wrong guess: The small package does what the large one does for tracing, and what it cannot do is an error or a warning.
# Versions: mlflow-tracing==3.17.2
# Seen:
#   by the environment: no span, 0 lines of log
#   by set_destination: LiveSpan
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check mlflow-tracing==3.17.2
cat >run.py <<'PYTHON'
import os, sys
import mlflow
from mlflow.entities.trace_location import MlflowExperimentLocation

os.environ["MLFLOW_TRACKING_URI"] = "http://127.0.0.1:9"
os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "0"
if sys.argv[1] == "destination":
    mlflow.tracing.set_destination(MlflowExperimentLocation("1"))

@mlflow.trace
def agent():
    return mlflow.get_current_active_span()

span = agent()
print("no span" if span is None else type(span).__name__, flush=True)
os._exit(0)
PYTHON
MLFLOW_EXPERIMENT_ID=1 venv/bin/python run.py environment >environment.txt 2>environment.log
venv/bin/python run.py destination >destination.txt 2>destination.log
echo "by the environment: $(<environment.txt), $(wc -l <environment.log) lines of log"
echo "by set_destination: $(<destination.txt)"
[[ $(<environment.txt) == "no span" && ! -s environment.log && $(<destination.txt) == "LiveSpan" ]]
