#!/bin/sh
# Builds the release and prints its ratios: tests/bench/run.sh [FOLDER]
# FOLDER holds the Dockerfiles to measure with instead of made-up ones. PEERS, a folder into which
#   npm install @wharflab/tally-linux-x64 dockerfile-utils @dprint/dockerfile @dprint/formatter
# was done, adds rows for those programs.
set -eu
cd "$(dirname "$0")/../.."
cmake --log-level=WARNING --preset release >/dev/null
cmake --build --preset release --target unroot_program bench >/dev/null
folder=${1:-}
set --
if [ -n "${PEERS:-}" ]; then
	modules=$PEERS/node_modules
	peers=$(pwd)/tests/bench/peers.mjs
	set -- "GOMAXPROCS=1 $modules/@wharflab/tally-linux-x64/bin/tally lint --slow-checks off --fail-level none \"\$1\"" \
		"node $peers $modules dockerfile-utils \"\$1\"" "node $peers $modules dprint \"\$1\""
fi
exec build/release/tests/bench build/release/unroot "${folder:--}" "$@"
