#!/usr/bin/env bash
# Brings rotel, a receiver of OTLP, in a virtual environment, and prints the environment's interpreter.
. "$(dirname "$0")/../support/install.sh"

need_python
install_environment rotel
echo "$environment/bin/python"
