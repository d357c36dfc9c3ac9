#!/bin/sh
# Installs what is needed, builds with gcc and clang, and runs all tests: with clang's fuzzers replaying their
# seeds, under AddressSanitizer and UndefinedBehaviorSanitizer, and as released.
set -eu
cd "$(dirname "$0")/.."
. tests/packages.sh
for preset in fuzz asan release; do
    echo "== $preset"
    cmake --log-level=WARNING --preset "$preset"
    cmake --build --preset "$preset" -j "$(nproc)"
    ctest --preset "$preset"
done
