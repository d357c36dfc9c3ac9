#!/bin/sh
# Reports against the formats' own descriptions, and .unroot.yaml against ours: run.sh UNROOT GOLDEN SCHEMA FOLDER; npm's go to FOLDER.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
unroot=$1 golden=$2 schema=$3 folder=$4
mkdir -p "$folder"
cp "$here"/* "$folder"
cd "$folder"
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    echo "skipped: no node and npm here"
    exit 77
fi
if ! npm ci --silent --no-audit --no-fund --prefer-offline >npm.log 2>&1; then
    echo "skipped: npm could not fetch the validators"
    cat npm.log
    exit 77
fi
exec node check.mjs "$unroot" "$golden" "$schema"
