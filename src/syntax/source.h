/* A file's bytes and the arithmetic of positions in them.
 *
 * All offsets in the project are 0-based byte offsets into these bytes (a byte order mark counts),
 * all spans are half open: [start, end). Lines and columns are 1-based, and only made for people. */
#ifndef UNROOT_SYNTAX_SOURCE_H
#define UNROOT_SYNTAX_SOURCE_H

#include "base/arena.h"

/* Larger input is refused with an error instead of being read. */
#define SOURCE_MAX_BYTES ((size_t)1 << 30)

/* BuildKit reads a Dockerfile with Go's bufio.Scanner, whose lines hold at most this many bytes
   without their line feed (bufio.MaxScanTokenSize - 1). */
#define SOURCE_MAX_LINE 65535

struct span {
	uint32_t start, end;
};

struct source {
	const char *name;	     /* for messages; never opened */
	struct str bytes;	     /* the caller's, not owned */
	uint32_t body;		     /* 3 after a byte order mark, else 0 */
	const uint32_t *line_starts; /* made by the first source_position() */
	uint32_t lines;
};

struct position {
	uint32_t line;	 /* 1-based */
	uint32_t column; /* 1-based, in bytes */
};

/* `bytes` must outlive the source and be at most SOURCE_MAX_BYTES long. */
void source_init(struct source *s, const char *name, struct str bytes);

/* Where an offset is. Offsets past the end count as the end. Logarithmic after the first call. */
struct position source_position(struct arena *a, struct source *s, uint32_t offset);

/* The text itself where it is part of the source's bytes, else a copy. */
struct str source_keep(struct arena *a, const struct source *s, struct str text);

/* The bytes of a span. */
static inline struct str source_text(const struct source *s, struct span span)
{
	return (struct str){s->bytes.p + span.start, span.end - span.start};
}

#endif
