#include "syntax/heredoc.h"

#include "base/buf.h"
#include "syntax/char_class.h"
#include "base/utf8.h"

/* BuildKit's shell lexer with no variable set: words are split and quotes taken away or kept,
   variables stay as they are. Its escape character is the backslash under every `# escape=`. */

enum { MAX_DEPTH = 100, END = -1 };

struct lexed_word {
	struct str text;
	size_t at;
};

struct lexer {
	struct arena *arena;
	struct str text;
	size_t at;
	bool raw_quotes; /* quotes stay in the words */
	bool raw_escapes;
	bool marks_only; /* words that cannot be a here-document are not kept */
	unsigned depth;
	bool too_deep;
	bool in_word;
	struct buf word;
	size_t word_at;
	struct char_class letters, digits;
	struct buf part; /* what a quote or $ gave */
	struct {
		struct lexed_word *at;
		size_t n, cap;
	} words;
};

static int32_t peek(const struct lexer *l)
{
	size_t width;
	if (l->at >= l->text.n)
		return END;
	return (int32_t)utf8_decode(l->text, l->at, &width);
}

static int32_t next(struct lexer *l)
{
	size_t width;
	if (l->at >= l->text.n)
		return END;
	int32_t c = (int32_t)utf8_decode(l->text, l->at, &width);
	l->at += width;
	return c;
}

static bool eat(struct lexer *l, int32_t c)
{
	if (peek(l) != c)
		return false;
	next(l);
	return true;
}

/* `[digits]<<[-]delimiter`; gives the delimiter. */
static bool heredoc_shape(struct str word, bool *chomp, struct str *delimiter)
{
	size_t at = 0;
	while (at < word.n && ascii_digit(word.p[at]))
		at++;
	if (word.n - at < 3 || word.p[at] != '<' || word.p[at + 1] != '<')
		return false;
	at += 2;
	*chomp = word.p[at] == '-';
	at += *chomp;
	while (at < word.n && ascii_blank(word.p[at]) && word.p[at] != '\v')
		at++;
	*delimiter = str_sub(word, at, word.n);
	return delimiter->n > 0 && str_find_char(*delimiter, '<', 0) == STR_NONE;
}

static void end_word(struct lexer *l)
{
	bool chomp;
	struct str delimiter, word = buf_str(&l->word);
	if (word.n > 0 && (!l->marks_only || heredoc_shape(word, &chomp, &delimiter)))
		*VEC_PUSH(l->arena, l->words) = (struct lexed_word){arena_str(l->arena, word), l->word_at};
	l->word.n = 0;
	l->in_word = false;
}

static void add_raw_char(struct lexer *l, uint32_t c, size_t at)
{
	if (l->word.n == 0)
		l->word_at = at;
	buf_utf8(&l->word, c);
	l->in_word = true;
}

static void add_char(struct lexer *l, uint32_t c, size_t at)
{
	if (!unicode_space(c))
		add_raw_char(l, c, at);
	else if (l->in_word && l->word.n > 0)
		end_word(l);
}

/* Moves what stands in `part` to the word; blanks that a variable brought still split. */
static void add_part(struct lexer *l, size_t at, bool split)
{
	struct str part = buf_str(&l->part);
	size_t width;
	if (split) {
		for (size_t i = 0; i < part.n; i += width)
			add_char(l, utf8_decode(part, i, &width), at);
	} else {
		if (l->word.n == 0)
			l->word_at = at;
		buf_add(&l->word, part);
		l->in_word = true;
	}
	l->part.n = 0;
}

static bool read_single_quote(struct lexer *l)
{
	int32_t c;
	next(l);
	if (l->raw_quotes)
		buf_char(&l->part, '\'');
	while ((c = next(l)) != '\'') {
		if (c == END)
			return false;
		buf_utf8(&l->part, (uint32_t)c);
	}
	if (l->raw_quotes)
		buf_char(&l->part, '\'');
	return true;
}

static bool read_dollar(struct lexer *l);

static bool read_double_quote(struct lexer *l)
{
	next(l);
	if (l->raw_quotes)
		buf_char(&l->part, '"');
	for (;;) {
		int32_t c = peek(l);
		if (c == END)
			return false;
		if (c == '$') {
			if (!read_dollar(l))
				return false;
			continue;
		}
		next(l);
		if (c == '"')
			break;
		if (c == '\\') {
			if (l->raw_escapes)
				buf_char(&l->part, '\\');
			int32_t escaped = peek(l);
			if (escaped == END)
				continue;
			if (escaped == '"' || escaped == '$' || escaped == '\\')
				c = next(l);
		}
		buf_utf8(&l->part, (uint32_t)c);
	}
	if (l->raw_quotes)
		buf_char(&l->part, '"');
	return true;
}

static bool is_digit(struct lexer *l, int32_t c)
{
	return c < 0x80 ? c != END && ascii_digit((char)c) : char_class_has(&l->digits, (uint32_t)c);
}

static bool is_name_char(struct lexer *l, int32_t c)
{
	if (c < 0x80)
		return c != END && (ascii_alpha((char)c) || ascii_digit((char)c) || c == '_');
	return char_class_has(&l->letters, (uint32_t)c) || is_digit(l, c);
}

/* Copies a variable's name to `part`: a special parameter, digits, or a word; or nothing. */
static void read_name(struct lexer *l)
{
	int32_t c = peek(l);
	bool digits = is_digit(l, c);

	if (c > 0 && c < 0x80 && strchr("@*#?-$!", c)) {
		buf_char(&l->part, (char)next(l));
		return;
	}
	for (; digits ? is_digit(l, c) : is_name_char(l, c); c = peek(l))
		buf_utf8(&l->part, (uint32_t)next(l));
}

static bool read_until(struct lexer *l, int32_t stop, bool raw_escapes);

/* Behind "${": name, modifier, word. */
static bool read_braces(struct lexer *l)
{
	int32_t c = peek(l);
	if (c == END || c == '{' || c == '}' || c == ':')
		return false;
	buf_add(&l->part, STR("${"));
	read_name(l);
	c = next(l);
	if (c == END)
		return false;
	if (c == '/') {
		eat(l, '/');
		buf_char(&l->part, '/');
		if (!read_until(l, '/', true))
			return false;
		buf_char(&l->part, '/');
		if (!read_until(l, '}', true))
			return false;
	} else if (c != '}') {
		bool colon = c == ':';
		if (!colon && !(c > 0 && c < 0x80 && strchr("+-?#%", c)))
			return false;
		buf_utf8(&l->part, (uint32_t)c);
		if (colon) {
			c = next(l);
			if (c == END || c == '#' || c == '%')
				return false;
			buf_utf8(&l->part, (uint32_t)c);
		}
		if (!read_until(l, '}', c == '#' || c == '%'))
			return false;
	}
	buf_char(&l->part, '}');
	return true;
}

static bool read_dollar(struct lexer *l)
{
	next(l);
	if (eat(l, '{'))
		return read_braces(l);
	buf_char(&l->part, '$');
	read_name(l);
	return true;
}

static void read_less(struct lexer *l)
{
	next(l);
	buf_char(&l->part, '<');
	if (!eat(l, '<'))
		return;
	buf_char(&l->part, '<');
	for (int32_t c = peek(l); c == '\t' || c == '\r' || c == ' '; c = peek(l))
		buf_char(&l->part, (char)next(l));
}

/* A quote, variable or < at the lexer's place: its text goes to the end of `part`. */
static bool read_special(struct lexer *l, int32_t c)
{
	if (c == '$')
		return read_dollar(l);
	if (c == '"')
		return read_double_quote(l);
	if (c == '\'')
		return read_single_quote(l);
	read_less(l);
	return true;
}

static bool is_special(int32_t c)
{
	return c == '$' || c == '"' || c == '\'' || c == '<';
}

/* The word of a ${…}, up to `stop`, added to `part`. As in BuildKit, where both share a buffer,
   whatever the word outside held so far is lost. */
static bool read_nested(struct lexer *l, int32_t stop)
{
	for (;;) {
		int32_t c = peek(l);
		if (c == END)
			return false;
		if (c == stop) {
			next(l);
			l->word.n = 0;
			return true;
		}
		if (is_special(c)) {
			if (!read_special(l, c))
				return false;
			continue;
		}
		c = next(l);
		if (c == '\\') {
			if (l->raw_escapes)
				buf_char(&l->part, '\\');
			c = next(l);
			if (c == END)
				return false;
		}
		buf_utf8(&l->part, (uint32_t)c);
	}
}

static bool read_until(struct lexer *l, int32_t stop, bool raw_escapes)
{
	bool outside = l->raw_escapes;
	if (l->depth == MAX_DEPTH) {
		l->too_deep = true;
		return false;
	}
	l->depth++;
	l->raw_escapes = raw_escapes;
	bool ok = read_nested(l, stop);
	l->raw_escapes = outside;
	l->depth--;
	return ok;
}

static bool lex(struct lexer *l)
{
	l->word = l->part = buf_new(l->arena);
	l->letters = (struct char_class){.arena = l->arena, .pattern = "\\p{L}"};
	l->digits = (struct char_class){.arena = l->arena, .pattern = "\\p{Nd}"};
	l->at = str_starts(l->text, STR("\xEF\xBB\xBF")) ? 3 : 0;
	for (int32_t c; (c = peek(l)) != END;) {
		size_t at = l->at;
		if (is_special(c)) {
			if (!read_special(l, c))
				return false;
			add_part(l, at, c == '$');
			continue;
		}
		next(l);
		if (c != '\\') {
			add_char(l, (uint32_t)c, at);
			continue;
		}
		if (l->raw_escapes)
			add_raw_char(l, '\\', at);
		c = next(l);
		if (c != END)
			add_raw_char(l, (uint32_t)c, at);
	}
	end_word(l);
	return true;
}

static size_t count_quotes(struct str s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == '\'' || s.p[i] == '"';
	return n;
}

/* Nothing in it for the lexer to do, as in nearly every here-document. */
static bool is_plain(struct str s)
{
	size_t i = 0;
	while (i < s.n && (ascii_alpha(s.p[i]) || ascii_digit(s.p[i]) || s.p[i] == '_'))
		i++;
	return i == s.n;
}

enum heredoc_result heredoc_of_word(struct arena *a, struct str word, struct heredoc_mark *out)
{
	struct str delimiter;
	if (!heredoc_shape(word, &out->chomp, &delimiter))
		return HEREDOC_NONE;
	if (is_plain(delimiter)) {
		out->name = delimiter;
		out->expand = true;
		return HEREDOC_FOUND;
	}
	struct lexer plain = {.arena = a, .text = delimiter}, raw = plain;
	if (!lex(&plain))
		return plain.too_deep ? HEREDOC_TOO_DEEP : HEREDOC_BAD;
	if (plain.words.n != 1)
		return HEREDOC_NONE;
	raw.raw_quotes = true;
	if (!lex(&raw) || raw.words.n != 1)
		return HEREDOC_BAD;
	out->name = plain.words.at[0].text;
	out->expand = count_quotes(out->name) == count_quotes(raw.words.at[0].text);
	return HEREDOC_FOUND;
}

enum heredoc_result heredocs_of_line(struct arena *a, struct str line, struct heredoc_marks *out, size_t *bad)
{
	struct lexer l = {.arena = a, .text = line, .raw_quotes = true, .raw_escapes = true, .marks_only = true};
	*out = (struct heredoc_marks){0};
	*bad = 0;
	if (!lex(&l))
		return l.too_deep ? HEREDOC_TOO_DEEP : HEREDOC_NONE;
	for (size_t i = 0; i < l.words.n; i++) {
		struct heredoc_mark mark = {.at = l.words.at[i].at};
		enum heredoc_result result = heredoc_of_word(a, l.words.at[i].text, &mark);
		if (result == HEREDOC_BAD || result == HEREDOC_TOO_DEEP) {
			*bad = mark.at;
			return result;
		}
		if (result == HEREDOC_FOUND)
			*VEC_PUSH(a, *out) = mark;
	}
	return out->n > 0 ? HEREDOC_FOUND : HEREDOC_NONE;
}
