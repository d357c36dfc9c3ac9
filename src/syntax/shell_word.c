/* Words, quotes and expansions of shell text. */
#include "base/buf.h"
#include "syntax/shell_reader.h"

/* The value of a word: a slice of the text as long as nothing was taken away, then a copy. */
struct value {
	struct buf copy;
	uint32_t from, to;
	bool copied;
};

/* A word while it is read; the parts of an expansion are read without one (NULL). */
struct draft {
	struct value value;
	struct shell_word *word;
	bool opaque;	  /* its value differs from shell to shell */
	bool bracket;	  /* an unquoted [ was seen */
	uint8_t brace;	  /* 1 after {, 2 after a comma or two dots behind it */
	bool equals;	  /* the first unquoted = was seen */
	bool subscript;	  /* NAME[…] was seen */
	bool assigns;	  /* NAME= was seen */
	bool value_start; /* a ~ here would be replaced */
	char last;	  /* the unquoted character before, or 0 */
};

static void value_range(struct shell_reader *r, struct draft *d, uint32_t from, uint32_t to)
{
	if (!d || from == to)
		return;
	struct value *v = &d->value;
	if (!v->copied && v->from == v->to) {
		v->from = from;
		v->to = to;
	} else if (!v->copied && v->to == from) {
		v->to = to;
	} else {
		if (!v->copied)
			buf_add(&v->copy, (struct str){r->p + v->from, v->to - v->from});
		v->copied = true;
		buf_add(&v->copy, (struct str){r->p + from, to - from});
	}
}

static void value_code(struct shell_reader *r, struct draft *d, uint32_t code, bool byte)
{
	if (!d)
		return;
	struct value *v = &d->value;
	if (!v->copied)
		buf_add(&v->copy, (struct str){r->p + v->from, v->to - v->from});
	v->copied = true;
	if (byte)
		buf_char(&v->copy, (char)(unsigned char)code);
	else
		buf_utf8(&v->copy, code);
}

static struct str value_text(const struct shell_reader *r, const struct value *v)
{
	return v->copied ? buf_str(&v->copy) : (struct str){r->p + v->from, v->to - v->from};
}

static bool read_expansion(struct shell_reader *r, struct draft *d, bool in_quotes);
static bool read_backquotes(struct shell_reader *r, struct draft *d, bool in_quotes);

/* At a single quote. */
static bool read_single(struct shell_reader *r, struct draft *d)
{
	uint32_t start = r->pos + 1;
	const char *close = memchr(r->p + start, '\'', r->end - start);
	if (!close)
		return shell_fail(r, r->pos, "a single quote is not closed");
	value_range(r, d, start, (uint32_t)(close - r->p));
	r->pos = (uint32_t)(close - r->p) + 1;
	return true;
}

/* At a double quote. */
static bool read_double(struct shell_reader *r, struct draft *d)
{
	uint32_t open = r->pos++;
	uint32_t run = r->pos; /* what was not yet given to the value */
	if (!shell_enter(r))
		return false;
	while (r->pos < r->end) {
		char c = r->p[r->pos];
		if (c != '"' && c != '\\' && c != '$' && c != '`') {
			r->pos++;
			continue;
		}
		value_range(r, d, run, r->pos);
		if (c == '"') {
			r->pos++;
			r->depth--;
			return true;
		}
		run = r->pos;
		if (c == '\\') {
			char next = r->pos + 1 < r->end ? r->p[r->pos + 1] : 0;
			r->pos += r->pos + 1 < r->end ? 2 : 1;
			if (next == '\n')
				run = r->pos;
			else if (next == '$' || next == '`' || next == '"' || next == '\\')
				run++;
			continue;
		}
		if (!(c == '$' ? read_expansion(r, d, true) : read_backquotes(r, d, true)))
			return false;
		run = r->pos;
	}
	return shell_fail(r, open, "a double quote is not closed");
}

static int digit_value(char c)
{
	if (ascii_digit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

/* Up to `most` digits of that base at the current place. */
static bool read_number(struct shell_reader *r, int base, int most, uint32_t *value)
{
	uint32_t start = r->pos;
	*value = 0;
	while (r->pos < r->end && most-- > 0 && digit_value(r->p[r->pos]) < base)
		*value = *value * (uint32_t)base + (uint32_t)digit_value(r->p[r->pos++]);
	return r->pos > start;
}

/* Behind the backslash of an escape in $'…'. */
static void read_ansi_escape(struct shell_reader *r, struct draft *d)
{
	static const char letters[] = "abeEfnrtv\\'\"?";
	static const char values[] = "\a\b\033\033\f\n\r\t\v\\'\"?";
	char c = r->p[r->pos++];
	const char *letter = c ? strchr(letters, c) : NULL;
	uint32_t code;
	if (letter) {
		value_code(r, d, (unsigned char)values[letter - letters], true);
	} else if (ascii_digit(c) && c < '8') {
		r->pos--;
		read_number(r, 8, 3, &code);
		value_code(r, d, code & 0xff, true);
	} else if (c == 'x' && read_number(r, 16, 2, &code)) {
		value_code(r, d, code, true);
	} else if ((c == 'u' || c == 'U') && read_number(r, 16, c == 'u' ? 4 : 8, &code)) {
		value_code(r, d, code, false);
	} else if (c == 'c' && r->pos < r->end && r->p[r->pos] != '\'') {
		value_code(r, d, (unsigned char)r->p[r->pos++] & 0x1f, true);
	} else {
		value_range(r, d, r->pos - 2, r->pos);
	}
}

/* At the single quote of $'…'. */
static bool read_ansi(struct shell_reader *r, struct draft *d)
{
	uint32_t open = r->pos++;
	while (r->pos < r->end) {
		char c = r->p[r->pos++];
		if (c == '\'')
			return true;
		if (c != '\\')
			value_range(r, d, r->pos - 1, r->pos);
		else if (r->pos < r->end)
			read_ansi_escape(r, d);
	}
	return shell_fail(r, open, "a $' quote is not closed");
}

/* A single quote within "${…}": shells agree only where it makes no difference. */
static bool skip_doubtful_quote(struct shell_reader *r)
{
	for (uint32_t i = r->pos + 1; i < r->end && !strchr("}\"$`\\", r->p[i]); i++)
		if (r->p[i] == '\'') {
			r->pos = i + 1;
			return true;
		}
	return shell_fail(r, r->pos, "a single quote in a quoted ${…}");
}

/* Behind an opening character: skips to behind its partner. With `open` 0 they do not nest. */
static bool skip_matched(struct shell_reader *r, char open, char close, bool in_quotes)
{
	uint32_t start = r->pos;
	uint32_t count = 1;
	bool ok = shell_enter(r);
	while (ok && r->pos < r->end) {
		char c = r->p[r->pos];
		if (c == close && --count == 0) {
			r->pos++;
			r->depth--;
			return true;
		}
		if (c == '\\')
			r->pos += r->pos + 1 < r->end ? 2 : 1;
		else if (c == '\'')
			ok = in_quotes ? skip_doubtful_quote(r) : read_single(r, NULL);
		else if (c == '"')
			ok = read_double(r, NULL);
		else if (c == '$')
			ok = read_expansion(r, NULL, in_quotes);
		else if (c == '`')
			ok = read_backquotes(r, NULL, in_quotes);
		else {
			count += open && c == open;
			r->pos++;
		}
	}
	return shell_fail(r, start, "a bracket or brace is not closed");
}

bool shell_try_arithmetic(struct shell_reader *r, bool *is)
{
	struct shell_reader before = *r;
	size_t commands = r->out->n;
	shell_take(r, 2);
	bool matched = skip_matched(r, '(', ')', false);
	*is = matched && shell_peek(r) == ')';
	if (*is) {
		shell_take(r, 1);
		return true;
	}
	/* The stacks may have moved; what lay on them is still there. */
	r->words.n = before.words.n;
	before.words = r->words;
	r->assignments.n = before.assignments.n;
	before.assignments = r->assignments;
	r->redirects.n = before.redirects.n;
	before.redirects = r->redirects;
	r->pending.n = before.pending.n;
	before.pending = r->pending;
	before.rework = r->rework + (matched ? r->pos : before.end) - before.pos;
	*r = before;
	r->out->n = commands;
	r->out->unknown = false;
	if (r->rework > r->rework_max)
		return shell_fail(r, r->pos, "too many (( that may or may not be arithmetic");
	return true;
}

/* Commands up to `close` (-1: the end), as a substitution. */
static bool read_commands(struct shell_reader *r, int close, uint32_t where)
{
	uint32_t open = r->pos - 1;
	uint32_t old_where = r->where, old_list = r->list;
	size_t old_base = r->pending_base;
	if (!shell_enter(r))
		return false;
	r->where = (r->where & ~(uint32_t)(SHELL_PIPE_IN | SHELL_PIPE_OUT)) + SHELL_LEVEL_SUBSTITUTION;
	r->where |= SHELL_SUBSHELL | SHELL_SUBSTITUTION | where;
	r->pending_base = r->pending.n;
	if (!shell_read_list(r, true))
		return false;
	if (shell_peek(r) != close)
		return shell_fail(r, close >= 0 && r->pos == r->end ? open : r->pos,
				  r->pos == r->end ? "$( is not closed" : "unexpected in a command substitution");
	if (r->pending.n > r->pending_base)
		return shell_fail(r, r->pos, "a here-document without text in a command substitution");
	if (close >= 0)
		r->pos++;
	r->where = old_where;
	r->list = old_list;
	r->pending_base = old_base;
	r->depth--;
	return true;
}

/* The text of a backquote without its escapes becomes the reader's text. */
static void unescape(struct shell_reader *r, uint32_t from, uint32_t to, bool in_quotes)
{
	char *p = arena_alloc(r->arena, to - from + 1);
	uint32_t *map = ARENA_ARRAY(r->arena, uint32_t, to - from + 1);
	uint32_t n = 0;
	map[0] = shell_offset(r, from);
	for (uint32_t i = from; i < to; i++) {
		if (r->p[i] == '\\' && i + 1 < to) {
			char next = r->p[i + 1];
			if (next == '$' || next == '`' || next == '\\' || (in_quotes && next == '"')) {
				i++;
			} else { /* both stay, and the second cannot begin an escape */
				p[n++] = '\\';
				map[n] = shell_offset(r, ++i);
			}
		}
		p[n++] = r->p[i];
		map[n] = shell_offset(r, i + 1);
	}
	r->p = p;
	r->map = map;
	r->pos = 0;
	r->end = n;
}

/* At a backquote. */
static bool read_backquotes(struct shell_reader *r, struct draft *d, bool in_quotes)
{
	uint32_t start = r->pos, close = start + 1;
	bool escapes = false;
	const char *p = r->p;
	const uint32_t *map = r->map;
	uint32_t end = r->end;
	for (; close < end && p[close] != '`'; close++)
		if (p[close] == '\\' && close + 1 < end) {
			close++;
			escapes |= p[close] != '\n';
		}
	if (close >= end)
		return shell_fail(r, start, "a backquote is not closed");
	if (escapes) {
		unescape(r, start + 1, close, in_quotes);
	} else {
		r->pos = start + 1;
		r->end = close;
	}
	if (!read_commands(r, -1, 0))
		return false;
	r->p = p;
	r->map = map;
	r->end = end;
	r->pos = close + 1;
	value_range(r, d, start, r->pos);
	if (d)
		d->word->expands = true;
	return true;
}

/* Behind ${: its operator is # or %, so that quotes in its pattern count even within double quotes. */
static bool has_pattern(const struct shell_reader *r)
{
	uint32_t pos = r->pos;
	while (shell_is_name_char(shell_peek_at(r, &pos)))
		pos++;
	int c = shell_peek_at(r, &pos);
	return pos > r->pos && (c == '#' || c == '%');
}

/* What stands behind a dollar sign; false without failure in `*is` when it is only that. */
static bool skip_expansion(struct shell_reader *r, bool in_quotes, bool *is)
{
	int c = shell_peek(r);
	*is = true;
	if (c == '(') {
		if (shell_peek2(r) == '(') {
			bool arithmetic;
			if (!shell_try_arithmetic(r, &arithmetic))
				return false;
			if (arithmetic)
				return true;
		}
		shell_take(r, 1);
		return read_commands(r, ')', 0);
	}
	if (c == '{') {
		r->pos++;
		c = shell_peek(r);
		if (c == ' ' || c == '\t' || c == '\n' || c == '|' || c == '}')
			return shell_fail(r, r->pos, "no name behind ${");
		return skip_matched(r, 0, '}', in_quotes && !has_pattern(r));
	}
	if (c == '[') {
		r->pos++;
		return skip_matched(r, '[', ']', in_quotes);
	}
	if (c > 0 && strchr("@*#?-$!", c)) {
		r->pos++;
	} else if (shell_is_name_char(c)) {
		r->pos++;
		while (!ascii_digit((char)c) && shell_is_name_char(shell_peek(r)))
			r->pos++;
	} else {
		*is = false;
	}
	return true;
}

/* At a dollar sign. */
static bool read_expansion(struct shell_reader *r, struct draft *d, bool in_quotes)
{
	uint32_t start = r->pos++;
	int c = shell_peek(r);
	bool is;
	if (!in_quotes && (c == '\'' || c == '"')) {
		if (d)
			d->opaque = d->word->quoted = true;
		return c == '"' ? read_double(r, d) : read_ansi(r, d);
	}
	if (!skip_expansion(r, in_quotes, &is))
		return false;
	value_range(r, d, start, r->pos);
	if (d)
		d->word->expands |= is;
	return true;
}

bool shell_read_body(struct shell_reader *r, uint32_t from, uint32_t to, uint32_t where)
{
	struct shell_reader outer = *r;
	r->pos = from;
	r->end = to;
	r->where = where;
	while (r->pos < r->end) {
		char c = r->p[r->pos];
		if (c == '\\')
			r->pos += r->pos + 1 < r->end ? 2 : 1;
		else if (c == '$' || c == '`') {
			if (!(c == '$' ? read_expansion(r, NULL, true) : read_backquotes(r, NULL, true)))
				return false;
		} else
			r->pos++;
	}
	r->pos = outer.pos;
	r->end = outer.end;
	r->where = outer.where;
	r->last_end = outer.last_end;
	return true;
}

/* At the ( of NAME=(…). */
static bool read_array(struct shell_reader *r)
{
	uint32_t open = r->pos++;
	if (!shell_enter(r))
		return false;
	for (;;) {
		struct shell_word element;
		if (!shell_newlines(r))
			return false;
		int c = shell_peek(r);
		if (c == ')')
			break;
		if (c < 0)
			return shell_fail(r, open, "an array is not closed");
		if (!shell_read_word(r, 0, &element, NULL))
			return false;
		if (element.start == element.end)
			return shell_fail(r, r->pos, "unexpected in an array");
	}
	r->pos++;
	r->depth--;
	return true;
}

/* At the first unquoted =: is it an assignment's? */
static void see_equals(struct shell_reader *r, struct draft *d)
{
	struct str before = value_text(r, &d->value);
	d->equals = true;
	if (before.n > 0 && before.p[before.n - 1] == '+')
		before.n--;
	d->assigns = !d->word->quoted && (d->subscript || shell_is_name(before));
	d->value_start = d->assigns;
}

/* An unquoted character that stands for itself. */
static void see_plain(struct shell_reader *r, struct draft *d, char c)
{
	bool value_start = d->value_start;
	d->value_start = false;
	if (c == '*' || c == '?' || (c == ']' && d->bracket))
		d->word->glob = true;
	else if (c == '[')
		d->bracket = true;
	else if (c == '~')
		d->word->tilde |= value_start;
	else if (c == '{')
		d->brace = d->brace ? d->brace : 1;
	else if (d->brace == 1 && (c == ',' || (c == '.' && d->last == '.')))
		d->brace = 2;
	else if (c == '}' && d->brace == 2)
		d->word->brace = true;
	else if (c == '=' && !d->equals)
		see_equals(r, d);
	else if (c == ':')
		d->value_start = d->assigns;
	d->last = c;
}

static bool takes_group(unsigned mode, const struct draft *d)
{
	return (mode & SHELL_WORD_REGEX) != 0 || ((mode & SHELL_WORD_PATTERN) && d->last && strchr("?*+@!", d->last));
}

/* At ( or NAME[ where the word goes on: skips to its partner. */
static bool read_group(struct shell_reader *r, struct draft *d, char open, char close)
{
	uint32_t start = r->pos++;
	if (!skip_matched(r, open, close, false))
		return false;
	value_range(r, d, start, r->pos);
	d->opaque = true;
	d->last = close;
	return true;
}

/* Letters, digits and what else never means anything in a word. Most words hold nothing else. */
static bool is_ordinary(char c)
{
	return ascii_alpha(c) || ascii_digit(c) || c == '/' || c == '_' || c == '-' || c == '%';
}

/* A run of ordinary characters, taken at once. */
static void read_ordinary(struct shell_reader *r, struct draft *d)
{
	uint32_t start = r->pos;
	while (r->pos < r->end && is_ordinary(r->p[r->pos]))
		r->pos++;
	if (r->pos == start)
		return;
	value_range(r, d, start, r->pos);
	d->value_start = false;
	d->last = r->p[r->pos - 1];
}

/* One part of a word; `*more` is false where the word ends. */
static bool read_part(struct shell_reader *r, struct draft *d, unsigned mode, bool *more)
{
	uint32_t before = r->pos;
	int c = shell_peek(r);
	uint32_t start = r->pos;
	bool value_start = d->value_start;
	if (c == '\'' || c == '"' || c == '\\' || c == '$' || c == '`') {
		d->value_start = false;
		d->last = 0;
	}
	if (c == '\'' || c == '"') {
		d->word->quoted = true;
		return c == '\'' ? read_single(r, d) : read_double(r, d);
	}
	if (c == '\\') {
		d->word->quoted = true;
		r->pos += start + 1 < r->end ? 2 : 1;
		value_range(r, d, r->pos - 1, r->pos);
		return true;
	}
	if (c == '$')
		return read_expansion(r, d, false);
	if (c == '`')
		return read_backquotes(r, d, false);
	if (c == '(' && d->last == '=' && value_start && (mode & (SHELL_WORD_ASSIGNMENT | SHELL_WORD_ARRAY))) {
		d->opaque = true;
		d->last = 0;
		if (!read_array(r))
			return false;
		value_range(r, d, start, r->pos);
		*more = false;
		return true;
	}
	if (c == '(' && takes_group(mode, d))
		return read_group(r, d, '(', ')');
	if (c == '[' && (mode & SHELL_WORD_ASSIGNMENT) && !d->equals && !d->subscript && !d->word->quoted &&
	    shell_is_name(value_text(r, &d->value))) {
		d->subscript = true;
		return read_group(r, d, '[', ']');
	}
	if ((c == '<' || c == '>') && shell_peek2(r) == '(') {
		d->word->expands = true;
		shell_take(r, 2);
		if (!read_commands(r, ')', c == '<' ? SHELL_PIPE_OUT : SHELL_PIPE_IN))
			return false;
		value_range(r, d, start, r->pos);
		return true;
	}
	if (shell_is_break(c) && !(c == '|' && (mode & SHELL_WORD_REGEX))) {
		r->pos = before; /* lines joined behind the word are not part of it */
		*more = false;
		return true;
	}
	see_plain(r, d, (char)c);
	r->pos++;
	value_range(r, d, start, r->pos);
	return true;
}

bool shell_read_word(struct shell_reader *r, unsigned mode, struct shell_word *word, bool *assignment)
{
	struct draft d = {.word = word, .value_start = true};
	bool more = true;
	*word = (struct shell_word){0};
	d.value.copy = buf_new(r->arena);
	shell_peek(r);
	uint32_t start = r->pos;
	d.value.from = d.value.to = start;
	while (more) {
		read_ordinary(r, &d);
		if (!read_part(r, &d, mode, &more))
			return false;
	}
	word->text = value_text(r, &d.value);
	word->start = shell_offset(r, start);
	word->end = shell_offset(r, r->pos);
	word->literal = !(d.opaque || word->expands || word->glob || word->tilde || word->brace);
	if (r->pos > start)
		r->last_end = word->end;
	if (assignment)
		*assignment = d.assigns;
	return true;
}
