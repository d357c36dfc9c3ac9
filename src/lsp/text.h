/* The text of a document, and LSP's positions in it. */
#ifndef UNROOT_LSP_TEXT_H
#define UNROOT_LSP_TEXT_H

#include "base/arena.h"

/* What a column counts (PositionEncodingKind). */
enum encoding { ENCODING_UTF16, ENCODING_UTF8 };

/* "utf-16", "utf-8". */
const char *encoding_name(enum encoding encoding);

/* Both from 0. */
struct text_position {
	uint32_t line, column;
};

/* A text with its lines, which end with LF, CRLF or CR. */
struct lines {
	struct str text; /* not owned; UTF-8, where a byte that is none counts as one character */
	enum encoding encoding;
	const size_t *starts;
	size_t n; /* at least 1 */
};

/* Linear; `text` must outlive the lines, which live in the arena. */
struct lines lines_of(struct arena *a, struct str text, enum encoding encoding);

/* The offset of a place. A column behind the line's end means that end, a line behind the last one the text's end.
   `*split` is set when the place is inside of a character: between the halves of a surrogate pair, and then the offset
   is that of the character; NULL: it does not matter. */
size_t lines_offset(const struct lines *l, struct text_position place, bool *split);

/* The place of an offset. */
struct text_position lines_position(const struct lines *l, size_t offset);

/* The nearest offset before, or behind, that a position can name: not inside of a character or of CRLF. */
size_t text_boundary_before(struct str text, size_t offset);
size_t text_boundary_behind(struct str text, size_t offset);

/* A text that is shared by a document and the work that is done on it; it never changes. Counted by the thread that
   reads messages alone. */
struct text {
	size_t references;
	size_t n;
	char bytes[];
};

/* `parts` one after the other, with one reference; NULL when memory runs out. */
struct text *text_join(const struct str *parts, size_t n);
struct text *text_ref(struct text *text);
void text_unref(struct text *text); /* NULL is allowed */

static inline struct str text_str(const struct text *text)
{
	return (struct str){text->bytes, text->n};
}

/* `text` with a range replaced, as a client replaces it; NULL when memory runs out. A half of a surrogate pair that is
   left over becomes U+FFFD, which is as long. */
struct text *text_replace(struct arena *scratch, const struct text *text, enum encoding encoding,
			  struct text_position start, struct text_position end, struct str by);

#endif
