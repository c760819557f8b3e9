#!/usr/bin/env bash
# Brings the official Python SDK in a virtual environment, and prints the environment's interpreter.
. "$(dirname "$0")/../support/install.sh"

need_python
install_environment prefactor_core
echo "$environment/bin/python"
