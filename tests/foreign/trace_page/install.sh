#!/usr/bin/env bash
# Brings a browser and what drives it: playwright-core below a given directory, once, and Debian's Chromium
# where there is none yet. Prints the directory of the Node.js modules, then the path of the browser.
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

browser() {
  for name in chromium chromium-browser google-chrome; do
    command -v "$name" && return
  done
  return 1
}

for tool in node npm; do
  command -v "$tool" >/dev/null || cannot "there is no $tool"
done
node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)' ||
  cannot "there is no node of version 20 or newer, which playwright-core needs"

if ! browser >/dev/null; then
  command -v apt-get >/dev/null || cannot "there is no Chromium, and no apt-get to install it with"
  [[ $(id -u) == 0 ]] || cannot "there is no Chromium, and only root can install it"
  log=$directory/apt.log
  apt=(apt-get -o DPkg::Lock::Timeout=300)
  export DEBIAN_FRONTEND=noninteractive
  "${apt[@]}" -o APT::Update::Error-Mode=any update >"$log" 2>&1 ||
    cannot "there is no Chromium, and Debian's package index cannot be reached (see $log)"
  "${apt[@]}" install --yes --no-install-recommends chromium >>"$log" 2>&1 || {
    echo "the index can be reached, but Chromium cannot be installed from it: $(tail -n 5 "$log")" >&2
    exit 1
  }
fi

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
    echo "the registry can be reached, but playwright-core cannot be installed from it" >&2
    exit 1
  fi
  mv "$building" "$modules"
fi

echo "$modules"
browser
