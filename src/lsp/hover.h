/* What is known of an instruction, with what shows it. */
#ifndef UNROOT_LSP_HOVER_H
#define UNROOT_LSP_HOVER_H

#include "lsp/worker.h"

/* textDocument/hover: null where nothing is known. */
void hover_run(struct worker *w, struct job *job, struct subject *s);

/* All that is known of the document, as one text; null when it cannot be read. */
void hover_describe(struct worker *w, struct job *job, struct subject *s);

#endif
