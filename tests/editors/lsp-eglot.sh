#!/bin/sh
# Emacs with eglot: lsp-eglot.sh UNROOT
set -eu
here=$(cd "$(dirname "$0")" && pwd)
if ! command -v emacs >/dev/null || ! emacs -q --batch --eval "(package-initialize)" --eval "(require 'eglot)" 2>/dev/null; then
    echo "skipped: no emacs with eglot here"
    exit 77
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir .git
HOME=$folder UNROOT=$1
export HOME UNROOT
printf 'FROM node:20\nWORKDIR /app\nCOPY . .\nCMD ["node", "server.js"]\n' >Dockerfile
"$UNROOT" fix - <Dockerfile >fixed
timeout 120 emacs -q --batch -l "$here/lsp-eglot.el"
cmp Dockerfile fixed
echo "ok"
