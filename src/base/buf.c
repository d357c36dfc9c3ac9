#include "base/buf.h"

#include <stdio.h>

static void reserve(struct buf *b, size_t more)
{
	size_t want = b->cap ? b->cap : 64;
	if (b->cap - b->n >= more)
		return;
	while (want - b->n < more)
		want *= 2;
	b->p = arena_resize(b->arena, b->p, b->cap, want);
	b->cap = want;
}

void buf_add(struct buf *b, struct str s)
{
	if (s.n == 0)
		return;
	reserve(b, s.n);
	memcpy(b->p + b->n, s.p, s.n);
	b->n += s.n;
}

void buf_char(struct buf *b, char c)
{
	reserve(b, 1);
	b->p[b->n++] = c;
}

void buf_printf(struct buf *b, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	buf_add(b, arena_vprintf(b->arena, format, args));
	va_end(args);
}

void buf_utf8(struct buf *b, uint32_t c)
{
	if (c < 0x80) {
		buf_char(b, (char)c);
	} else if (c < 0x800) {
		buf_char(b, (char)(0xC0 | (c >> 6)));
		buf_char(b, (char)(0x80 | (c & 0x3F)));
	} else if (c < 0x10000) {
		buf_char(b, (char)(0xE0 | (c >> 12)));
		buf_char(b, (char)(0x80 | ((c >> 6) & 0x3F)));
		buf_char(b, (char)(0x80 | (c & 0x3F)));
	} else {
		buf_char(b, (char)(0xF0 | (c >> 18)));
		buf_char(b, (char)(0x80 | ((c >> 12) & 0x3F)));
		buf_char(b, (char)(0x80 | ((c >> 6) & 0x3F)));
		buf_char(b, (char)(0x80 | (c & 0x3F)));
	}
}
