/* Findings as diagnostics. */
#ifndef UNROOT_LSP_DIAGNOSTIC_H
#define UNROOT_LSP_DIAGNOSTIC_H

#include "lsp/group.h"

/* textDocument/diagnostic: a report, or that nothing has changed since the last one. */
void diagnostics_pull(struct worker *w, struct job *job, struct subject *s);

/* The Diagnostic[] to be published. */
void diagnostics_list(struct worker *w, struct job *job, struct subject *s);

/* One finding as a Diagnostic. */
json_t *diagnostic_json(struct worker *w, const struct job *job, const struct subject *s,
			const struct analysis *analysis, const struct groups *groups, size_t finding);

#endif
