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

/* What was found out last about a rule: findings of one rule follow each other, and share the stage. */
struct answer {
	const char *rule;
	uint32_t offset;
	bool known, off;
};

static bool off_at(struct answer *answer, const struct document *d, uint32_t offset, const char *rule)
{
	if (!answer->known || answer->rule != rule || answer->offset != offset)
		*answer = (struct answer){rule, offset, true, off_above(d, offset, str_of(rule))};
	return answer->off;
}

/* Once for each rule: the whole file is looked through. */
struct answers {
	struct answer *at;
	size_t n, cap;
};

static bool off_everywhere(struct arena *a, struct answers *answers, const struct document *d, const char *rule)
{
	size_t i = 0;
	while (i < answers->n && answers->at[i].rule != rule)
		i++;
	if (i == answers->n)
		*VEC_PUSH(a, *answers) = (struct answer){rule, 0, true, global_off(d, str_of(rule))};
	return answers->at[i].off;
}

/* A bundle without its USER is of no use. */
static void ignore_bundles(struct arena *a, struct findings *findings)
{
	uint32_t last = findings_last_bundle(findings);
	bool *ignored = ARENA_ARRAY(a, bool, (size_t)last + 1);
	for (size_t i = 0; i < findings->n; i++) {
		const struct finding *f = &findings->at[i];
		ignored[f->bundle] |= f->ignored && about_root_user(str_of(f->rule));
	}
	for (size_t i = 0; i < findings->n; i++)
		findings->at[i].ignored |= findings->at[i].bundle && ignored[findings->at[i].bundle];
}

void pragma_apply(struct arena *a, const struct document *d, struct findings *findings)
{
	struct answers global = {0};
	struct answer stage = {0}, above = {0};
	if (findings->n == 0 || str_find(d->source.bytes, STR("ignore="), 0) == STR_NONE)
		return;
	for (size_t i = 0; i < findings->n; i++) {
		struct finding *f = &findings->at[i];
		f->ignored |= off_everywhere(a, &global, d, f->rule) || off_at(&above, d, f->span.start, f->rule) ||
			      off_at(&stage, d, f->scope, f->rule);
	}
	ignore_bundles(a, findings);
}
