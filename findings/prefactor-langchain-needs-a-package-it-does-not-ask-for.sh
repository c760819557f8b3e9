#!/usr/bin/env bash
# What happens: prefactor-langchain, installed alone, cannot be imported: it imports langchain, but its metadata
#   asks for langchain-core only.
# The wrong guess: What a package imports at its top is among its requirements.
# Versions: prefactor-langchain==0.3.0
# Seen:
#   ModuleNotFoundError: No module named 'langchain'
#   requires: langchain-core>=1.0.0, prefactor-core>=0.5.3
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    prefactor-langchain==0.3.0
"$folder/venv/bin/python" - <<'PYTHON'
import importlib.metadata

try:
    import prefactor_langchain
    raise SystemExit("imported")
except ModuleNotFoundError as error:
    print(f"ModuleNotFoundError: {error}")
    assert error.name == "langchain"
requires = [line for line in importlib.metadata.requires("prefactor-langchain") if "extra" not in line]
print("requires:", ", ".join(sorted(requires)))
assert not any(line.split(">")[0].strip() == "langchain" for line in requires)
PYTHON
