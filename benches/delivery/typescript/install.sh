#!/usr/bin/env bash
# Brings the official TypeScript SDK, and prints the folder of the modules.
. "$(dirname "$0")/../../../tests/foreign/support/install.sh"

need_node 20
install_modules
echo "$modules"
