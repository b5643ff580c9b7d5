#!/usr/bin/env bash
# Installs what makes the data and the queries of TPC-DS for test/tpcds, into .cache/tpcds of the repository (or
# $WATERBEAR_CACHE/tpcds):
#
#   venv/   a Python environment with DuckDB and its extension tpcds        PyPI: duckdb, duckdb-extension-tpcds
#
# Python's venv is installed with apt when it is missing. Running it again does nothing.
set -euo pipefail
. "$(dirname "$0")/install-lib.sh"

VERSION=1.5.5 # of both: an extension fits one version of DuckDB only
ROOT=$(cd "$(dirname "$0")/.." && pwd)
DIR=${WATERBEAR_CACHE:-$ROOT/.cache}/tpcds
mkdir -p "$DIR"

python_venv "$DIR/venv" "import duckdb, duckdb_extension_tpcds; assert duckdb.__version__ == '$VERSION'" \
  "duckdb==$VERSION" "duckdb-extension-tpcds==$VERSION"
say "ready in $DIR"
