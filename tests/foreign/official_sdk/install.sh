#!/usr/bin/env bash
# Brings the official Python SDK in a virtual environment, and prints the environment's interpreter.
. "$(dirname "$0")/../support/install.sh"

need_python
install_environment prefactor_core
# The SDK's own example is in its sources alone.
sources=$directory/prefactor_core-0.5.3
if [[ ! -d $sources ]]; then
  "$environment/bin/python" -m pip --no-input --disable-pip-version-check --quiet download --no-deps --no-binary :all: \
    --dest "$building" prefactor-core==0.5.3 >&2 || broken "the sources of prefactor-core 0.5.3"
  tar -xzf "$building/prefactor_core-0.5.3.tar.gz" -C "$building"
  mv "$building/prefactor_core-0.5.3" "$sources"
fi
echo "$environment/bin/python"
echo "$sources/examples/agent_e2e.py"
