#!/usr/bin/env bash
# Brings the official packages: those of Python in a virtual environment, those of TypeScript in a folder of modules.
# Prints the interpreter of the environment, then the folder with node_modules.
. "$(dirname "$0")/../support/install.sh"

need_python
need_node 20
install_environment prefactor_langchain
install_modules
echo "$environment/bin/python"
echo "$modules"
