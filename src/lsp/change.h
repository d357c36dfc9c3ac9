/* Edits as LSP has them. */
#ifndef UNROOT_LSP_CHANGE_H
#define UNROOT_LSP_CHANGE_H

#include "lsp/worker.h"

/* A Range. */
json_t *range_json(const struct lines *lines, size_t start, size_t end);

/* The edits of a file as TextEdit[], as small as positions can name them. `lines` are those of its text as it was. NULL
   when a text is not UTF-8, or memory runs out. */
json_t *text_edits(struct arena *a, const struct lines *lines, const unroot_edit *edits, size_t n);

/* One edit of the job's document as a WorkspaceEdit. */
json_t *workspace_edit_one(const struct job *job, const struct subject *s, size_t at, struct str text);

/* All files of an analysis as a WorkspaceEdit, or NULL as above. */
json_t *workspace_edit(struct worker *w, const struct job *job, struct subject *s, const struct analysis *analysis);

/* The URI of a file that the engine knows as `path`. */
struct str changed_uri(struct worker *w, const struct job *job, struct subject *s, const char *path);

#endif
