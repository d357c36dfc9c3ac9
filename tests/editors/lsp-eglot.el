;;; lsp-eglot.el --- unroot lsp in Emacs: diagnostics, hover, fixes, formatting on save  -*- lexical-binding: t -*-

(package-initialize)
(require 'eglot)
(require 'flymake)
(setq make-backup-files nil eglot-sync-connect t eglot-autoshutdown t eglot-confirm-server-initiated-edits nil)

;; Debian has no mode for Dockerfiles.
(define-derived-mode dockerfile-mode prog-mode "Dockerfile")
(add-to-list 'auto-mode-alist '("Dockerfile\\'" . dockerfile-mode))
(add-to-list 'eglot-server-programs `(dockerfile-mode . (,(getenv "UNROOT") "lsp")))

(defun check (what have want)
  "Fail, saying WHAT, unless HAVE is WANT."
  (unless (equal have want)
    (message "FAULT: %s: %S instead of %S" what have want)
    (kill-emacs 1)))

(defun file-text (name)
  "The text of the file NAME."
  (with-temp-buffer (insert-file-contents name) (buffer-string)))

(defun wait-for (what ready)
  "Let the server answer until READY gives something; WHAT is the name of that."
  (let ((end (+ (float-time) 20)))
    (while (and (not (funcall ready)) (< (float-time) end))
      (accept-process-output nil 0.05))
    (check what (and (funcall ready) t) t)))

(find-file "Dockerfile")
(call-interactively #'eglot)
(let ((server (eglot-current-server)) (fixed (file-text "fixed")) (original (buffer-string)))
  (check "a server" (and server t) t)

  ;; Diagnostics reach flymake, each once.
  (wait-for "diagnostics" (lambda () (accept-process-output nil 0.05) (flymake-start) (flymake-diagnostics)))
  (check "diagnostics" (length (flymake-diagnostics)) 3)
  (check "their place" (sort (mapcar (lambda (d) (line-number-at-pos (flymake-diagnostic-beg d))) (flymake-diagnostics)) #'<) '(2 3 4))

  ;; Hover.
  (goto-char (point-min))
  (let* ((answer (jsonrpc-request server :textDocument/hover (eglot--TextDocumentPositionParams)))
         (value (plist-get (plist-get answer :contents) :value)))
    (check "hover" (and (string-match-p "It runs as root" value) t) t))

  ;; A quick fix, then the undoing of it.
  (buffer-enable-undo)
  (goto-char (point-max))
  (forward-line -1)
  (let ((fix (seq-find (lambda (action) (string-prefix-p "Fix " (plist-get action :title)))
                       (eglot-code-actions (point) (point) "quickfix"))))
    (undo-boundary)
    (eglot--apply-workspace-edit (plist-get fix :edit)))
  (check "the quick fix" (buffer-string) fixed)
  (erase-buffer)
  (insert original)

  ;; The server follows what is typed.
  (goto-char (point-min))
  (insert "# 🐳 é\n")
  (goto-char 3)
  (delete-char 1)
  (eglot--signal-textDocument/didChange)
  (let ((answer (jsonrpc-request server :unroot/viewText (list :textDocument (eglot--TextDocumentIdentifier)))))
    (check "the server's text" (plist-get answer :text) (buffer-string)))
  (erase-buffer)
  (insert original)

  ;; All safe fixes.
  (let ((all (eglot-code-actions (point-min) (point-max) "source.fixAll.unroot")))
    (check "fixAll" (length all) 1)
    (eglot--apply-workspace-edit (plist-get (car all) :edit)))
  (check "fixAll" (buffer-string) fixed)
  (erase-buffer)
  (insert original)

  ;; A command whose edit the server asks for.
  (eglot--signal-textDocument/didChange)
  (jsonrpc-request server :workspace/executeCommand
                   (list :command "unroot.server.applySafeFixes" :arguments (vector (eglot--path-to-uri buffer-file-name))))
  (wait-for "the edit" (lambda () (equal (buffer-string) fixed)))
  (erase-buffer)
  (insert original)

  ;; Formatting on save.
  (add-hook 'before-save-hook #'eglot-format-buffer nil t)
  (save-buffer)
  (check "formatting" (buffer-string) fixed)
  (eglot-shutdown server))
;;; lsp-eglot.el ends here
