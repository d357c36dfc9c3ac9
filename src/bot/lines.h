/* From bytes to whole lines, which are all that a review knows. */
#ifndef UNROOT_BOT_LINES_H
#define UNROOT_BOT_LINES_H

#include "bot/forge.h"
#include "unroot/unroot.h"

/* Lines of a file, and the text that takes their place. */
struct lines_change {
	uint32_t first, last; /* from 1 */
	struct str text;      /* without the last line end; empty: the lines go */
};

struct lines_changes {
	struct lines_change *at;
	size_t n, cap;
};

/* The lines that edits of a file touch; the edits are sorted and do not overlap. */
void lines_of_edits(struct arena *a, struct str original, const unroot_edit *edits, size_t n,
		    struct lines_changes *out);

/* The lines of the new file that the hunks of a patch show. */
void lines_of_patch(struct arena *a, struct str path, struct str patch, struct forge_ranges *out);

#endif
