#!/usr/bin/env bash
# Installs what makes the data and the queries of TPC-DS for test/tpcds, into .cache/tpcds of the repository (or
# $WATERBEAR_CACHE/tpcds):
#
#   venv/   a Python environment with DuckDB and its extension tpcds        PyPI: duckdb, duckdb-extension-tpcds
#
# Python's venv is installed with apt when it is missing. Running it again does nothing.
set -euo pipefail

VERSION=1.5.5 # of both: an extension fits one version of DuckDB only
ROOT=$(cd "$(dirname "$0")/.." && pwd)
DIR=${WATERBEAR_CACHE:-$ROOT/.cache}/tpcds
mkdir -p "$DIR"

say() { echo "install-tpcds: $*" >&2; }

apt_install() {
  local sudo=''
  [ "$(id -u)" = 0 ] || sudo=sudo
  command -v apt-get >/dev/null || { say "please install: $*"; exit 1; }
  say "installing with apt: $*"
  $sudo apt-get update -qq >/dev/null || say "apt-get update failed; trying with the lists at hand"
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

if ! "$DIR/venv/bin/python" -c "import duckdb, duckdb_extension_tpcds; assert duckdb.__version__ == '$VERSION'" 2>/dev/null; then
  command -v python3 >/dev/null || apt_install python3 python3-venv
  say "installing duckdb==$VERSION and duckdb-extension-tpcds==$VERSION from PyPI"
  rm -rf "$DIR/venv"
  python3 -m venv "$DIR/venv" 2>/dev/null || { apt_install python3-venv; python3 -m venv "$DIR/venv"; }
  "$DIR/venv/bin/pip" install -q --disable-pip-version-check "duckdb==$VERSION" "duckdb-extension-tpcds==$VERSION"
fi
say "ready in $DIR"
