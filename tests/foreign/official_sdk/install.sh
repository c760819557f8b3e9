#!/usr/bin/env bash
# Installs the official Python SDK into a virtual environment below a given directory, once, and prints
# the path of the environment's interpreter.
#
# usage: install.sh DIRECTORY
#
# Exit status 75: it cannot be installed on this machine, for the reason in the last line of stderr.
# Every other failure is one.
set -euo pipefail

cannot_run=75
requirements=$(cd "$(dirname "$0")" && pwd)/requirements.txt
mkdir -p "$1"
directory=$(cd "$1" && pwd)

# One at a time. `--close` keeps the lock from children that outlive this script.
if [[ -z ${LOCKED:-} ]] && command -v flock >/dev/null; then
  LOCKED=1 exec flock --close "$directory/lock" bash "$0" "$directory"
fi

python=
for name in python3 python3.14 python3.13 python3.12 python3.11; do
  if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    python=$name
    break
  fi
done
if [[ -z $python ]]; then
  echo "there is no python3 of version 3.11 or newer" >&2
  exit "$cannot_run"
fi

# Another list of packages or another Python is another environment.
version=$("$python" -c 'import platform; print(platform.python_version())')
environment=$directory/$version-$(cksum <"$requirements" | cut -d ' ' -f 1)
if "$environment/bin/python" -c 'import prefactor_core' 2>/dev/null; then
  echo "$environment/bin/python"
  exit
fi

# Complete before it has its name: an interrupted installation is never taken for one.
building=$(mktemp -d "$directory/building.XXXXXX")
trap 'rm -rf "$building"' EXIT
"$python" -m venv "$building/environment" >&2
pip=("$building/environment/bin/python" -m pip --no-input --disable-pip-version-check --quiet)
if ! "${pip[@]}" install --no-deps --requirement "$requirements" >&2; then
  # Whoever cannot even get pip itself from the index cannot reach it.
  if ! env -u PIP_FIND_LINKS "${pip[@]}" download --no-deps --no-cache-dir --retries 1 --dest "$building/probe" pip >&2; then
    echo "the Python package index cannot be reached" >&2
    exit "$cannot_run"
  fi
  echo "the index can be reached, but the SDK cannot be installed from it" >&2
  exit 1
fi
"${pip[@]}" check >&2
rm -rf "$environment"
mv "$building/environment" "$environment"
echo "$environment/bin/python"
