#!/bin/sh
# Installs what is needed, builds the program, and shows what it would change: tests/try.sh [FILE-OR-FOLDER…]
set -eu
[ $# -gt 0 ] || set -- tests/example
top=$(cd "$(dirname "$0")/.." && pwd)
here=$PWD
[ "$1" != tests/example ] || here=$top
cd "$top"
. tests/packages.sh
cmake --log-level=WARNING --preset release >/dev/null
cmake --build --preset release --target unroot_program -j "$(nproc)" >/dev/null
cd "$here"
"$top/build/release/unroot" fix --diff "$@" || [ $? -eq 1 ]
