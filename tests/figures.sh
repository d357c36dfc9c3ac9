#!/bin/sh
# How hard it was tried: figures.sh [SECONDS] runs every fuzzer that long (60) and prints the executions, the faults injected,
# the kills survived and the bad inputs tried. Ends with 1 when anything was found.
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-60}
for preset in fuzz release; do
    cmake --log-level=WARNING --preset "$preset" >/dev/null
    cmake --build --preset "$preset" -j "$(nproc)" >/dev/null
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/seeds"
find golden tests/fuzz/regressions -name '*Dockerfile' | while read -r file; do
    cp "$file" "$work/seeds/$(echo "$file" | tr / _)"
done
found=0
for fuzzer in build/fuzz/tests/fuzz_*; do
    [ -x "$fuzzer" ] && [ -f "$fuzzer" ] || continue
    name=$(basename "$fuzzer")
    mkdir "$work/$name"
    if "$fuzzer" -max_total_time="$seconds" -max_len=8192 -timeout=20 -print_final_stats=1 -artifact_prefix="$name-" "$work/$name" "$work/seeds" \
        >"$work/log" 2>&1; then
        found_by=nothing
    else
        found_by="a fault, kept as $name-*"
        found=1
    fi
    echo "$name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$work/log") executions, found $found_by"
done
build/release/tests/fault_memory || found=1
python3 tests/faults/writes.py build/release/unroot || found=1
python3 tests/faults/inputs.py build/release/unroot || found=1
exit $found
