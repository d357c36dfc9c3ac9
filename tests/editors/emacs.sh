#!/bin/sh
# Emacs with a filter on save: emacs.sh UNROOT EDITORS
. "$(dirname "$0")/common.sh"
needs emacs
put_files
cat >check.el <<'EOF'
(setq load-prefer-newer t make-backup-files nil unroot-program (getenv "UNROOT"))
(load (expand-file-name "emacs/unroot.el" (getenv "EDITORS")))

(defun visit (file)
  "Open FILE with its line ends and fixing on save."
  (find-file file)
  (unroot-fix-on-save-mode 1)
  (buffer-enable-undo))

(defun touch-and-save ()
  "Save although nothing was typed."
  (set-buffer-modified-p t)
  (save-buffer))
EOF

save() {
    opened=$1
    shift
    timeout 60 emacs -Q --batch -l check.el --eval "(visit \"$opened\")" "$@" --eval '(touch-and-save)' 2>messages
}

for file in Dockerfile 'a b/Dockerfile' clean.Dockerfile refused.Dockerfile; do
    fixed "files/$file" >want/text 2>/dev/null || cp "files/$file" want/text
    save "files/$file" || fault "$file: emacs ended with $?"
    same "files/$file" want/text
    save "files/$file" || fault "$file: emacs ended with $?"
    same "files/$file" want/text
done
grep -q 'refused.Dockerfile:2:1: unknown instruction' messages || fault "no message about the refused file: $(cat messages)"

# Point stays at its text, and one undo gives the buffer back.
put_files
cp files/Dockerfile before
save files/Dockerfile --eval '(search-forward "CMD")' --eval '(undo-boundary)' --eval '(unroot-fix-buffer)' \
    --eval '(unless (looking-back "CMD" 3) (message "FAULT: point moved"))' \
    --eval '(progn (undo-boundary) (setq last-command nil) (undo) (unroot-fix-on-save-mode -1))' || fault "emacs ended with $?"
same files/Dockerfile before
grep FAULT messages && fault "point"

# A narrowed buffer is fixed as a whole.
put_files
fixed files/Dockerfile >want/text
save files/Dockerfile --eval '(narrow-to-region 1 5)' || fault "emacs ended with $?"
same files/Dockerfile want/text

# A program that cannot be run, or that fails, leaves the file alone.
printf '#!/bin/sh\ncat >/dev/null\necho broken >&2\nexit 2\n' >failing
chmod +x failing
put_files
cp files/Dockerfile before
UNROOT=$folder/failing save files/Dockerfile || fault "emacs ended with $?"
same files/Dockerfile before
grep -q broken messages || fault "no message"
UNROOT=/nowhere/unroot save files/Dockerfile || fault "emacs ended with $?"
same files/Dockerfile before
grep -q '^unroot: .*No such file' messages || fault "no message"
finish
