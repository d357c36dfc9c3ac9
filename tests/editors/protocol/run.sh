#!/bin/sh
# Random edits by Visual Studio Code's own client library: run.sh UNROOT FOLDER; what npm brings goes to FOLDER.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../../support/npm.sh"
unroot=$1 folder=$2
needs node npm
mkdir -p "$folder"
cp "$here"/* "$folder"
cd "$folder"
npm_fetch ci
exec node edits.mjs "$unroot"
