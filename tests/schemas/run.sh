#!/bin/sh
# Reports against the formats' own descriptions, and .unroot.yaml against ours: run.sh UNROOT GOLDEN SCHEMA FOLDER; npm's go to FOLDER.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../support/npm.sh"
unroot=$1 golden=$2 schema=$3 folder=$4
needs node npm
mkdir -p "$folder"
cp "$here"/* "$folder"
cd "$folder"
npm_fetch ci
exec node check.mjs "$unroot" "$golden" "$schema"
