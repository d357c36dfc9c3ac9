/* Code actions and formatting: fixes as edits. */
#ifndef UNROOT_LSP_ACTION_H
#define UNROOT_LSP_ACTION_H

#include "lsp/worker.h"

#define ACTION_QUICK_FIX "quickfix"
#define ACTION_FIX_ALL "source.fixAll.unroot"

/* textDocument/codeAction: a quick fix for each group of findings in the range, whatever its class; a comment that
   switches their rules off there; and all safe fixes of the document. */
void action_list(struct worker *w, struct job *job, struct subject *s);

/* textDocument/formatting: the safe fixes that stay inside the document; null when it cannot be analysed. */
void action_format(struct worker *w, struct job *job, struct subject *s);

/* All safe fixes as a WorkspaceEdit; null when there are none. */
void action_fix_all(struct worker *w, struct job *job, struct subject *s);

#endif
