#!/bin/sh
# The properties of tests/property over a corpus: fix.sh TEST_CORPUS [CORPUS]; the corpus else from UNROOT_CORPUS.
set -eu
corpus=${2:-${UNROOT_CORPUS:-}}
if [ -z "$corpus" ] || [ ! -d "$corpus/real" ]; then
    echo "skipped: no corpus of Dockerfiles (set UNROOT_CORPUS to its folder)"
    exit 77
fi
exec "$1" "$corpus/real" "$corpus/rare"
