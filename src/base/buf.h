/* A text that grows, in an arena. */
#ifndef UNROOT_BASE_BUF_H
#define UNROOT_BASE_BUF_H

#include "base/arena.h"

struct buf {
	struct arena *arena;
	char *p;
	size_t n, cap;
};

static inline struct buf buf_new(struct arena *a)
{
	return (struct buf){.arena = a};
}

void buf_add(struct buf *b, struct str s);
void buf_char(struct buf *b, char c);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* One code point as UTF-8. */
void buf_utf8(struct buf *b, uint32_t code_point);

static inline struct str buf_str(const struct buf *b)
{
	return (struct str){b->p ? b->p : "", b->n};
}

#endif
