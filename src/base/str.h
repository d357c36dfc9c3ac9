/* Strings: a pointer and a length, never owned and never NUL-terminated by promise. */
#ifndef UNROOT_BASE_STR_H
#define UNROOT_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
	const char *p;
	size_t n;
};

/* A str from a string literal, and the printf arguments for "%.*s". */
#define STR(literal) ((struct str){(literal), sizeof(literal) - 1})
#define STR_ARG(s) (int)(s).n, (s).p

static inline struct str str_of(const char *z)
{
	return (struct str){z, z ? strlen(z) : 0};
}

static inline struct str str_sub(struct str s, size_t from, size_t to)
{
	return (struct str){from ? s.p + from : s.p, to - from};
}

static inline bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

static inline bool str_ends(struct str s, struct str suffix)
{
	return s.n >= suffix.n && (suffix.n == 0 || memcmp(s.p + s.n - suffix.n, suffix.p, suffix.n) == 0);
}

/* As strcmp: the order of their bytes, a beginning before what is longer. */
int str_order(struct str a, struct str b);

/* ASCII letters compare without case. */
bool str_eq_nocase(struct str a, struct str b);

/* Offset of the first `needle` at or after `from`, or STR_NONE. */
#define STR_NONE ((size_t)-1)
size_t str_find(struct str s, struct str needle, size_t from);
size_t str_find_char(struct str s, char c, size_t from);
size_t str_find_last_char(struct str s, char c);

/* Without leading and trailing blanks, tabs and line ends (ASCII). */
struct str str_trim(struct str s);

/* Cuts the text before the first `sep` off `*rest` and gives it; false when `*rest` is used up.
   An empty `*rest` with p != NULL still gives one empty field. */
bool str_split(struct str *rest, char sep, struct str *field);

/* Like str_split, but fields are runs of non-blank characters; empty ones are never given. */
bool str_word(struct str *rest, struct str *word);

/* Whether `item` is one of the fields of `list`, which commas separate. */
bool str_in_list(struct str list, struct str item);

/* A name for a user or a group: what useradd and BusyBox both take. */
bool str_is_account_name(struct str s);

/* Decimal digits only; false when empty, not digits, or above UINT32_MAX. */
bool str_to_u32(struct str s, uint32_t *value);

/* FNV-1a: the same everywhere and always, so that names can be made of it. */
uint32_t str_hash(struct str s);

static inline char ascii_lower(char c)
{
	return (c >= 'A' && c <= 'Z') ? (char)(c + 32) : c;
}

static inline bool ascii_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool ascii_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool ascii_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

#endif
