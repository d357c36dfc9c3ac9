#!/bin/sh
# Neovim's own client: neovim.sh UNROOT EDITORS
. "$(dirname "$0")/common.sh"
needs nvim
put_files
cat >init.lua <<'EOF'
vim.g.unroot_command = { vim.env.UNROOT, "lsp" }
vim.g.unroot_fix_on_save = true
dofile(vim.env.EDITORS .. "/neovim/unroot.lua")

-- Waits for the server's first diagnostics, or until it has surely looked at the file.
function Wait()
  vim.bo.filetype = "dockerfile"
  vim.wait(15000, function()
    return #vim.diagnostic.get(0) > 0
  end, 50)
end
EOF

save() {
    opened=$1
    shift
    timeout 60 nvim --headless -u init.lua -i NONE -n "$opened" -c 'lua Wait()' "$@" -c 'qa!' 2>messages
}

# The safe fixes of these files are all that the program makes.
for file in Dockerfile 'a b/Dockerfile'; do
    fixed "files/$file" >want/text
    save "files/$file" -c 'write' || fault "$file: nvim ended with $?"
    same "files/$file" want/text
done
put_files
cp files/Dockerfile before
save files/Dockerfile -c 'write' -c 'undo' -c 'noautocmd write' || fault "nvim ended with $?"
same files/Dockerfile before
cp files/refused.Dockerfile before
save files/refused.Dockerfile -c 'write' || fault "nvim ended with $?"
same files/refused.Dockerfile before
put_files
save files/Dockerfile \
    -c 'lua for _, d in ipairs(vim.diagnostic.get(0)) do io.stderr:write(d.lnum, " ", d.code, "\n") end' || fault "nvim ended with $?"
[ "$(grep -c '^3 run-as-root' messages)" -eq 1 ] || fault "found: $(cat messages)"
finish
