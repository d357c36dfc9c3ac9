/* Unified diffs made from edits (no search for a longest common subsequence is needed). */
#ifndef UNROOT_FIX_DIFF_H
#define UNROOT_FIX_DIFF_H

#include "base/buf.h"
#include "fix/edit.h"

/* One line of a diff, for callers that colour or rearrange it. */
enum diff_line { DIFF_FILE, DIFF_HUNK, DIFF_CONTEXT, DIFF_REMOVED, DIFF_ADDED, DIFF_NO_NEWLINE };

/* Calls `each` for every line of the unified diff of `bytes` under the sorted, conflict-free edits (all
   of one file): "--- a/path", "+++ b/path", hunks with three lines of context, "\ No newline at end of
   file". `text` has no line feed (a carriage return before it stays), and of the context, removed and added
   lines not the sign. It is valid during the call. Paths with special characters are quoted as git quotes them.
   A line that an edit leaves as it was is context, never removed and added. Nothing is called when nothing changes. */
void diff_each(struct arena *a, struct str path, struct str bytes, const struct edits *edits,
	       void (*each)(void *ctx, enum diff_line kind, struct str text), void *ctx);

/* The same as one text. */
void diff_text(struct buf *out, struct str path, struct str bytes, const struct edits *edits);

#endif
