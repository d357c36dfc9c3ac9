;;; unroot.el --- Run containers as a non-root user  -*- lexical-binding: t -*-

;; Version: 0.1.0
;; Package-Requires: ((emacs "27.1"))

;;; Commentary:

;; Fixes Dockerfiles with the program unroot, on demand and on save, without any other package:
;;
;;   (add-hook 'dockerfile-mode-hook #'unroot-fix-on-save-mode)
;;   (add-hook 'dockerfile-ts-mode-hook #'unroot-fix-on-save-mode)
;;
;; docs/editors.md has the lines for eglot, reformatter and apheleia.

;;; Code:

(require 'subr-x)

(defgroup unroot nil
  "Run containers as a non-root user."
  :group 'tools)

(defcustom unroot-program "unroot"
  "The program."
  :type 'string)

(defcustom unroot-options nil
  "Options of `unroot fix', such as \"--unsafe-fixes\"."
  :type '(repeat string))

(defun unroot--run (bytes name output errors)
  "Give BYTES, a file called NAME, to unroot; what comes back goes to OUTPUT.
That is a buffer; ERRORS is a file for messages.  Return the exit code."
  (with-temp-buffer
    (set-buffer-multibyte nil)
    (insert bytes)
    (let ((coding-system-for-read 'no-conversion)
          (coding-system-for-write 'no-conversion))
      (apply #'call-process-region nil nil unroot-program nil (list output errors) nil
             `("fix" "-q" ,@unroot-options "--stdin-filename" ,name "-")))))

(defun unroot--replace (text buffer)
  "Make TEXT the text of BUFFER; point and marks stay where they are."
  (with-temp-buffer
    (insert text)
    (let ((fixed (current-buffer)))
      (with-current-buffer buffer
        (save-restriction
          (widen)
          (replace-buffer-contents fixed))))))

;;;###autoload
(defun unroot-fix-buffer ()
  "Fix the Dockerfile in the current buffer, or leave it alone when unroot fails."
  (interactive)
  (let* ((coding (or buffer-file-coding-system 'utf-8-unix))
         (name (file-local-name (or buffer-file-name "Dockerfile")))
         (bytes (save-restriction
                  (widen)
                  (encode-coding-string (buffer-substring-no-properties (point-min) (point-max)) coding)))
         (output (generate-new-buffer " *unroot*"))
         (errors (make-temp-file "unroot")))
    (unwind-protect
        (condition-case problem
            (progn
              (with-current-buffer output (set-buffer-multibyte nil))
              (if (equal (unroot--run bytes name output errors) 0)
                  (let ((fixed (with-current-buffer output (buffer-string))))
                    (unless (string= fixed bytes)
                      (unroot--replace (decode-coding-string fixed coding) (current-buffer))))
                (message "%s" (with-temp-buffer
                                (insert-file-contents errors)
                                (string-trim (buffer-string))))))
          (file-error (message "unroot: %s" (error-message-string problem))))
      (kill-buffer output)
      (delete-file errors))))

;;;###autoload
(define-minor-mode unroot-fix-on-save-mode
  "Fix the buffer with unroot whenever it is saved."
  :lighter " unroot"
  (if unroot-fix-on-save-mode
      (add-hook 'before-save-hook #'unroot-fix-buffer nil t)
    (remove-hook 'before-save-hook #'unroot-fix-buffer t)))

(provide 'unroot)
;;; unroot.el ends here
