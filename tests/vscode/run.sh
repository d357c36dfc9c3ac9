#!/bin/sh
# The extension in Visual Studio Code itself, as code-server in Chromium: run.sh UNROOT EXTENSION
# UNROOT_VSCODE is a folder for some 700 MB that are fetched once, and for the screenshots. Debian: npm chromium g++ make
# python3 pkg-config libkrb5-dev libsecret-1-dev libx11-dev libxkbfile-dev
set -eu
here=$(cd "$(dirname "$0")" && pwd)
unroot=$1 extension=$2

skip() {
    echo "skipped: $1"
    exit 77
}

[ -n "${UNROOT_VSCODE:-}" ] || skip "set UNROOT_VSCODE to a folder for some 700 MB (code-server)"
for program in node npm chromium; do
    command -v "$program" >/dev/null || skip "no $program here"
done

# The extension is built in a copy: docs/ is where it finds the schema.
mkdir -p "$UNROOT_VSCODE/editors" "$UNROOT_VSCODE/docs"
folder=$(cd "$UNROOT_VSCODE" && pwd)
cp -R "$extension" "$folder/editors"
cp "$extension/../../docs/unroot.schema.json" "$folder/docs"
cd "$folder/editors/vscode"
npm ci --silent --no-audit --no-fund --prefer-offline >"$folder/npm.log" 2>&1 || skip "npm could not fetch what builds the extension"
npm run --silent package

cd "$folder"
cp "$here"/* .
PATH=$folder/node/node_modules/.bin:$PATH # code-server wants a newer one than most systems have
if [ ! -e complete ]; then
    npm install --silent --no-audit --no-fund --prefix node node@24.21.0 >npm.log 2>&1 || skip "npm could not fetch node"
    npm install --silent --no-audit --no-fund --no-package-lock >npm.log 2>&1 || skip "npm could not fetch or build code-server"
    touch complete
fi
exec node drive.mjs "$unroot" "$folder/editors/vscode/unroot.vsix" "$(command -v chromium)"
