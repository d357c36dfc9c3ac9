#include "syntax/split.h"

#include "base/buf.h"
#include "base/utf8.h"

static const struct {
	struct str name;
	enum style style;
} keywords[KW_COUNT] = {
	[KW_UNKNOWN] = {{"", 0}, STYLE_IGNORE},
	[KW_ADD] = {{"ADD", 3}, STYLE_JSON_OR_WORDS},
	[KW_ARG] = {{"ARG", 3}, STYLE_NAMES},
	[KW_CMD] = {{"CMD", 3}, STYLE_JSON_OR_STRING},
	[KW_COPY] = {{"COPY", 4}, STYLE_JSON_OR_WORDS},
	[KW_ENTRYPOINT] = {{"ENTRYPOINT", 10}, STYLE_JSON_OR_STRING},
	[KW_ENV] = {{"ENV", 3}, STYLE_PAIRS},
	[KW_EXPOSE] = {{"EXPOSE", 6}, STYLE_WORDS},
	[KW_FROM] = {{"FROM", 4}, STYLE_WORDS},
	[KW_HEALTHCHECK] = {{"HEALTHCHECK", 11}, STYLE_HEALTH},
	[KW_LABEL] = {{"LABEL", 5}, STYLE_PAIRS},
	[KW_MAINTAINER] = {{"MAINTAINER", 10}, STYLE_STRING},
	[KW_ONBUILD] = {{"ONBUILD", 7}, STYLE_INSTRUCTION},
	[KW_RUN] = {{"RUN", 3}, STYLE_JSON_OR_STRING},
	[KW_SHELL] = {{"SHELL", 5}, STYLE_JSON_OR_STRING},
	[KW_STOPSIGNAL] = {{"STOPSIGNAL", 10}, STYLE_STRING},
	[KW_USER] = {{"USER", 4}, STYLE_STRING},
	[KW_VOLUME] = {{"VOLUME", 6}, STYLE_JSON_OR_WORDS},
	[KW_WORKDIR] = {{"WORKDIR", 7}, STYLE_STRING},
};

struct str keyword_name(enum keyword kw)
{
	return keywords[kw].name;
}

enum keyword keyword_of(struct str word)
{
	/* They are sorted by name: the first of each letter. */
	static const unsigned char first_of[26] = {
		['A' - 'A'] = KW_ADD,	     ['C' - 'A'] = KW_CMD,	   ['E' - 'A'] = KW_ENTRYPOINT,
		['F' - 'A'] = KW_FROM,	     ['H' - 'A'] = KW_HEALTHCHECK, ['L' - 'A'] = KW_LABEL,
		['M' - 'A'] = KW_MAINTAINER, ['O' - 'A'] = KW_ONBUILD,	   ['R' - 'A'] = KW_RUN,
		['S' - 'A'] = KW_SHELL,	     ['U' - 'A'] = KW_USER,	   ['V' - 'A'] = KW_VOLUME,
		['W' - 'A'] = KW_WORKDIR,
	};
	if (word.n < 3 || !ascii_alpha(word.p[0]))
		return KW_UNKNOWN;
	char first = (char)(word.p[0] & ~0x20);
	for (unsigned kw = first_of[first - 'A']; kw < KW_COUNT && keywords[kw].name.p[0] == first; kw++)
		if (str_eq_nocase(keywords[kw].name, word))
			return (enum keyword)kw;
	return KW_UNKNOWN;
}

enum style style_of(enum keyword kw)
{
	return keywords[kw].style;
}

/* What separates words; a line feed cannot occur inside a logical line. */
static bool is_blank(char c)
{
	return c <= ' ' && ascii_blank(c) && c != '\n';
}

static size_t skip_blanks(struct str text, size_t at, size_t end)
{
	while (at < end && is_blank(text.p[at]))
		at++;
	return at;
}

static size_t skip_word(struct str text, size_t at, size_t end)
{
	while (at < end && !is_blank(text.p[at]))
		at++;
	return at;
}

static struct range trim(struct str text, size_t from, size_t to)
{
	from = utf8_skip_space(text, from, to);
	return (struct range){from, utf8_trim_end(text, from, to)};
}

void split_instruction(struct str text, struct range part, char escape, struct split *out)
{
	struct range all = trim(text, part.from, part.to), flag;
	size_t name_end = skip_word(text, all.from, all.to);

	out->name = (struct range){all.from, name_end};
	out->keyword = keyword_of(range_text(text, out->name));
	out->flags = skip_blanks(text, name_end, all.to);
	out->has_flags = false;
	size_t at = out->flags;
	while (flag_next(text, &at, all.to, escape, &flag))
		out->has_flags = true;
	out->rest = trim(text, at, all.to);
}

/* Means nothing but itself, quoted or not. */
static bool is_ordinary(char c, char escape)
{
	return ascii_graphic(c) && c != '"' && c != '\'' && c != escape;
}

bool flag_next(struct str text, size_t *at, size_t end, char escape, struct range *flag)
{
	size_t i = *at, chars = 0;
	char quote = 0;

	while (i < end && latin1_space(text.p[i]))
		i++;
	*at = i;
	if (end - i < 2 || text.p[i] != '-' || text.p[i + 1] != '-')
		return false;
	flag->from = i;
	for (; i < end; i++) {
		char c = text.p[i];
		if (is_ordinary(c, escape)) {
			chars++;
			continue;
		}
		if (quote ? c == quote : c == '\'' || c == '"') {
			quote = quote ? 0 : c;
			continue;
		}
		if (!quote && latin1_space(c))
			break;
		if (c == escape && ++i == end)
			break;
		chars++;
	}
	*at = flag->to = i;
	return chars != 2; /* a lone "--" ends the flags */
}

struct str flag_decode(struct arena *a, struct str raw, char escape, size_t *equals)
{
	struct buf out = buf_new(a);
	char quote = 0;
	size_t ordinary = 0;

	*equals = STR_NONE;
	while (ordinary < raw.n && is_ordinary(raw.p[ordinary], escape))
		ordinary++;
	if (ordinary == raw.n) {
		*equals = str_find_char(raw, '=', 0);
		return raw;
	}
	for (size_t i = 0; i < raw.n; i++) {
		char c = raw.p[i];
		if (quote ? c == quote : c == '\'' || c == '"') {
			quote = quote ? 0 : c;
			continue;
		}
		if (c == escape) {
			if (++i == raw.n)
				break;
			c = raw.p[i];
		}
		if (c == '=' && *equals == STR_NONE)
			*equals = i;
		buf_utf8(&out, (unsigned char)c);
	}
	return buf_str(&out);
}

bool blank_word_next(struct str text, size_t *at, size_t end, struct range *word)
{
	word->from = skip_blanks(text, *at, end);
	word->to = *at = skip_word(text, word->from, end);
	return word->to > word->from;
}

static size_t rune_width(struct str text, size_t at, size_t end)
{
	size_t width = 1;
	if (text.p[at] & 0x80)
		utf8_decode((struct str){text.p, end}, at, &width);
	return width;
}

bool quoted_word_next(struct str text, size_t *at, size_t end, char escape, struct range *word)
{
	size_t i = utf8_skip_space(text, *at, end);
	struct str head = {text.p, end};
	char quote = 0;

	word->from = i;
	while (i < end) {
		char c = text.p[i];
		if (is_ordinary(c, escape)) {
			i++;
			continue;
		}
		if (c == escape && quote != '\'') {
			if (i + 1 == end) {
				word->to = i;
				*at = end;
				return word->to > word->from;
			}
			i += 1 + rune_width(text, i + 1, end);
			continue;
		}
		size_t width = 1;
		if (!quote && unicode_space(c & 0x80 ? utf8_decode(head, i, &width) : (unsigned char)c))
			break;
		if (quote ? c == quote : c == '\'' || c == '"')
			quote = quote ? 0 : c;
		i += width;
	}
	word->to = *at = i;
	return word->to > word->from;
}

bool old_pair(struct str text, struct range rest, struct range *name, struct range *value)
{
	*name = (struct range){rest.from, skip_word(text, rest.from, rest.to)};
	*value = (struct range){skip_blanks(text, name->to, rest.to), rest.to};
	return name->to < rest.to;
}

bool health_split(struct str text, struct range rest, struct range *type, struct range *command)
{
	size_t at = rest.from;
	while (at < rest.to && !latin1_space(text.p[at]))
		at++;
	*type = (struct range){rest.from, at};
	while (at < rest.to && latin1_space(text.p[at]))
		at++;
	*command = (struct range){at, rest.to};
	return type->to > type->from;
}
