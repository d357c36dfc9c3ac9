#include "project/glob.h"

#include <ctype.h>

static bool in_class(struct str name, unsigned char c)
{
	static const struct {
		const char *name;
		int (*is)(int);
	} classes[] = {{"alnum", isalnum}, {"alpha", isalpha}, {"blank", isblank}, {"cntrl", iscntrl},
		       {"digit", isdigit}, {"graph", isgraph}, {"lower", islower}, {"print", isprint},
		       {"punct", ispunct}, {"space", isspace}, {"upper", isupper}, {"xdigit", isxdigit}};
	for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
		if (str_eq(name, str_of(classes[i].name)))
			return classes[i].is(c) != 0;
	return false;
}

/* Reads the set that begins at `*at` (behind its bracket) and says whether `c` is in it. An unterminated set matches
   nothing. */
static bool match_set(struct str p, size_t *at, unsigned char c)
{
	size_t i = *at;
	bool negated = i < p.n && (p.p[i] == '!' || p.p[i] == '^');
	bool found = false;
	i += negated;
	for (bool first = true; i < p.n && (first || p.p[i] != ']'); first = false) {
		size_t close;
		if (p.p[i] == '[' && i + 1 < p.n && p.p[i + 1] == ':' &&
		    (close = str_find(p, STR(":]"), i + 2)) != STR_NONE) {
			found |= in_class(str_sub(p, i + 2, close), c);
			i = close + 2;
			continue;
		}
		if (p.p[i] == '\\' && i + 1 < p.n)
			i++;
		unsigned char low = (unsigned char)p.p[i++], high = low;
		if (i + 1 < p.n && p.p[i] == '-' && p.p[i + 1] != ']') {
			i++;
			if (p.p[i] == '\\' && i + 1 < p.n)
				i++;
			high = (unsigned char)p.p[i++];
		}
		found |= c >= low && c <= high;
	}
	*at = i + 1;
	return i < p.n && found != negated;
}

/* One pattern character, not a star, against `c`. */
static bool match_one(struct str p, size_t *at, char c)
{
	char want = p.p[(*at)++];
	if (want == '?')
		return true;
	if (want == '[')
		return match_set(p, at, (unsigned char)c);
	if (want == '\\' && *at < p.n)
		want = p.p[(*at)++];
	return want == c;
}

/* Only the last star has to be tried again: what an earlier one took is the least that it could. */
bool glob_match(struct str p, struct str text)
{
	size_t i = 0, t = 0, star = STR_NONE, resume = 0;
	while (t < text.n || i < p.n) {
		if (i < p.n && p.p[i] == '*') {
			star = ++i;
			resume = t;
			continue;
		}
		if (i < p.n && t < text.n && match_one(p, &i, text.p[t])) {
			t++;
			continue;
		}
		if (star == STR_NONE || resume >= text.n)
			return false;
		i = star;
		t = ++resume;
	}
	return true;
}

/* The component that begins at `at`, and where the next one does. */
static struct str component(struct str path, size_t at, size_t *next)
{
	size_t slash = str_find_char(path, '/', at);
	size_t end = slash == STR_NONE ? path.n : slash;
	*next = slash == STR_NONE ? path.n + 1 : slash + 1;
	return str_sub(path, at, end);
}

/* As glob_match(), with components for characters and ** for the star. */
bool glob_match_path(struct str p, struct str path)
{
	size_t i = 0, t = 0, star = STR_NONE, resume = 0, after_i, after_t;
	while (t <= path.n || i <= p.n) {
		struct str want = {0};
		if (i <= p.n)
			want = component(p, i, &after_i);
		if (i <= p.n && str_eq(want, STR("**"))) {
			i = star = after_i;
			resume = t;
			/* A trailing one stands for what lies below, not for the directory itself. */
			if (i > p.n)
				return t <= path.n;
			continue;
		}
		if (i <= p.n && t <= path.n && glob_match(want, component(path, t, &after_t))) {
			i = after_i;
			t = after_t;
			continue;
		}
		if (star == STR_NONE || resume > path.n)
			return false;
		component(path, resume, &resume);
		i = star;
		t = resume;
	}
	return true;
}
