#!/usr/bin/env bash
# Brings OpenTelemetry for Python in a virtual environment, and prints the environment's interpreter.
. "$(dirname "$0")/../support/install.sh"

need_python
install_environment opentelemetry.sdk.trace
echo "$environment/bin/python"
