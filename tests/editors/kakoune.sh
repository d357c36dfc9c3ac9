#!/bin/sh
# Kakoune with a filter on save: kakoune.sh UNROOT EDITORS
. "$(dirname "$0")/common.sh"
needs kak
mkdir -p config/kak runtime
chmod 700 runtime
cp "$EDITORS/kakoune/unroot.kak" config/kak/kakrc
printf 'set-option global unroot_program %%{%s}\n' "$UNROOT" >>config/kak/kakrc

# save FILE [COMMAND]: opens, saves, does the rest.
save() {
    XDG_CONFIG_HOME=$folder/config XDG_RUNTIME_DIR=$folder/runtime timeout 60 kak -ui dummy -e "write; ${2:-}; quit!" "$1" >messages 2>&1
}

put_files
for file in Dockerfile 'a b/Dockerfile' clean.Dockerfile refused.Dockerfile; do
    fixed "files/$file" >want/text 2>/dev/null || cp "files/$file" want/text
    save "files/$file" || fault "$file: kak ended with $?"
    same "files/$file" want/text
    save "files/$file" || fault "$file: kak ended with $?"
    same "files/$file" want/text
done

# One undo gives the file back.
put_files
cp files/Dockerfile before
save files/Dockerfile 'execute-keys u; set-option buffer formatcmd cat; write' || fault "kak ended with $?"
same files/Dockerfile before

# A program that cannot be run leaves the file alone.
UNROOT=/nowhere/unroot
printf 'set-option global unroot_program %%{%s}\n' "$UNROOT" >>config/kak/kakrc
save files/Dockerfile || fault "kak ended with $?"
same files/Dockerfile before
finish
