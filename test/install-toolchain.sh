#!/usr/bin/env bash
# Makes sure that programs with DuckDB can be linked: that takes Go, a C compiler and the C++ standard library. The last is
# installed with apt when it is missing, as a C compiler alone does not bring it. `make` calls it before it builds.
set -euo pipefail
. "$(dirname "$0")/install-lib.sh"

command -v go >/dev/null || { say "please install Go: https://go.dev/dl/"; exit 1; }
cc=$(go env CC)
command -v "${cc%% *}" >/dev/null || { say "please install a C compiler, for example gcc; '$cc' is not there"; exit 1; }

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
links() { printf 'int main(void) { return 0; }\n' | $cc -x c -o "$dir/a" - -lstdc++ 2>"$dir/err"; }

links && exit
if command -v apt-get >/dev/null; then
  say "the C++ standard library is missing"
  apt_install g++
  links && exit
fi
say "'$cc' cannot link with the C++ standard library; please install a C++ compiler, for example g++:"
cat "$dir/err" >&2
exit 1
