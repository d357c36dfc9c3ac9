#define _GNU_SOURCE
#include "base/str.h"

bool str_eq_nocase(struct str a, struct str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (ascii_lower(a.p[i]) != ascii_lower(b.p[i]))
			return false;
	return true;
}

size_t str_find(struct str s, struct str needle, size_t from)
{
	if (from > s.n || needle.n > s.n - from)
		return STR_NONE;
	if (needle.n == 0)
		return from;
	/* memmem() is linear, but takes its time to begin. */
	for (int tries = 0; tries < 4; tries++) {
		from = str_find_char(s, needle.p[0], from);
		if (from == STR_NONE || needle.n > s.n - from)
			return STR_NONE;
		if (memcmp(s.p + from, needle.p, needle.n) == 0)
			return from;
		from++;
	}
	const char *hit = memmem(s.p + from, s.n - from, needle.p, needle.n);
	return hit ? (size_t)(hit - s.p) : STR_NONE;
}

size_t str_find_char(struct str s, char c, size_t from)
{
	if (from >= s.n)
		return STR_NONE;
	const char *hit = memchr(s.p + from, c, s.n - from);
	return hit ? (size_t)(hit - s.p) : STR_NONE;
}

size_t str_find_last_char(struct str s, char c)
{
	for (size_t i = s.n; i > 0; i--)
		if (s.p[i - 1] == c)
			return i - 1;
	return STR_NONE;
}

struct str str_trim(struct str s)
{
	while (s.n > 0 && ascii_blank(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && ascii_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

bool str_split(struct str *rest, char sep, struct str *field)
{
	if (!rest->p)
		return false;
	const char *end = rest->n ? memchr(rest->p, sep, rest->n) : NULL;
	*field = end ? (struct str){rest->p, (size_t)(end - rest->p)} : *rest;
	*rest = end ? (struct str){end + 1, rest->n - field->n - 1} : (struct str){NULL, 0};
	return true;
}

bool str_word(struct str *rest, struct str *word)
{
	size_t i = 0;
	while (i < rest->n && ascii_blank(rest->p[i]))
		i++;
	size_t start = i;
	while (i < rest->n && !ascii_blank(rest->p[i]))
		i++;
	*word = str_sub(*rest, start, i);
	*rest = str_sub(*rest, i, rest->n);
	return word->n > 0;
}

bool str_in_list(struct str list, struct str item)
{
	struct str field;
	while (str_split(&list, ',', &field))
		if (str_eq(field, item))
			return true;
	return false;
}

bool str_to_u32(struct str s, uint32_t *value)
{
	uint64_t v = 0;
	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (!ascii_digit(s.p[i]))
			return false;
		v = v * 10 + (uint64_t)(s.p[i] - '0');
		if (v > UINT32_MAX)
			return false;
	}
	*value = (uint32_t)v;
	return true;
}

int str_order(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n ? memcmp(a.p, b.p, n) : 0;
	return order ? order : (a.n > b.n) - (a.n < b.n);
}

uint32_t str_hash(struct str s)
{
	uint32_t h = 2166136261u;
	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 16777619u;
	return h;
}

bool str_is_account_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool first = ascii_alpha(c) || c == '_';
		if (!first && (i == 0 || !(ascii_digit(c) || c == '-' || c == '.')))
			return false;
	}
	return s.n > 0 && s.n <= 31;
}
