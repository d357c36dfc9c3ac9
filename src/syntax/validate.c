#include "syntax/validate.h"

#include "base/utf8.h"
#include "syntax/heredoc.h"

bool validate_fail(struct examined *e, size_t at, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	*e->fault = (struct fault){at, arena_vprintf(e->arena, format, args)};
	va_end(args);
	return false;
}

static void look_for_json(struct examined *e)
{
	struct range part = e->split.rest, type;
	enum style style = style_of(e->split.keyword);

	e->json = EXEC_NONE;
	if (style == STYLE_HEALTH && !health_split(e->text, e->split.rest, &type, &part))
		return;
	if ((style == STYLE_HEALTH || style == STYLE_JSON_OR_STRING || style == STYLE_JSON_OR_WORDS) &&
	    part.from < part.to)
		e->json = exec_form_of(e->text, part, &e->json_bad);
}

struct examined examine(struct arena *a, struct str text, char escape, struct fault *fault)
{
	struct examined e = {.arena = a, .text = text, .escape = escape, .fault = fault};
	split_instruction(text, (struct range){0, text.n}, escape, &e.split);
	look_for_json(&e);
	return e;
}

struct str validate_excerpt(struct str s)
{
	enum { LONGEST = 40 };
	if (s.n <= LONGEST)
		return s;
	size_t n = LONGEST;
	while (n > 0 && ((unsigned char)s.p[n] & 0xC0) == 0x80)
		n--;
	return str_sub(s, 0, n);
}

static bool pairs_for_parser(struct examined *e)
{
	struct range rest = e->split.rest, word, name, value;
	const char *keyword = keyword_name(e->split.keyword).p;
	size_t at = rest.from;

	for (bool first = true; quoted_word_next(e->text, &at, rest.to, e->escape, &word); first = false) {
		struct str text = range_text(e->text, word);
		if (str_find_char(text, '=', 0) != STR_NONE)
			continue;
		if (!first)
			return validate_fail(e, word.from, "%s: no = in \"%.*s\"; expected NAME=VALUE", keyword,
					     STR_ARG(validate_excerpt(text)));
		if (!old_pair(e->text, rest, &name, &value))
			return validate_fail(e, word.from, "%s: no value for \"%.*s\"; expected NAME=VALUE", keyword,
					     STR_ARG(validate_excerpt(text)));
		break;
	}
	return true;
}

bool validate_for_parser(struct examined *e)
{
	struct examined trigger = *e;
	/* ONBUILD may hold ONBUILD; the innermost instruction is what the parser trips over. */
	while (trigger.split.keyword == KW_ONBUILD && trigger.split.rest.to > trigger.split.rest.from) {
		split_instruction(e->text, trigger.split.rest, e->escape, &trigger.split);
		look_for_json(&trigger);
	}
	if (trigger.json == EXEC_MIXED)
		return validate_fail(e, trigger.json_bad, "%s: every element of the array must be a string",
				     keyword_name(trigger.split.keyword).p);
	if (style_of(trigger.split.keyword) == STYLE_PAIRS)
		return pairs_for_parser(&trigger);
	return true;
}

static struct str arguments(const struct examined *e)
{
	return range_text(e->text, e->split.rest);
}

static bool fail_here(struct examined *e, const char *expected)
{
	return validate_fail(e, e->split.name.from, "%s: %s", keyword_name(e->split.keyword).p, expected);
}

/* Calls for each argument in turn, exec form decoded. */
static bool argument_next(struct examined *e, size_t *at, struct range *place, struct str *value)
{
	if (e->json == EXEC_STRINGS) {
		if (!exec_string_next(e->text, at, e->split.rest.to, place))
			return false;
		*value = exec_string_value(e->arena, range_text(e->text, *place));
		return true;
	}
	if (!blank_word_next(e->text, at, e->split.rest.to, place))
		return false;
	*value = range_text(e->text, *place);
	return true;
}

static bool check_some(struct examined *e)
{
	return arguments(e).n > 0 || fail_here(e, "expected an argument");
}

static bool check_pairs(struct examined *e)
{
	struct range word;
	size_t at = e->split.rest.from, n = 0;
	for (; quoted_word_next(e->text, &at, e->split.rest.to, e->escape, &word); n++)
		if (e->text.p[word.from] == '=')
			return validate_fail(e, word.from,
					     "%s: a name must stand before the =", keyword_name(e->split.keyword).p);
		else if (n == 0 && str_find_char(range_text(e->text, word), '=', 0) == STR_NONE)
			return true; /* the old form, which takes the rest as it is */
	return n > 0 || fail_here(e, "expected at least one NAME=VALUE");
}

static bool check_names(struct examined *e)
{
	struct range word;
	size_t at = e->split.rest.from, n = 0;
	for (; quoted_word_next(e->text, &at, e->split.rest.to, e->escape, &word); n++)
		if (e->text.p[word.from] == '=')
			return validate_fail(e, word.from, "ARG: a name must stand before the =");
	return n > 0 || fail_here(e, "expected at least one NAME or NAME=VALUE");
}

static bool check_sources(struct examined *e)
{
	struct range place, last = {0, 0};
	struct str value = {"", 0};
	struct heredoc_mark mark;
	size_t at = e->split.rest.from, n = 0;

	while (argument_next(e, &at, &place, &value)) {
		last = place;
		n++;
	}
	if (n < 2)
		return fail_here(e, "expected a source and a destination");
	if (heredoc_of_word(e->arena, value, &mark) == HEREDOC_FOUND)
		return validate_fail(e, last.from, "%s: the destination must be a path, not a here-document",
				     keyword_name(e->split.keyword).p);
	return true;
}

static bool stage_name(struct str name)
{
	if (name.n == 0 || !ascii_alpha(name.p[0]))
		return false;
	for (size_t i = 1; i < name.n; i++)
		if (!ascii_alpha(name.p[i]) && !ascii_digit(name.p[i]) &&
		    str_find_char(STR("-_."), name.p[i], 0) == STR_NONE)
			return false;
	return true;
}

static bool check_from(struct examined *e)
{
	struct range words[4];
	size_t at = e->split.rest.from, n = 0;
	while (n < 4 && blank_word_next(e->text, &at, e->split.rest.to, &words[n]))
		n++;
	if (n == 1)
		return true;
	if (n != 3 || !str_eq_nocase(range_text(e->text, words[1]), STR("AS")))
		return validate_fail(e, n > 1 ? words[1].from : e->split.name.from,
				     "FROM: expected an image, or an image, AS and a stage name");
	struct str name = range_text(e->text, words[2]);
	return stage_name(name) || validate_fail(e, words[2].from,
						 "FROM: \"%.*s\" is no stage name; it must begin with a letter and "
						 "hold letters, digits, - _ and . only",
						 STR_ARG(validate_excerpt(name)));
}

static bool check_health(struct examined *e)
{
	struct range type, command;
	size_t at;
	if (!health_split(e->text, e->split.rest, &type, &command))
		return fail_here(e, "expected NONE, or CMD and a command");
	struct str text = range_text(e->text, type);
	at = command.from;
	bool empty = e->json == EXEC_STRINGS ? !exec_string_next(e->text, &at, command.to, &(struct range){0, 0})
					     : command.to == command.from;
	if (str_eq_nocase(text, STR("NONE")))
		return empty || validate_fail(e, command.from, "HEALTHCHECK: NONE takes no arguments");
	if (!validate_flags(e))
		return false;
	if (!str_eq_nocase(text, STR("CMD")))
		return validate_fail(e, type.from, "HEALTHCHECK: unknown type \"%.*s\"; expected NONE or CMD",
				     STR_ARG(validate_excerpt(text)));
	return !empty || validate_fail(e, type.from, "HEALTHCHECK: expected a command after CMD");
}

static bool check_onbuild(struct examined *e)
{
	struct split trigger;
	if (arguments(e).n == 0)
		return fail_here(e, "expected an instruction");
	split_instruction(e->text, e->split.rest, e->escape, &trigger);
	/* Here, and only here, BuildKit trims the keyword once more. */
	trigger.name.to = utf8_trim_end(e->text, trigger.name.from, trigger.name.to);
	enum keyword kw = keyword_of(range_text(e->text, trigger.name));
	if (kw == KW_ONBUILD || kw == KW_MAINTAINER || kw == KW_FROM)
		return validate_fail(e, trigger.name.from, "ONBUILD: %s is not allowed as its instruction",
				     keyword_name(kw).p);
	return true;
}

static bool check_volume(struct examined *e)
{
	struct range place;
	struct str value;
	size_t at = e->split.rest.from, n = 0;
	for (; argument_next(e, &at, &place, &value); n++)
		if (utf8_skip_space(value, 0, value.n) == value.n)
			return validate_fail(e, place.from, "VOLUME: a path must not be empty");
	return n > 0 || fail_here(e, "expected at least one path");
}

static bool check_shell(struct examined *e)
{
	struct range first;
	size_t at = e->split.rest.from;
	if (e->json == EXEC_STRINGS && exec_string_next(e->text, &at, e->split.rest.to, &first))
		return true;
	return fail_here(e, "expected a JSON array of strings, such as [\"/bin/sh\", \"-c\"]");
}

static bool check_unknown(struct examined *e)
{
	const char *names[KW_COUNT];
	struct str word = range_text(e->text, e->split.name);
	for (int kw = KW_UNKNOWN + 1; kw < KW_COUNT; kw++)
		names[kw - 1] = keyword_name((enum keyword)kw).p;
	names[KW_COUNT - 1] = NULL;
	const char *nearest = validate_nearest(word, names);
	if (word.n == 0)
		return validate_fail(e, 0, "an empty instruction: nothing follows the escape character");
	const char *hint = nearest		    ? " (did you mean "
			   : ascii_alpha(word.p[0]) ? ""
						    : " (is the escape character missing on the line above";
	return validate_fail(e, e->split.name.from, "unknown instruction %.*s%s%s%s", STR_ARG(validate_excerpt(word)),
			     hint, nearest ? nearest : "", *hint ? "?)" : "");
}

bool validate_for_layer(struct examined *e)
{
	static bool (*const checks[KW_COUNT])(struct examined *) = {
		[KW_UNKNOWN] = check_unknown, [KW_ADD] = check_sources,	       [KW_ARG] = check_names,
		[KW_COPY] = check_sources,    [KW_ENV] = check_pairs,	       [KW_EXPOSE] = check_some,
		[KW_FROM] = check_from,	      [KW_HEALTHCHECK] = check_health, [KW_LABEL] = check_pairs,
		[KW_MAINTAINER] = check_some, [KW_ONBUILD] = check_onbuild,    [KW_SHELL] = check_shell,
		[KW_STOPSIGNAL] = check_some, [KW_USER] = check_some,	       [KW_VOLUME] = check_volume,
		[KW_WORKDIR] = check_some,
	};
	enum keyword kw = e->split.keyword;
	if (checks[kw] && !checks[kw](e))
		return false;
	/* BuildKit does not look at these flags at all, or only under a condition seen to above. */
	if (kw == KW_ARG || kw == KW_STOPSIGNAL || kw == KW_HEALTHCHECK || !e->split.has_flags)
		return true;
	return validate_flags(e);
}
