#include "lsp/frame.h"

#include <stdlib.h>

enum { LONGEST_LINE = 4096, SMALLEST = 1 << 16, KEPT = 1 << 20 };

void frames_free(struct frames *f)
{
	free(f->p);
	*f = (struct frames){0};
}

char *frames_room(struct frames *f, size_t *room)
{
	if (f->from > 0) {
		memmove(f->p, f->p + f->from, f->n - f->from);
		f->n -= f->from;
		f->from = 0;
	}
	if (f->cap > KEPT && f->n < SMALLEST / 2) { /* a large message is gone */
		char *smaller = realloc(f->p, SMALLEST);
		if (smaller) {
			f->p = smaller;
			f->cap = SMALLEST;
		}
	}
	if (f->n == f->cap) {
		size_t cap = f->cap ? f->cap * 2 : SMALLEST;
		char *larger = realloc(f->p, cap);
		if (!larger)
			return NULL;
		f->p = larger;
		f->cap = cap;
	}
	*room = f->cap - f->n;
	return f->p + f->n;
}

void frames_add(struct frames *f, size_t n)
{
	f->n += n;
}

/* The length that a header line gives. What stands before it in the line belongs to something that was not understood.
 */
static bool read_length(struct str line, size_t *length)
{
	static const struct str name = {"content-length:", 15};
	size_t at = line.n;
	while (at >= name.n && !str_eq_nocase(str_sub(line, at - name.n, at), name))
		at--;
	if (at < name.n)
		return false;
	struct str digits = str_trim(str_sub(line, at, line.n));
	*length = 0;
	for (size_t i = 0; i < digits.n; i++) {
		if (!ascii_digit(digits.p[i]))
			return false;
		*length = *length < SIZE_MAX / 16 ? *length * 10 + (size_t)(digits.p[i] - '0') : SIZE_MAX;
	}
	return digits.n > 0;
}

/* Reads header lines. True when a whole header with a length was read. */
static bool read_header(struct frames *f)
{
	while (f->from < f->n) {
		struct str rest = {f->p + f->from, f->n - f->from};
		size_t end = str_find_char(rest, '\n', 0), length;
		if (end == STR_NONE) {
			if (rest.n > LONGEST_LINE) /* no header line, but one may stand at its end */
				f->from = f->n - LONGEST_LINE;
			return false;
		}
		struct str line = str_sub(rest, 0, end);
		f->from += end + 1;
		if (read_length(line, &length)) {
			f->length = length;
			f->has_length = true;
		} else if (str_trim(line).n == 0 && f->has_length) {
			return true;
		}
	}
	return false;
}

static void pass_over(struct frames *f)
{
	size_t there = f->n - f->from, n = there < f->skip ? there : f->skip;
	f->from += n;
	f->skip -= n;
}

enum frame_status frames_next(struct frames *f, char **body, size_t *n)
{
	pass_over(f);
	if (f->skip > 0)
		return FRAME_NONE;
	if (!f->in_body && !read_header(f))
		return FRAME_NONE;
	f->in_body = true;
	if (f->length <= FRAME_LARGEST && f->n - f->from < f->length)
		return FRAME_NONE;
	f->in_body = f->has_length = false;
	if (f->length > FRAME_LARGEST) {
		f->skip = f->length;
		pass_over(f);
		return FRAME_TOO_LARGE;
	}
	*body = f->p + f->from;
	*n = f->length;
	f->from += f->length;
	return FRAME_BODY;
}
