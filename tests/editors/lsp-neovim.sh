#!/bin/sh
# Neovim's own client without any plugin: lsp-neovim.sh UNROOT
set -eu
here=$(cd "$(dirname "$0")" && pwd)
command -v nvim >/dev/null || {
    echo "skipped: no nvim here"
    exit 77
}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir .git
HOME=$folder UNROOT=$1
export HOME UNROOT
printf 'FROM node:20\nWORKDIR /app\nCOPY . .\nCMD ["node", "server.js"]\n' >Dockerfile
"$UNROOT" fix - <Dockerfile >fixed
timeout 120 nvim --headless -u NONE -i NONE -n Dockerfile \
    -c "lua local ok, fault = pcall(dofile, '$here/lsp-neovim.lua') if not ok then io.stderr:write(fault, '\n') vim.cmd('cquit') end" -c 'qa!'
echo "ok"
