#!/usr/bin/env bash
# Installs servers that the tests start, into .cache/servers of the repository (or $WATERBEAR_CACHE/servers); prints the path of each.
#
#   test/install-servers.sh            all of them
#   test/install-servers.sh NAME…      only these
#
#   versitygw    S3 in front of a directory    Go: github.com/versity/versitygw
#   minio        S3                            Go: github.com/minio/minio
#
# Both are built from source with the Go that builds Waterbear, which takes minutes the first time. Running it again does nothing.
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
    (cd "$DIR" && GOBIN="$part" CGO_ENABLED=0 GOFLAGS=-trimpath go install -ldflags='-s -w' "$2$3@$4")
    mv "$part/$1" "$file"
    rmdir "$part"
  fi
  echo "$file"
}

install_versitygw() { go_program versitygw github.com/versity/versitygw /cmd/versitygw v1.8.0; }

# MinIO's releases are no versions that Go knows, but for the commits they were made of. This is its last.
install_minio() { go_program minio github.com/minio/minio '' v0.0.0-20260212201848-7aac2a2c5b7c; }

exec 9>"$DIR/lock" # several tests may begin at a time
flock 9
[ $# -gt 0 ] || set -- versitygw minio
for name; do
  declare -F "install_$name" >/dev/null || { say "unknown server $name"; exit 2; }
  "install_$name"
done
