#!/usr/bin/env bash
# Installs the Trino clients that test/clients drives, into .cache/clients of the repository (or $WATERBEAR_CACHE/clients):
#
#   trino-cli.jar    the command line client, an executable jar        Maven: io.trino:trino-cli:476:executable
#   trino-jdbc.jar   the JDBC driver                                   Maven: io.trino:trino-jdbc:476
#   venv/            a Python environment with the client `trino`      PyPI: trino
#
# The Go client is a module of this repository. A Java runtime, Maven and Python's venv are installed with apt when they are
# missing. Running it again does nothing.
set -euo pipefail
. "$(dirname "$0")/install-lib.sh"

VERSION=476
PYTHON_CLIENT=0.340.0
MIN_JAVA=11
ROOT=$(cd "$(dirname "$0")/.." && pwd)
DIR=${WATERBEAR_CACHE:-$ROOT/.cache}/clients
mkdir -p "$DIR"
rm -rf "$DIR/part"

java_major() {
  command -v java >/dev/null || { echo 0; return; }
  java -version 2>&1 | sed -n 's/.* version "\(1\.\)\{0,1\}\([0-9]*\).*/\2/p' | head -1
}

# artifact COORDINATES FILE: fetches one artifact with Maven, which knows the repository to use.
artifact() {
  [ -s "$DIR/$2" ] && return
  command -v mvn >/dev/null || apt_install maven
  say "fetching $1"
  mvn -q -B -ntp org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy \
    -Dartifact="$1" -DoutputDirectory="$DIR/part" -Dmdep.stripVersion=true
  mv "$DIR"/part/*.jar "$DIR/$2"
  rmdir "$DIR/part"
}

major=$(java_major)
[ "${major:-0}" -ge $MIN_JAVA ] || apt_install default-jdk-headless
command -v javac >/dev/null || java --list-modules 2>/dev/null | grep -q jdk.compiler || apt_install default-jdk-headless

artifact "io.trino:trino-cli:$VERSION:jar:executable" trino-cli.jar
artifact "io.trino:trino-jdbc:$VERSION:jar" trino-jdbc.jar

python_venv "$DIR/venv" "import trino; assert trino.__version__ == '$PYTHON_CLIENT'" "trino==$PYTHON_CLIENT"
say "ready in $DIR"
