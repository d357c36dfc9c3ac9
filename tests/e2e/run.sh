#!/bin/sh
# End to end: `unroot verify` for every case, and for fixes that are wrong: run.sh UNROOT [CASE…]
# E2E_HOME holds the engine's store and the images; it is kept, so that the next run is faster.
set -eu
[ $# -ge 1 ] || { sed -n 's/.*: run.sh/usage: run.sh/p' "$0" | head -n 1; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
: "${E2E_HOME:=${TMPDIR:-/tmp}/unroot-e2e}"
unroot=$(realpath "$1")
shift
. "$here/engine.sh"
make_engine
if [ $# -gt 0 ]; then
    printf '%s\n' "$@"
else
    ls "$here/cases"
fi | xargs -P "$(nproc)" -I '{}' "$here/case.sh" "$unroot" "$here/cases/{}"
[ $# -gt 0 ] || "$here/interrupt.sh" "$unroot"
