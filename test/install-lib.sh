# Functions of the scripts that install what the tests need; to be sourced, not run.

# say TEXT: to the user, with the script's name.
say() { echo "$(basename "$0" .sh): $*" >&2; }

# apt_install PACKAGE…: with Debian's package manager, or ends the script with a request to install them.
apt_install() {
  local sudo=''
  [ "$(id -u)" = 0 ] || sudo=sudo
  command -v apt-get >/dev/null || { say "please install: $*"; exit 1; }
  say "installing with apt: $*"
  $sudo apt-get update -qq >/dev/null || say "apt-get update failed; trying with the lists at hand"
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# python_venv DIR CHECK PACKAGE…: a Python environment with packages from PyPI, made anew unless the statement CHECK succeeds in it.
python_venv() {
  local dir=$1 check=$2
  shift 2
  "$dir/bin/python" -c "$check" 2>/dev/null && return
  command -v python3 >/dev/null || apt_install python3 python3-venv
  say "installing $* from PyPI"
  rm -rf "$dir"
  python3 -m venv "$dir" 2>/dev/null || { apt_install python3-venv; python3 -m venv "$dir"; }
  "$dir/bin/pip" install -q --disable-pip-version-check "$@"
}

# java_tools MAJOR: a Java compiler and runtime of that version or a later one, and Maven, which fetches from Maven's repository.
java_tools() {
  local major=0
  ! command -v java >/dev/null || major=$(java -version 2>&1 | sed -n 's/.* version "\(1\.\)\{0,1\}\([0-9]*\).*/\2/p' | head -1)
  [ "${major:-0}" -ge "$1" ] && command -v javac >/dev/null || apt_install default-jdk-headless
  command -v mvn >/dev/null || apt_install maven
}
