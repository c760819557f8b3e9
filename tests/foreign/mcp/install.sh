#!/usr/bin/env bash
# Brings Python's implementation of the Model Context Protocol in a virtual environment, and prints the environment's interpreter.
. "$(dirname "$0")/../support/install.sh"

need_python
install_environment mcp
echo "$environment/bin/python"
