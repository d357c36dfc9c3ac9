#include "syntax/line.h"

#include "base/utf8.h"

bool physical_line(struct str bytes, uint32_t start, struct physical *line)
{
	if (start >= bytes.n)
		return false;
	size_t feed = str_find_char(bytes, '\n', start);
	line->start = start;
	line->end = feed == STR_NONE ? (uint32_t)bytes.n : (uint32_t)feed + 1;
	uint32_t end = line->end;
	while (end > start && (bytes.p[end - 1] == '\n' || bytes.p[end - 1] == '\r'))
		end--;
	line->text_end = end;
	return true;
}

bool line_is_comment(struct str line)
{
	size_t at = utf8_skip_space(line, 0, line.n);
	return at < line.n && line.p[at] == '#';
}

bool lines_hold_comment(struct str lines)
{
	struct str line;
	while (str_split(&lines, '\n', &line))
		if (line_is_comment(line))
			return true;
	return false;
}

bool line_is_blank(struct str line)
{
	return utf8_skip_space(line, 0, line.n) == line.n;
}

size_t line_continuation(struct str line, char escape)
{
	size_t end = line.n;
	while (end > 0 && (line.p[end - 1] == ' ' || line.p[end - 1] == '\t'))
		end--;
	if (end == 0 || line.p[end - 1] != escape || (end > 1 && line.p[end - 2] == escape))
		return STR_NONE;
	return end - 1;
}

/* The white space of a Go regular expression's \s. */
static bool regexp_space(char c)
{
	return c != '\v' && ascii_blank(c);
}

/* Splits "name = value" as a directive is written; an all-blank value counts as one blank. */
static bool read_directive(struct str line, struct str *name, struct str *value)
{
	size_t at = 0, start, end = line.n;
	while (at < line.n && (ascii_alpha(line.p[at]) || (at > 0 && ascii_digit(line.p[at]))))
		at++;
	*name = str_sub(line, 0, at);
	while (at < line.n && regexp_space(line.p[at]))
		at++;
	if (name->n == 0 || at == line.n || line.p[at] != '=' || ++at == line.n)
		return false;
	for (start = at; start < end - 1 && regexp_space(line.p[start]); start++)
		;
	while (end > start + 1 && regexp_space(line.p[end - 1]))
		end--;
	*value = str_sub(line, start, end);
	return true;
}

enum directive_result directives_line(struct directives *d, struct str line)
{
	static const char *const names[] = {"syntax", "escape", "check"};
	struct str name, value;

	if (d->done)
		return DIRECTIVE_NONE;
	d->done = true;
	size_t at = utf8_skip_space(line, 0, line.n);
	if (at == line.n || line.p[at] != '#')
		return DIRECTIVE_NONE;
	at = utf8_skip_space(line, at + 1, line.n);
	if (!read_directive(str_sub(line, at, line.n), &name, &value))
		return DIRECTIVE_NONE;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (!str_eq_nocase(name, str_of(names[i])))
			continue;
		d->done = false;
		if (d->seen[i])
			return DIRECTIVE_REPEATED;
		d->seen[i] = true;
		if (i != 1)
			return DIRECTIVE_OK;
		if (value.n != 1 || (value.p[0] != '\\' && value.p[0] != '`'))
			return DIRECTIVE_BAD_ESCAPE;
		d->escape = value.p[0];
		return DIRECTIVE_OK;
	}
	return DIRECTIVE_NONE;
}
