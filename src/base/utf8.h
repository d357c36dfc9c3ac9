/* UTF-8 as Go reads it: a byte that is not part of a valid sequence counts as U+FFFD of width 1. */
#ifndef UNROOT_BASE_UTF8_H
#define UNROOT_BASE_UTF8_H

#include "base/arena.h"

#define UTF8_BAD 0xFFFDu

/* The code point at `at` < s.n, and its width in bytes. A bad byte gives UTF8_BAD and width 1;
   a U+FFFD that is really there has width 3. */
uint32_t utf8_decode(struct str s, size_t at, size_t *width);

/* The last code point of s[from, to), from < to. */
uint32_t utf8_decode_last(struct str s, size_t from, size_t to, size_t *width);

/* Go's unicode.IsSpace. */
bool unicode_space(uint32_t code_point);

/* Go's unicode.IsSpace of a single byte, read as Latin-1. */
static inline bool latin1_space(char c)
{
	return ascii_blank(c) || c == (char)0x85 || c == (char)0xA0;
}

/* Neither white space nor part of a longer sequence: most texts begin and end with such a byte. */
static inline bool ascii_graphic(char c)
{
	return c > ' ' && c < 0x7F;
}

size_t utf8_skip_space_slowly(struct str s, size_t from, size_t to);
size_t utf8_trim_end_slowly(struct str s, size_t from, size_t to);

/* The first offset in [from, to) that begins no white space, or `to`. */
static inline size_t utf8_skip_space(struct str s, size_t from, size_t to)
{
	return from < to && ascii_graphic(s.p[from]) ? from : utf8_skip_space_slowly(s, from, to);
}

/* The end of s[from, to) without trailing white space. */
static inline size_t utf8_trim_end(struct str s, size_t from, size_t to)
{
	return from < to && ascii_graphic(s.p[to - 1]) ? to : utf8_trim_end_slowly(s, from, to);
}

/* The text with every bad byte replaced by U+FFFD; the text itself where there is none. */
struct str utf8_repair(struct arena *a, struct str s);

#endif
