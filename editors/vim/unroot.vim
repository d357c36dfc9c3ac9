" Vim with ALE: fixes Dockerfiles on save, and marks what unroot finds.
" Copy it to ~/.vim/plugin/, or `runtime` it; needs vim-ale 3 and unroot in PATH.
"
"   let g:ale_fixers = {'dockerfile': ['unroot']}
"   let g:ale_fix_on_save = 1
"
" Options of `unroot fix`, such as '--unsafe-fixes', go to g:ale_dockerfile_unroot_options; what a project wants goes
" into its .unroot.yaml.
let g:ale_dockerfile_unroot_executable = get(g:, 'ale_dockerfile_unroot_executable', 'unroot')
let g:ale_dockerfile_unroot_options = get(g:, 'ale_dockerfile_unroot_options', '')

function! UnrootCommand(buffer, command) abort
    return ale#Escape(ale#Var(a:buffer, 'dockerfile_unroot_executable')) . ' ' . a:command
    \   . ' ' . ale#Var(a:buffer, 'dockerfile_unroot_options') . ' --stdin-filename %s -'
endfunction

function! UnrootFix(buffer) abort
    return {'command': UnrootCommand(a:buffer, 'fix')}
endfunction

" FILE:LINE:COLUMN: rule (class): message
function! UnrootFindings(buffer, lines) abort
    let l:found = []
    for l:match in ale#util#GetMatches(a:lines, '\v:(\d+):(\d+): (%([a-z-]+ \([a-z ]+\): )?)(.*)$')
        call add(l:found, {
        \   'lnum': str2nr(l:match[1]),
        \   'col': str2nr(l:match[2]),
        \   'type': empty(l:match[3]) ? 'E' : l:match[3] =~# 'display only' ? 'I' : 'W',
        \   'code': matchstr(l:match[3], '^[a-z-]*'),
        \   'text': l:match[4],
        \})
    endfor
    return l:found
endfunction

function! UnrootRegister() abort
    call ale#fix#registry#Add('unroot', 'UnrootFix', ['dockerfile'], 'Run containers as a non-root user.')
    call ale#linter#Define('dockerfile', {
    \   'name': 'unroot',
    \   'executable': {buffer -> ale#Var(buffer, 'dockerfile_unroot_executable')},
    \   'command': {buffer -> UnrootCommand(buffer, 'check -q --exit-zero --output-format concise')},
    \   'output_stream': 'both',
    \   'callback': 'UnrootFindings',
    \})
endfunction

" Plugins are loaded in an order of their own.
if exists('g:loaded_ale') || v:vim_did_enter
    call UnrootRegister()
else
    autocmd VimEnter * call UnrootRegister()
endif
