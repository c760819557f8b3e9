#!/usr/bin/env bash
# Installs the official TypeScript SDK below a given directory, once, and prints the directory of the modules.
#
# usage: install.sh DIRECTORY
#
# Exit status 75: it cannot be installed on this machine, for the reason in the last line of stderr.
# Every other failure is one.
set -euo pipefail

cannot_run=75
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
directory=$(cd "$1" && pwd)

cannot() {
  echo "$1" >&2
  exit "$cannot_run"
}

for tool in node npm; do
  command -v "$tool" >/dev/null || cannot "there is no $tool"
done

# Another list of packages is another directory.
modules=$directory/modules-$(cat "$here/package.json" "$here/package-lock.json" | cksum | cut -d ' ' -f 1)
if [[ ! -d $modules ]]; then
  # Complete before it has its name: an interrupted installation is never taken for one.
  building=$(mktemp -d "$directory/building.XXXXXX")
  trap 'rm -rf "$building"' EXIT
  cp "$here/package.json" "$here/package-lock.json" "$building"
  if ! npm ci --prefix "$building" --ignore-scripts --no-audit --no-fund --fetch-retries=1 --loglevel=error >&2; then
    # Whoever cannot even see npm itself in the registry cannot reach it.
    npm view npm version --prefer-online --fetch-retries=1 --loglevel=error >&2 ||
      cannot "the npm registry cannot be reached"
    echo "the registry can be reached, but the SDK cannot be installed from it" >&2
    exit 1
  fi
  mv "$building" "$modules"
fi

echo "$modules"
