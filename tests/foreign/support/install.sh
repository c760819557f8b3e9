# Functions that the `install.sh` of the tests share. Each of them sources this file with its own arguments:
#
# usage: install.sh DIRECTORY
#
# It installs below the directory, once, and nothing on the system. It prints where it put what it brings.
# Exit status 75: the machine has not what is needed, for the reason in the last line of stderr.
# Every other failure is one.
#
# Sets `here`, the folder of the script, and `directory`, the absolute path of DIRECTORY.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
directory=$(cd "$1" && pwd)

# One at a time. `--close` keeps the lock from children that outlive the script.
if [[ -z ${LOCKED:-} ]] && command -v flock >/dev/null; then
  LOCKED=1 exec flock --close "$directory/lock" bash "$0" "$directory"
fi

# What is installed is complete before it has its name: an interrupted installation is never taken for one.
building=$(mktemp -d "$directory/building.XXXXXX")
trap 'rm -rf "$building"' EXIT

cannot() { # REASON
  echo "$1" >&2
  exit 75
}

# An index that can be reached, but not what is wanted from it.
broken() { # WHAT
  echo "the index can be reached, but $1 cannot be installed from it" >&2
  exit 1
}

checksum() { cat "$@" | cksum | cut -d ' ' -f 1; }

need_node() { # MAJOR
  local tool
  for tool in node npm; do
    command -v "$tool" >/dev/null || cannot "there is no $tool"
  done
  node -e "process.exit(Number(process.versions.node.split('.')[0]) < $1 ? 1 : 0)" ||
    cannot "there is no node of version $1 or newer"
}

# Sets `python`, an interpreter of version 3.11 or newer.
need_python() {
  local name
  for name in python3 python3.14 python3.13 python3.12 python3.11; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      python=$name
      return
    fi
  done
  cannot "there is no python3 of version 3.11 or newer"
}

# Installs the packages of `package-lock.json`. Sets `modules`, their folder: another list is another folder.
install_modules() {
  modules=$directory/modules-$(checksum "$here/package.json" "$here/package-lock.json")
  [[ ! -d $modules ]] || return 0
  mkdir "$building/modules"
  cp "$here/package.json" "$here/package-lock.json" "$building/modules"
  local npm=(--fetch-retries=1 --loglevel=error)
  if ! npm ci --prefix "$building/modules" --ignore-scripts --no-audit --no-fund "${npm[@]}" >&2; then
    # Whoever cannot even see npm itself in the registry cannot reach it.
    npm view npm version --prefer-online "${npm[@]}" >&2 || cannot "the npm registry cannot be reached"
    broken "what package-lock.json lists"
  fi
  mv "$building/modules" "$modules"
}

# Installs the packages of `requirements.txt` into a virtual environment. Sets `environment`, its folder: another list
# or another interpreter is another environment.
install_environment() { # MODULE
  environment=$directory/python-$("$python" -c 'import platform; print(platform.python_version())')
  environment+=-$(checksum "$here/requirements.txt")
  ! "$environment/bin/python" -c "import $1" 2>/dev/null || return 0
  "$python" -m venv "$building/python" >&2
  local pip=("$building/python/bin/python" -m pip --no-input --disable-pip-version-check --quiet)
  if ! "${pip[@]}" install --no-deps --requirement "$here/requirements.txt" >&2; then
    # Whoever cannot even get pip itself from the index cannot reach it.
    env -u PIP_FIND_LINKS "${pip[@]}" download --no-deps --no-cache-dir --retries 1 --dest "$building/probe" pip >&2 ||
      cannot "the Python package index cannot be reached"
    broken "what requirements.txt lists"
  fi
  "${pip[@]}" check >&2
  rm -rf "$environment"
  mv "$building/python" "$environment"
}

# Unpacks a Debian package and those it needs that the system has not. Sets `unpacked`, the folder. The lists of packages
# are its own too, so it needs no root, and the system stays as it is.
unpack_debian() { # PACKAGE
  unpacked=$directory/$1
  [[ ! -d $unpacked ]] || return 0
  local command log=$directory/$1.log
  for command in apt-get dpkg; do
    command -v "$command" >/dev/null || cannot "there is no $1, and no $command to unpack it with"
  done
  mkdir -p "$building/lists/partial" "$building/cache/archives/partial" "$building/unpacked"
  local apt=(apt-get --yes -o "Dir::State::Lists=$building/lists" -o "Dir::Cache=$building/cache")
  apt+=(-o Debug::NoLocking=1 -o APT::Sandbox::User= -o APT::Update::Error-Mode=any)
  "${apt[@]}" update >"$log" 2>&1 || cannot "there is no $1, and Debian's package index cannot be reached (see $log)"
  "${apt[@]}" install --download-only --no-install-recommends "$1" >>"$log" 2>&1 || broken "$1 (see $log)"
  for package in "$building"/cache/archives/*.deb; do
    dpkg -x "$package" "$building/unpacked"
  done
  mv "$building/unpacked" "$unpacked"
}
