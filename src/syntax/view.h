/* The logical text of an instruction, as BuildKit sees it once continuations, and the comments and
 * blank lines between them, are gone; with the way back to the file's bytes. */
#ifndef UNROOT_SYNTAX_VIEW_H
#define UNROOT_SYNTAX_VIEW_H

#include "syntax/document.h"

struct view_piece {
	uint32_t at;	 /* offset in the logical text */
	uint32_t source; /* offset in the file where this piece begins */
};

struct view {
	struct str text; /* keyword first; not trimmed at its end */
	const struct view_piece *pieces;
	uint32_t n;
};

/* An instruction without continuation costs no copy. */
struct view view_of(struct arena *a, const struct document *d, const struct instruction *ins);

/* The file's offset of logical offset `at`, 0 <= at <= text.n. A place where two pieces meet is
   where the second one begins; for the end of a span use view_end(). */
uint32_t view_source(const struct view *v, size_t at);

/* The file's offset just behind the logical character before `at`. */
uint32_t view_end(const struct view *v, size_t at);

/* The part [from, to) of the text as a span of the file (which may hold continuations). */
static inline struct span view_span(const struct view *v, size_t from, size_t to)
{
	uint32_t start = view_source(v, from);
	return (struct span){start, to > from ? view_end(v, to) : start};
}

#endif
