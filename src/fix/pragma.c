#include "fix/pragma.h"

/* Whether "RULE,RULE" (up to a blank) names the rule; "all" names every one. */
static bool names(struct str list, struct str rule)
{
	struct str first, item;
	str_word(&list, &first);
	while (str_split(&first, ',', &item))
		if (str_eq(item, rule) || str_eq(item, STR("all")))
			return true;
	return false;
}

static bool about_root_user(struct str rule)
{
	return str_eq(rule, STR("run-as-root")) || str_eq(rule, STR("root-user-last")) || str_eq(rule, STR("starts-as-root"));
}

/* Whether a comment line switches the rule off, for the instruction below it or for all. */
static bool switches_off(struct str line, struct str rule, bool global)
{
	struct str word;
	line = str_trim(line);
	while (line.n && line.p[0] == '#')
		line = str_sub(line, 1, line.n);
	str_word(&line, &word);
	bool ours = str_eq(word, STR("unroot")), hadolint = str_eq(word, STR("hadolint"));
	if (!ours && !hadolint)
		return false;
	str_word(&line, &word);
	bool says_global = str_eq(word, STR("global"));
	if (says_global)
		str_word(&line, &word);
	if (says_global != global || !str_starts(word, STR("ignore=")))
		return false;
	word = str_sub(word, 7, word.n);
	return ours ? names(word, rule) : about_root_user(rule) && names(word, STR("DL3002"));
}

static bool global_off(const struct document *d, struct str rule)
{
	struct str bytes = d->source.bytes;
	for (size_t at = str_find(bytes, STR("global ignore="), 0); at != STR_NONE; at = str_find(bytes, STR("global ignore="), at + 1)) {
		size_t start = at, end = str_find_char(bytes, '\n', at);
		while (start > 0 && bytes.p[start - 1] != '\n')
			start--;
		struct str line = str_trim(str_sub(bytes, start, end == STR_NONE ? bytes.n : end));
		if (line.n && line.p[0] == '#' && switches_off(line, rule, true))
			return true;
	}
	return false;
}

/* The comments right above the instruction. */
static bool off_above(const struct document *d, uint32_t offset, struct str rule)
{
	struct str bytes = d->source.bytes;
	size_t end = offset;
	while (end > 0 && bytes.p[end - 1] != '\n')
		end--;
	while (end > 0) {
		size_t start = end - 1;
		while (start > 0 && bytes.p[start - 1] != '\n')
			start--;
		struct str line = str_trim(str_sub(bytes, start, end));
		if (line.n == 0 || line.p[0] != '#')
			return false;
		if (switches_off(line, rule, false))
			return true;
		end = start;
	}
	return false;
}

void pragma_apply(const struct document *d, struct findings *findings)
{
	struct str bytes = d->source.bytes;
	if (str_find(bytes, STR("ignore="), 0) == STR_NONE)
		return;
	for (size_t i = 0; i < findings->n; i++) {
		struct finding *f = &findings->at[i];
		struct str rule = str_of(f->rule);
		f->ignored |= global_off(d, rule) || off_above(d, f->span.start, rule) || off_above(d, f->scope, rule);
		for (size_t k = 0; f->ignored && f->bundle && about_root_user(rule) && k < findings->n; k++)
			findings->at[k].ignored |= findings->at[k].bundle == f->bundle;
	}
}

