#!/usr/bin/env bash
# Brings a browser and what drives it: playwright-core, and Debian's Chromium where the system has none.
# Prints the folder of the Node.js modules, then the path of the browser.
. "$(dirname "$0")/../support/install.sh"

find_browser() {
  local name
  for name in chromium chromium-browser google-chrome; do
    command -v "$name" && return
  done
  unpack_debian chromium
  [[ ! -x $unpacked/browser ]] || { echo "$unpacked/browser"; return; }
  # The package's own launcher looks for the browser below /usr.
  cat >"$unpacked/browser" <<'LAUNCHER'
#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
for folder in "$here"/usr/lib/*-linux-gnu "$here"/usr/lib/*-linux-gnu/pulseaudio; do
  LD_LIBRARY_PATH=$folder${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
done
export LD_LIBRARY_PATH
[ -e /etc/fonts/fonts.conf ] || export FONTCONFIG_SYSROOT="$here"
exec "$here/usr/lib/chromium/chromium" "$@"
LAUNCHER
  chmod +x "$unpacked/browser"
  echo "$unpacked/browser"
}

need_node 20
install_modules
browser=$(find_browser)
echo "$modules"
echo "$browser"
