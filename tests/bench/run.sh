#!/bin/sh
# Builds the release and prints its ratios: tests/bench/run.sh
set -eu
cd "$(dirname "$0")/../.."
cmake --log-level=WARNING --preset release >/dev/null
cmake --build --preset release --target unroot_program bench >/dev/null
exec build/release/tests/bench build/release/unroot
