#include "support.h"

/* One line off `*rest`, its line feed included. */
static struct str take_line(struct str *rest)
{
	size_t feed = str_find_char(*rest, '\n', 0);
	size_t n = feed == STR_NONE ? rest->n : feed + 1;
	struct str line = str_sub(*rest, 0, n);
	*rest = str_sub(*rest, n, rest->n);
	return line;
}

static bool take_number(struct str *s, size_t *value)
{
	size_t n = 0;
	for (*value = 0; n < s->n && ascii_digit(s->p[n]); n++)
		*value = *value * 10 + (size_t)(s->p[n] - '0');
	*s = str_sub(*s, n, s->n);
	return n > 0;
}

static bool take(struct str *s, struct str literal)
{
	if (!str_starts(*s, literal))
		return false;
	*s = str_sub(*s, literal.n, s->n);
	return true;
}

/* "12,3" or "12"; gives the number of lines before the hunk and in it. */
static bool take_range(struct str *s, size_t *before, size_t *lines)
{
	*lines = 1;
	if (!take_number(s, before) || (take(s, STR(",")) && !take_number(s, lines)))
		return false;
	if (*lines && *before)
		--*before;
	return true;
}

struct hunk {
	size_t before, lines, new_before, new_lines;
};

static bool hunk_read(struct str line, struct hunk *h)
{
	return take(&line, STR("@@ -")) && take_range(&line, &h->before, &h->lines) && take(&line, STR(" +")) &&
	       take_range(&line, &h->new_before, &h->new_lines) && str_eq(line, STR(" @@\n"));
}

struct patcher {
	struct str rest, old;
	struct buf out;
	size_t at, old_line, new_line; /* in the old text, and lines so far */
};

static void copy_line(struct patcher *p)
{
	struct str rest = str_sub(p->old, p->at, p->old.n);
	struct str line = take_line(&rest);
	buf_add(&p->out, line);
	p->at += line.n;
	p->old_line++;
	p->new_line++;
}

static const char *body_line(struct patcher *p, struct hunk *h)
{
	struct str line = take_line(&p->rest);
	if (line.n == 0)
		return "the diff ends inside a hunk";
	char sign = line.p[0];
	struct str text = str_sub(line, 1, line.n);
	if (take(&p->rest, STR("\\ No newline at end of file\n")))
		text.n--;
	if (sign != ' ' && sign != '-' && sign != '+')
		return "a line without sign";
	if (sign != '+') {
		struct str old = str_sub(p->old, p->at, p->old.n);
		if (h->lines-- == 0 || !str_eq(take_line(&old), text))
			return "a context or removed line is not there";
		p->at += text.n;
		p->old_line++;
	}
	if (sign != '-') {
		if (h->new_lines-- == 0)
			return "more lines than the hunk says";
		buf_add(&p->out, text);
		p->new_line++;
	}
	return NULL;
}

static const char *patch_file(struct patcher *p)
{
	if (!str_starts(take_line(&p->rest), STR("--- ")) || !str_starts(take_line(&p->rest), STR("+++ ")))
		return "no file lines";
	while (p->rest.n > 0) {
		struct hunk h;
		if (!hunk_read(take_line(&p->rest), &h))
			return "not a hunk line";
		while (p->old_line < h.before && p->at < p->old.n)
			copy_line(p);
		if (p->old_line != h.before || p->new_line != h.new_before)
			return "a hunk at another line";
		while (h.lines > 0 || h.new_lines > 0) {
			const char *why = body_line(p, &h);
			if (why)
				return why;
		}
	}
	while (p->at < p->old.n)
		copy_line(p);
	return NULL;
}

bool patch_apply(struct arena *a, struct str diff, struct str bytes, struct str *out, const char **why)
{
	struct patcher p = {.rest = diff, .old = bytes, .out = buf_new(a)};
	*why = diff.n ? patch_file(&p) : NULL;
	*out = diff.n ? buf_str(&p.out) : bytes;
	return *why == NULL;
}

struct str with_crlf(struct arena *a, struct str text)
{
	struct buf out = buf_new(a);
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\n' && (i == 0 || text.p[i - 1] != '\r'))
			buf_char(&out, '\r');
		buf_char(&out, text.p[i]);
	}
	return buf_str(&out);
}
