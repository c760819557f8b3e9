#!/usr/bin/env bash
# What happens: OpenTelemetry's own instrumentation of OpenAI's client asks for its helper package from version
#   0.4b0.dev on, without an upper bound. With 1.3b0, which pip takes, the import fails: the helper has no
#   module `instruments`.
# The wrong guess: Two packages of one project, released together, whose versions the resolver has accepted work
#   together.
# Versions: opentelemetry-instrumentation-openai-v2==2.4b0, opentelemetry-util-genai==1.3b0, openai==2.54.0
# Seen:
#   ModuleNotFoundError: No module named 'opentelemetry.util.genai.instruments'
#   asks for: opentelemetry-util-genai>=0.4b0.dev
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    opentelemetry-instrumentation-openai-v2==2.4b0 opentelemetry-util-genai==1.3b0 openai==2.54.0
"$folder/venv/bin/python" - <<'PYTHON'
import importlib.metadata

try:
    import opentelemetry.instrumentation.openai_v2
    raise SystemExit("imported")
except ModuleNotFoundError as error:
    print(f"ModuleNotFoundError: {error}")
    assert error.name == "opentelemetry.util.genai.instruments"
wanted = [line for line in importlib.metadata.requires("opentelemetry-instrumentation-openai-v2") if "util-genai" in line]
print("asks for:", *wanted)
assert wanted == ["opentelemetry-util-genai>=0.4b0.dev"]
PYTHON
