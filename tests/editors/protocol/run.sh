#!/bin/sh
# Random edits by Visual Studio Code's own client library: run.sh UNROOT FOLDER; what npm brings goes to FOLDER.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
unroot=$1 folder=$2
mkdir -p "$folder"
cp "$here"/* "$folder"
cd "$folder"
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    echo "skipped: no node and npm here"
    exit 77
fi
if ! npm ci --silent --no-audit --no-fund --prefer-offline >npm.log 2>&1; then
    echo "skipped: npm could not fetch the client library"
    cat npm.log
    exit 77
fi
exec node edits.mjs "$unroot"
