/* Edits: byte ranges of a file and the text that takes their place. */
#ifndef UNROOT_FIX_EDIT_H
#define UNROOT_FIX_EDIT_H

#include "base/arena.h"
#include "syntax/source.h"

struct edit {
	uint32_t file; /* index in the workspace; 0 is the Dockerfile */
	uint32_t start, end;
	uint8_t rank; /* among insertions at one offset: 0 first; USER comes last, below what root does there */
	struct str text;
};

struct edits {
	struct edit *at;
	size_t n, cap;
};

/* Sorted in place by file, then start, then end, then rank, then the order in which they were added (stable). */
void edits_sort(struct arena *scratch, struct edits *e);

/* Whether two edits of one file touch the same bytes. Two insertions at one offset do not conflict
   (they go in one after the other); an insertion at the edge of a replacement does not either. */
bool edit_conflicts(const struct edit *a, const struct edit *b);

/* Applies the edits of file `file` (sorted, without conflicts) to `bytes`. */
struct str edits_apply(struct arena *a, const struct edits *e, uint32_t file, struct str bytes);

/* `first` turns text A into B, `second` turns B into C (both of one file, sorted): gives the sorted
   edits that turn A into C. Neighbouring edits are joined where they touch. Linear. */
struct edits edits_compose(struct arena *a, const struct edits *first, const struct edits *second);

/* Cuts off what an edit's text shares with the bytes it replaces, at both ends. */
struct edits edits_trim(struct arena *a, const struct edits *e, struct str bytes);

#endif
