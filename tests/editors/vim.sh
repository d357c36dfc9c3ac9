#!/bin/sh
# Vim with ALE and ale_fix_on_save: vim.sh UNROOT EDITORS
. "$(dirname "$0")/common.sh"
needs vim
ale=/usr/share/vim-ale
[ -d "$ale" ] || {
    echo "skipped: vim-ale is not installed"
    exit 77
}
put_files
cat >vimrc <<'EOF'
set nocompatible hidden
set runtimepath^=/usr/share/vim-ale
let g:ale_dockerfile_unroot_executable = $UNROOT
let g:ale_fixers = {'dockerfile': ['unroot']}
let g:ale_linters = {'dockerfile': ['unroot']}
let g:ale_fix_on_save = 1
filetype plugin on
runtime plugin/ale.vim
source $EDITORS/vim/unroot.vim

" Saves, waits until ALE is done with it, and gives what it found.
function! Save(seconds) abort
    let g:fixed = 0
    autocmd! User ALEFixPost let g:fixed = 1
    write
    for l:i in range(a:seconds * 20)
        sleep 50m
        if g:fixed && !ale#engine#IsCheckingBuffer(bufnr(''))
            break
        endif
    endfor
    sleep 200m
endfunction
EOF

# save FILE [COMMAND…]: opens, saves, does the rest.
save() {
    opened=$1
    shift
    timeout 60 vim -N -u vimrc -i NONE -n -es "$opened" -c 'set filetype=dockerfile' -c 'call Save(20)' "$@" -c 'qa!' </dev/null
}

for file in Dockerfile 'a b/Dockerfile' clean.Dockerfile refused.Dockerfile; do
    cp "files/$file" before
    fixed "files/$file" >want/text 2>/dev/null || cp before want/text
    save "files/$file" || fault "$file: vim ended with $?"
    same "files/$file" want/text
    # The second time there is nothing to do.
    save "files/$file" || fault "$file: vim ended with $?"
    same "files/$file" want/text
done
put_files
[ "$(fixed files/Dockerfile | wc -c)" -gt "$(wc -c <files/Dockerfile)" ] || fault "the program fixes nothing"

# One undo gives the file back.
cp files/Dockerfile before
save files/Dockerfile -c 'undo' -c 'noautocmd write'
same files/Dockerfile before

# A program that cannot be run, or that fails, leaves the file alone.
for broken in /nowhere/unroot "$folder/failing"; do
    put_files
    printf '#!/bin/sh\ncat >/dev/null\necho broken >&2\nexit 2\n' >failing
    chmod +x failing
    cp files/Dockerfile before
    UNROOT=$broken timeout 60 vim -N -u vimrc -i NONE -n -es files/Dockerfile -c 'set filetype=dockerfile' \
        -c 'call Save(2)' -c 'qa!' </dev/null || fault "vim ended with $?"
    same files/Dockerfile before
done

# What is found has its place and its kind.
put_files
found=$(timeout 60 vim -N -u vimrc -i NONE -n -es files/Dockerfile -c 'let g:ale_fix_on_save = 0' \
    -c 'set filetype=dockerfile' -c 'ALELint' -c 'sleep 3' \
    -c 'redir! > found' -c 'silent echo map(copy(ale#engine#GetLoclist(bufnr(""))), {_, v -> v.lnum . " " . v.type . " " . v.code})' \
    -c 'redir END' -c 'qa!' </dev/null && cat found)
case $found in
*"4 W run-as-root"*) ;;
*) fault "found: $found" ;;
esac
finish
