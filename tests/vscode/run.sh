#!/bin/sh
# The extension in Visual Studio Code itself, as code-server in Chromium: run.sh UNROOT EXTENSION
# UNROOT_VSCODE is the folder for what npm brings (370 MB fetched, 1.1 GB on disk, once) and for screenshots; without it
# the test is skipped, so that nobody downloads that by chance. Debian: nodejs npm chromium.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../support/npm.sh"
unroot=$1 extension=$2
[ -n "${UNROOT_VSCODE:-}" ] || skip "set UNROOT_VSCODE to a folder for 1.1 GB (Visual Studio Code by npm)"
needs node npm chromium

mkdir -p "$UNROOT_VSCODE"
cd "$UNROOT_VSCODE"
folder=$PWD
PATH=$folder/bin:$PATH # the node that code-server wants

room=$(df -Pk . | awk 'NR == 2 { print int($4 / 1024) }')
[ -e complete ] || [ "$room" -ge 3000 ] || skip "only $room MB are free in $folder: Visual Studio Code and npm's cache take 2 GB"

# Native modules would have to be compiled: code-server does without them, or they come compiled for its own node.
if ! cmp -s "$here/package.json" complete; then
    rm -rf complete node_modules bin
    mkdir bin
    cp "$here/package.json" .
    npm_fetch install --ignore-scripts --no-package-lock
    ln -s "$folder"/node_modules/node-linux-*/bin/node bin
    (cd node_modules/code-server/lib/vscode && npm_fetch install --ignore-scripts --omit=dev)
    cp package.json complete
fi

# The extension is built in a copy: docs/ is where it finds the schema.
rm -rf editors docs
mkdir editors docs
cp -R "$extension" editors
cp "$extension/../../docs/unroot.schema.json" docs
cd editors/vscode
npm_fetch ci
npm run --silent package

cd "$folder"
cp "$here/drive.mjs" .
exec node drive.mjs "$unroot" "$folder/editors/vscode/unroot.vsix" "$(command -v chromium)"
