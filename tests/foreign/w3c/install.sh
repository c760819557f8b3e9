#!/usr/bin/env bash
# Brings OpenTelemetry: for Python in a virtual environment, for JavaScript in a folder of modules. Prints the interpreter of the
# environment, then the folder with node_modules.
. "$(dirname "$0")/../support/install.sh"

need_python
need_node 20
install_environment opentelemetry.sdk.trace
install_modules
echo "$environment/bin/python"
echo "$modules"
