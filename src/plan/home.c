/* What the app uses below /root, which only root may enter, moves to the user's home.
 *
 * The facts' paths are changed along, so that what comes after this sees the file as it is going to be. */
#include "base/path.h"
#include "plan/plan.h"

static bool in_home(const struct facts *f, struct str path)
{
	return path.n && tables_place(f->tables, path) == PLACE_HOME;
}

static bool ends_path(struct str text, size_t at)
{
	static const char *const ends = "/:\"' \t,;)&|]}\\";
	return at >= text.n || strchr(ends, text.p[at]) || text.p[at] == '\n' || text.p[at] == '\r';
}

static bool begins_path(struct str text, size_t at)
{
	static const char *const begins = ":\"' \t=,([\n";
	return at == 0 || strchr(begins, text.p[at - 1]) != NULL;
}

/* The next "/root" that stands for itself at or after `from`, or STR_NONE. */
static size_t find_root(struct str text, size_t from)
{
	for (size_t at = str_find(text, STR("/root"), from); at != STR_NONE; at = str_find(text, STR("/root"), at + 1))
		if (begins_path(text, at) && ends_path(text, at + 5))
			return at;
	return STR_NONE;
}

/* The whole path that begins at `at`. */
static struct str path_at(struct str text, size_t at)
{
	size_t end = at + 5;
	while (end < text.n && (text.p[end] == '/' || !ends_path(text, end)))
		end++;
	return str_sub(text, at, end);
}

static struct str moved(struct plan *p, struct str path)
{
	if (!in_home(p->f, path))
		return path;
	return arena_printf(p->f->arena, "%.*s%.*s", STR_ARG(p->owner.home), STR_ARG(str_sub(path, 5, path.n)));
}

/* Whether the app has to do with root's home at run time. */
static bool is_needed(const struct plan *p)
{
	const struct facts *f = p->f;
	bool needed = facts_workdir(f)->known && in_home(f, facts_workdir(f)->path);
	for (size_t i = 0; i < f->start.words.n; i++)
		needed |= find_root(f->start.words.at[i].text, 0) != STR_NONE;
	for (size_t i = 0; i < f->copies.n; i++)
		needed |= in_home(f, f->copies.at[i].dest);
	for (size_t i = 0; i < f->variables.n; i++)
		needed |= f->variables.at[i].variable->from_env && find_root(f->variables.at[i].variable->value, 0) != STR_NONE;
	return needed;
}

/* What the file puts below root's home, and works in. */
static struct map used_paths(const struct plan *p)
{
	struct facts *f = p->f;
	struct map used = {0};
	for (size_t i = 0; i < f->workdirs.n; i++)
		if (in_home(f, f->workdirs.at[i].path))
			*map_put(f->scratch, &used, f->workdirs.at[i].path) = f;
	for (size_t i = 0; i < f->copies.n; i++)
		if (in_home(f, f->copies.at[i].dest))
			*map_put(f->scratch, &used, f->copies.at[i].dest) = f;
	return used;
}

static bool is_used(const struct map *used, struct str path)
{
	for (struct str dir = path; dir.n > 1; dir = path_parent(dir))
		if (map_get(used, dir))
			return true;
	return false;
}

/* With `used`, only what lies in one of them. */
static void edit_text(struct plan *p, uint32_t base, struct str text, const struct map *used)
{
	for (size_t at = find_root(text, 0); at != STR_NONE; at = find_root(text, at + 1)) {
		struct str path = path_join(p->f->scratch, STR("/"), path_at(text, at));
		if (tables_place(p->f->tables, path) == PLACE_BUILD)
			continue;
		if (!used || is_used(used, path))
			*VEC_PUSH(p->f->arena, p->moves) =
				(struct text_edit){{base + (uint32_t)at, base + (uint32_t)at + 5}, p->owner.home};
	}
}

static void edit_word(struct plan *p, const struct word *word)
{
	edit_text(p, word->span.start, source_text(&p->f->doc->source, word->span), NULL);
}

static void edit_instruction(struct plan *p, uint32_t ins, const struct map *used)
{
	struct facts *f = p->f;
	enum keyword keyword = (enum keyword)f->doc->instructions.at[ins].keyword;
	struct args args;
	switch (keyword) {
	case KW_WORKDIR:
	case KW_ENV:
	case KW_ARG:
	case KW_COPY:
	case KW_ADD:
	case KW_CMD:
	case KW_ENTRYPOINT:
	case KW_HEALTHCHECK:
	case KW_RUN: instruction_args(f->scratch, f->doc, ins, &args); break;
	default: return;
	}
	if (keyword == KW_COPY || keyword == KW_ADD) {
		if (args.nwords > 1)
			edit_word(p, &args.words[args.nwords - 1]);
	} else if (keyword == KW_RUN) {
		edit_text(p, args.rest.start, source_text(&f->doc->source, args.rest), used);
	} else {
		edit_text(p, args.rest.start, source_text(&f->doc->source, args.rest), NULL);
	}
}

/* What text cannot move. */
static void judge(struct plan *p)
{
	struct facts *f = p->f;
	bool home_set = false;
	for (size_t i = 0; i < f->variables.n; i++)
		home_set |= str_eq(f->variables.at[i].name, STR("HOME")) && f->variables.at[i].variable->from_env;
	for (size_t i = 0; i < f->runs.n; i++) {
		struct args args;
		instruction_args(f->scratch, f->doc, f->runs.at[i].ins, &args);
		struct str text = source_text(&f->doc->source, args.rest);
		bool tilde = str_find(text, STR("~/"), 0) != STR_NONE || str_find(text, STR("$HOME"), 0) != STR_NONE;
		if (tilde || (home_set && !(f->runs.at[i].flags & RUN_INSTALLS)))
			plan_reason(p, UNROOT_UNSAFE, f->runs.at[i].ins, STR("a step works in root's home, and the app uses it"));
	}
	for (size_t i = 0; i < f->copies.n; i++) {
		struct str dest = f->copies.at[i].dest;
		if (in_home(f, dest) && (str_find(dest, STR("venv"), 0) != STR_NONE || str_find(dest, STR("/env"), 0) != STR_NONE))
			plan_reason(p, UNROOT_UNSAFE, f->copies.at[i].ins, STR("a virtual environment below /root cannot be moved by text"));
	}
	for (size_t i = 0; i < f->volumes.n; i++)
		if (in_home(f, f->volumes.at[i].path))
			plan_reason(p, UNROOT_UNSAFE, f->volumes.at[i].ins, STR("a VOLUME lies below /root"));
	for (uint32_t i = 0; i + 1 < f->nchain; i++)
		if (f->stages->at[f->chain[i]].children > 1 || f->stages->at[f->chain[i]].copied_from)
			plan_reason(p, UNROOT_UNSAFE, f->stages->at[f->chain[i]].from, STR("the app uses /root, and other stages share the one that sets it up"));
}

static void move_facts(struct plan *p)
{
	struct facts *f = p->f;
	for (size_t i = 0; i < f->workdirs.n; i++)
		if (f->workdirs.at[i].path.n)
			f->workdirs.at[i].path = moved(p, f->workdirs.at[i].path);
	for (size_t i = 0; i < f->copies.n; i++)
		if (f->copies.at[i].dest.n)
			f->copies.at[i].dest = moved(p, f->copies.at[i].dest);
	for (size_t i = 0; i < f->made.n; i++)
		f->made.at[i].path = moved(p, f->made.at[i].path);
	for (size_t i = 0; i < f->start.words.n; i++)
		f->start.words.at[i].text = moved(p, f->start.words.at[i].text);
}

void plan_home(struct plan *p)
{
	struct facts *f = p->f;
	plan_tools(p);
	if (!is_needed(p))
		return;
	if (facts_workdir(f)->ins == INS_NONE && in_home(f, facts_workdir(f)->path)) {
		plan_reason(p, UNROOT_UNSAFE, INS_NONE, STR("the base works in root's home"));
		return;
	}
	if (p->owner.home.n < 2 || in_home(f, p->owner.home)) {
		plan_reason(p, UNROOT_UNSAFE, INS_NONE, STR("the app uses /root, and the user has no home that is known"));
		return;
	}
	judge(p);
	struct map used = used_paths(p);
	for (uint32_t i = 0; i < f->nchain; i++)
		for (uint32_t ins = f->stages->at[f->chain[i]].from + 1; ins < f->stages->at[f->chain[i]].end; ins++)
			edit_instruction(p, ins, &used);
	move_facts(p);
}
