#include "model/pattern.h"

#include "base/utf8.h"

/* Values above Unicode's last code point stand for the wildcards. */
enum { ANY = 0x110000, STAR = 0x110001 };

struct pattern {
	uint32_t *at;
	size_t n;
	bool wild;
};

/* A value as characters, each with the byte it begins at; start[n] is the value's length. */
struct characters {
	uint32_t *at;
	uint32_t *start;
	size_t n;
};

/* The character at `*i`, moving on. */
static uint32_t next_character(struct str s, size_t *i)
{
	size_t width;
	uint32_t c = utf8_decode(s, *i, &width);

	*i += width;
	return c;
}

static struct characters characters_of(struct arena *a, struct str s)
{
	struct characters c = {ARENA_ARRAY(a, uint32_t, s.n), ARENA_ARRAY(a, uint32_t, s.n + 1), 0};
	size_t i = 0;

	while (i < s.n) {
		c.start[c.n] = (uint32_t)i;
		c.at[c.n++] = next_character(s, &i);
	}
	c.start[c.n] = (uint32_t)s.n;
	return c;
}

const struct pattern *pattern_read(struct arena *a, struct str text)
{
	struct pattern *p = ARENA_NEW(a, struct pattern);
	size_t i = 0;

	p->at = ARENA_ARRAY(a, uint32_t, text.n);
	while (i < text.n) {
		uint32_t c = next_character(text, &i);
		if (c == '\\') {
			if (i == text.n || !memchr("*?\\}/", text.p[i], 5))
				return NULL;
			c = next_character(text, &i);
		} else if (c == '*' || c == '?') {
			c = c == '*' ? STAR : ANY;
			p->wild = true;
		}
		p->at[p->n++] = c;
	}
	return p;
}

size_t pattern_cost(const struct pattern *p, size_t n)
{
	return (n + 1) * (p->n + 16);
}

bool pattern_unsure(const struct pattern *p, struct str value)
{
	return p->wild && str_find_char(value, '\n', 0) != STR_NONE;
}

static size_t next_star(const struct pattern *p, size_t from)
{
	while (from < p->n && p->at[from] != STAR)
		from++;
	return from;
}

/* Whether the pattern's elements [from, to), none of them a star, match at `at`. */
static bool fits(const struct pattern *p, size_t from, size_t to, const struct characters *v, size_t at)
{
	if (to - from > v->n - at)
		return false;
	for (size_t i = from; i < to; i++)
		if (p->at[i] != ANY && p->at[i] != v->at[at + (i - from)])
			return false;
	return true;
}

/* Where the elements [from, to) match at or after `at`, first or last; SIZE_MAX for nowhere. */
static size_t place(const struct pattern *p, size_t from, size_t to, const struct characters *v, size_t at, bool last)
{
	if (to - from > v->n - at)
		return SIZE_MAX;
	size_t end = v->n - (to - from);
	for (size_t k = 0; k <= end - at; k++) {
		size_t i = last ? end - k : at + k;
		if (fits(p, from, to, v, i))
			return i;
	}
	return SIZE_MAX;
}

/* The end of the match that begins at `start`, or SIZE_MAX. What stands between two stars is put as far to the left
   as it goes: whenever there is a match, there is one of that shape. Only the last part decides the length. */
static size_t match_end(const struct pattern *p, const struct characters *v, size_t start, bool longest)
{
	size_t star = next_star(p, 0);

	if (!fits(p, 0, star, v, start))
		return SIZE_MAX;
	size_t at = start + star;
	while (star < p->n) {
		size_t next = next_star(p, star + 1);
		size_t length = next - (star + 1);
		at = place(p, star + 1, next, v, at, longest && next == p->n);
		if (at == SIZE_MAX)
			return SIZE_MAX;
		at += length;
		star = next;
	}
	return at;
}

struct str pattern_cut_prefix(struct arena *a, const struct pattern *p, struct str value, bool longest)
{
	struct characters v = characters_of(a, value);
	size_t end = match_end(p, &v, 0, longest);

	return end == SIZE_MAX ? value : str_sub(value, v.start[end], value.n);
}

static void reverse(uint32_t *at, size_t n)
{
	for (size_t i = 0; i < n / 2; i++) {
		uint32_t c = at[i];
		at[i] = at[n - 1 - i];
		at[n - 1 - i] = c;
	}
}

struct str pattern_cut_suffix(struct arena *a, const struct pattern *p, struct str value, bool longest)
{
	struct characters v = characters_of(a, value);
	struct pattern back = {ARENA_ARRAY(a, uint32_t, p->n), p->n, p->wild};

	for (size_t i = 0; i < p->n; i++)
		back.at[i] = p->at[i];
	reverse(back.at, back.n);
	reverse(v.at, v.n);
	size_t end = match_end(&back, &v, 0, longest);
	return end == SIZE_MAX ? value : str_sub(value, 0, v.start[v.n - end]);
}

/* The leftmost match at or after `from`. Where the first part fits and the rest finds no place behind it, no later
   start can match either. */
static bool find(const struct pattern *p, const struct characters *v, size_t from, size_t *start, size_t *end)
{
	*start = place(p, 0, next_star(p, 0), v, from, false);
	if (*start == SIZE_MAX)
		return false;
	*end = match_end(p, v, *start, true);
	return *end != SIZE_MAX;
}

size_t pattern_replace(struct arena *scratch, const struct pattern *p, struct str value, struct str replacement,
		       bool all, struct buf *out)
{
	struct characters v = characters_of(scratch, value);
	size_t done = 0, from = 0, count = 0, start, end;

	while (from <= v.n && (all || count == 0) && find(p, &v, from, &start, &end)) {
		buf_add(out, str_sub(value, v.start[done], v.start[start]));
		if (end > done || start == 0) { /* an empty match right behind another one does not count */
			buf_add(out, replacement);
			count++;
		}
		done = end;
		from = end > from ? end : from + 1;
	}
	buf_add(out, str_sub(value, v.start[done], value.n));
	return count;
}
