/* Characters of shell text, and what stands between words. */
#include "syntax/shell_reader.h"

bool shell_fail(struct shell_reader *r, uint32_t at, const char *why)
{
	if (!r->out->unknown) {
		r->out->unknown = true;
		r->out->unknown_at = shell_offset(r, at);
		r->out->unknown_why = why;
	}
	return false;
}

bool shell_enter(struct shell_reader *r)
{
	if (r->depth == SHELL_MAX_DEPTH)
		return shell_fail(r, r->pos, "nested too deeply");
	r->depth++;
	return true;
}

int shell_peek_at(const struct shell_reader *r, uint32_t *pos)
{
	while (*pos + 1 < r->end && r->p[*pos] == '\\' && r->p[*pos + 1] == '\n')
		*pos += 2;
	return *pos < r->end ? (unsigned char)r->p[*pos] : -1;
}

int shell_peek_slowly(struct shell_reader *r)
{
	return shell_peek_at(r, &r->pos);
}

int shell_peek2(struct shell_reader *r)
{
	uint32_t pos = r->pos;
	if (shell_peek_at(r, &pos) < 0)
		return -1;
	pos++;
	return shell_peek_at(r, &pos);
}

void shell_take(struct shell_reader *r, unsigned n)
{
	while (n-- > 0) {
		shell_peek(r);
		r->pos++;
	}
	r->last_end = shell_offset(r, r->pos);
}

void shell_blanks(struct shell_reader *r)
{
	int c;
	while ((c = shell_peek(r)) == ' ' || c == '\t')
		r->pos++;
	if (c != '#')
		return;
	const char *newline = memchr(r->p + r->pos, '\n', r->end - r->pos);
	r->pos = newline ? (uint32_t)(newline - r->p) : r->end;
}

bool shell_newlines(struct shell_reader *r)
{
	shell_blanks(r);
	while (shell_peek(r) == '\n') {
		if (!shell_newline(r))
			return false;
		shell_blanks(r);
	}
	return true;
}

bool shell_is_break(int c)
{
	return c < 0 || c == ' ' || c == '\t' || c == '\n' || c == ';' || c == '&' || c == '|' || c == '(' ||
	       c == ')' || c == '<' || c == '>';
}

bool shell_is_name_char(int c)
{
	return c == '_' || (c > 0 && c < 128 && (ascii_alpha((char)c) || ascii_digit((char)c)));
}

bool shell_is_name(struct str s)
{
	if (s.n == 0 || ascii_digit(s.p[0]))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!shell_is_name_char((unsigned char)s.p[i]))
			return false;
	return true;
}
