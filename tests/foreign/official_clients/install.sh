#!/usr/bin/env bash
# Brings the official packages below a given directory, once: those of Python into a virtual environment, those of
# TypeScript into a folder of modules. Prints the interpreter of the environment, then the folder with node_modules.
#
# usage: install.sh DIRECTORY
#
# Exit status 75: they cannot be installed on this machine, for the reason in the last line of stderr.
# Every other failure is one.
set -euo pipefail

cannot_run=75
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
directory=$(cd "$1" && pwd)

# One at a time. `--close` keeps the lock from children that outlive this script.
if [[ -z ${LOCKED:-} ]] && command -v flock >/dev/null; then
  LOCKED=1 exec flock --close "$directory/lock" bash "$0" "$directory"
fi

cannot() {
  echo "$1" >&2
  exit "$cannot_run"
}

python=
for name in python3 python3.14 python3.13 python3.12 python3.11; do
  if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    python=$name
    break
  fi
done
[[ -n $python ]] || cannot "there is no python3 of version 3.11 or newer"
for tool in node npm; do
  command -v "$tool" >/dev/null || cannot "there is no $tool"
done
node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)' ||
  cannot "there is no node of version 20 or newer"

# Another list of packages or another Python is another folder.
version=$("$python" -c 'import platform; print(platform.python_version())')
environment=$directory/python-$version-$(cksum <"$here/requirements.txt" | cut -d ' ' -f 1)
modules=$directory/modules-$(cat "$here/package.json" "$here/package-lock.json" | cksum | cut -d ' ' -f 1)

# Complete before they have their names: an interrupted installation is never taken for one.
building=$(mktemp -d "$directory/building.XXXXXX")
trap 'rm -rf "$building"' EXIT

if ! "$environment/bin/python" -c 'import prefactor_langchain' 2>/dev/null; then
  "$python" -m venv "$building/python" >&2
  pip=("$building/python/bin/python" -m pip --no-input --disable-pip-version-check --quiet)
  if ! "${pip[@]}" install --no-deps --requirement "$here/requirements.txt" >&2; then
    # Whoever cannot even get pip itself from the index cannot reach it.
    env -u PIP_FIND_LINKS "${pip[@]}" download --no-deps --no-cache-dir --retries 1 --dest "$building/probe" pip >&2 ||
      cannot "the Python package index cannot be reached"
    echo "the index can be reached, but the packages cannot be installed from it" >&2
    exit 1
  fi
  rm -rf "$environment"
  mv "$building/python" "$environment"
fi

if [[ ! -d $modules ]]; then
  mkdir "$building/modules"
  cp "$here/package.json" "$here/package-lock.json" "$building/modules"
  if ! npm ci --prefix "$building/modules" --ignore-scripts --no-audit --no-fund --fetch-retries=1 --loglevel=error >&2; then
    # Whoever cannot even see npm itself in the registry cannot reach it.
    npm view npm version --prefer-online --fetch-retries=1 --loglevel=error >&2 ||
      cannot "the npm registry cannot be reached"
    echo "the registry can be reached, but the packages cannot be installed from it" >&2
    exit 1
  fi
  mv "$building/modules" "$modules"
fi

echo "$environment/bin/python"
echo "$modules"
