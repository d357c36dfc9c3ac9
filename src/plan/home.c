/* What the app uses below /root, which only root may enter, moves to the user's home.
 *
 * The facts' paths are changed along, so that what comes after this sees the file as it is going to be. */
#include "base/path.h"
#include "plan/plan.h"
#include "syntax/line.h"

enum { MAX_VARIABLES = 32 };

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

/* The first path below /root outside comments; empty without one. */
static struct str named_in_script(struct str text)
{
	struct str line;
	while (str_split(&text, '\n', &line)) {
		size_t at = line_is_comment(line) ? STR_NONE : find_root(line, 0);
		if (at != STR_NONE)
			return path_at(line, at);
	}
	return STR("");
}

/* Start scripts of the build context are read, not edited. */
static void judge_scripts(struct plan *p)
{
	struct facts *f = p->f;
	for (size_t i = 0; i < f->start.scripts.n; i++) {
		uint32_t file;
		if (workspace_read(f->workspace, f->start.scripts.at[i], &file) != PROVIDED_FILE)
			continue;
		struct str named = named_in_script(f->workspace->at[file].current);
		if (named.n)
			plan_reason(p, UNROOT_UNSAFE, f->start.ins,
				    arena_printf(f->arena, "%.*s names %.*s, and only root can enter /root", STR_ARG(f->start.scripts.at[i]),
						 STR_ARG(plan_short(named))));
	}
}

static void add_paths(const struct plan *p, struct map *paths, struct str text)
{
	for (size_t at = find_root(text, 0); at != STR_NONE; at = find_root(text, at + 1)) {
		struct str path = path_join(p->f->scratch, STR("/"), path_at(text, at));
		if (in_home(p->f, path))
			*map_put(p->f->scratch, paths, path) = p->f;
	}
}

/* The paths that ENV names, whether or not the values are known as a whole: PATH=/root/venv/bin:$PATH. `steps`: those that RUN names. */
static void paths_named(const struct plan *p, struct map *env, struct map *steps)
{
	const struct facts *f = p->f;
	if (find_root(f->doc->source.bytes, 0) == STR_NONE)
		return;
	for (uint32_t i = 0; i < f->nchain; i++)
		for (uint32_t ins = f->stages->at[f->chain[i]].from + 1; ins < f->stages->at[f->chain[i]].end; ins++) {
			enum keyword keyword = (enum keyword)f->doc->instructions.at[ins].keyword;
			struct args args;
			if (keyword != KW_ENV && keyword != KW_RUN)
				continue;
			instruction_args(f->scratch, f->doc, ins, &args);
			add_paths(p, keyword == KW_ENV ? env : steps, source_text(&f->doc->source, args.rest));
		}
}

/* Whether a step names the path, or one above it: it makes what lies there. */
static bool is_named(const struct map *steps, struct str path)
{
	for (struct str dir = path; dir.n > strlen("/root"); dir = path_parent(dir))
		if (map_get(steps, dir))
			return true;
	return false;
}

/* Whether the app has to do with root's home at run time. */
static bool is_needed(const struct plan *p, const struct map *env, const struct map *steps)
{
	const struct facts *f = p->f;
	bool needed = facts_workdir(f)->known && in_home(f, facts_workdir(f)->path);
	for (size_t i = 0; i < f->start.words.n; i++)
		needed |= find_root(f->start.words.at[i].text, 0) != STR_NONE;
	for (size_t i = 0; i < f->copies.n; i++)
		needed |= in_home(f, f->copies.at[i].dest);
	for (size_t i = 0; i < f->variables.n; i++)
		needed |= f->variables.at[i].variable->from_env && find_root(f->variables.at[i].variable->value, 0) != STR_NONE;
	for (size_t i = 0; i < env->cap && !needed; i++)
		needed = env->slots[i].value && is_named(steps, env->slots[i].key);
	return needed;
}

/* What the app has to do with below root's home: these paths move, what lies in them, and the directories that lead to them. */
struct needed {
	struct map used, above;
	struct str *made; /* by run: the first of these paths that it makes */
	bool whole;	  /* /root itself is one of them */
	struct named_variable variables[MAX_VARIABLES]; /* whose values name one */
	size_t nvariables;
};

static bool is_built_with(const struct plan *p, struct str path)
{
	return tables_place(p->f->tables, path) == PLACE_BUILD;
}

static void need(const struct plan *p, struct needed *n, struct str path)
{
	struct facts *f = p->f;
	if (!in_home(f, path))
		return;
	n->whole |= str_eq(path, STR("/root"));
	*map_put(f->scratch, &n->used, path) = f;
	for (struct str dir = path_parent(path); dir.n > strlen("/root"); dir = path_parent(dir))
		*map_put(f->scratch, &n->above, dir) = f;
}

static void need_all(const struct plan *p, struct needed *n, struct str text)
{
	for (size_t at = find_root(text, 0); at != STR_NONE; at = find_root(text, at + 1))
		need(p, n, path_join(p->f->scratch, STR("/"), path_at(text, at)));
}

static bool is_needed_path(const struct needed *n, struct str path)
{
	for (struct str dir = path; dir.n > 1; dir = path_parent(dir))
		if (map_get(&n->used, dir))
			return true;
	return map_get(&n->above, path) != NULL;
}

static struct needed needed_paths(const struct plan *p, const struct map *env, const struct map *steps)
{
	struct facts *f = p->f;
	struct needed n = {.made = ARENA_ARRAY(f->scratch, struct str, f->runs.n + 1)};
	for (size_t i = 0; i < f->workdirs.n; i++)
		need(p, &n, f->workdirs.at[i].path);
	for (size_t i = 0; i < f->copies.n; i++)
		need(p, &n, f->copies.at[i].dest);
	for (size_t i = 0; i < f->start.words.n; i++)
		need_all(p, &n, f->start.words.at[i].text);
	for (size_t i = 0; i < env->cap; i++)
		if (env->slots[i].value && is_named(steps, env->slots[i].key))
			need(p, &n, env->slots[i].key);
	for (size_t i = 0; i < f->variables.n; i++) {
		const struct variable *v = f->variables.at[i].variable;
		if (!v->known || find_root(v->value, 0) == STR_NONE)
			continue;
		if (v->from_env)
			need_all(p, &n, v->value);
		if (n.nvariables < MAX_VARIABLES)
			n.variables[n.nvariables++] = f->variables.at[i];
	}
	for (size_t i = 0; i < f->made.n; i++) {
		const struct made *m = &f->made.at[i];
		if (m->run != RUN_START && n.made[m->run].n == 0 && in_home(f, m->path) && is_needed_path(&n, m->path))
			n.made[m->run] = m->path;
	}
	return n;
}

static void edit_at(struct plan *p, uint32_t offset)
{
	*VEC_PUSH(p->f->arena, p->moves) = (struct text_edit){{offset, offset + (uint32_t)strlen("/root")}, p->owner.home};
}

static void edit_text(struct plan *p, struct span span)
{
	struct str text = source_text(&p->f->doc->source, span);
	for (size_t at = find_root(text, 0); at != STR_NONE; at = find_root(text, at + 1))
		if (!is_built_with(p, path_join(p->f->scratch, STR("/"), path_at(text, at))))
			edit_at(p, span.start + (uint32_t)at);
}

/* Only what is needed; /root itself where the step makes something of that below it: cd /root && curl -O … */
static void edit_step_text(struct plan *p, struct span span, const struct needed *n, bool makes)
{
	struct str text = source_text(&p->f->doc->source, span);
	for (size_t at = find_root(text, 0); at != STR_NONE; at = find_root(text, at + 1)) {
		struct str path = path_join(p->f->scratch, STR("/"), path_at(text, at));
		bool needed = path.n == strlen("/root") ? n->whole || makes : is_needed_path(n, path);
		if (needed && !is_built_with(p, path))
			edit_at(p, span.start + (uint32_t)at);
	}
}

/* Whether the text names a variable whose value moves. */
static bool follows_variable(const struct needed *n, struct str text)
{
	for (size_t i = 0; i < n->nvariables; i++)
		if (str_find(text, n->variables[i].name, 0) != STR_NONE)
			return true;
	return false;
}

static void edit_step(struct plan *p, const struct run *run, const struct args *args, const struct needed *n)
{
	struct facts *f = p->f;
	struct str made = n->made[run - f->runs.at];
	size_t before = p->moves.n;
	edit_step_text(p, args->rest, n, made.n > 0);
	for (uint32_t i = 0; i < args->nheredocs; i++)
		edit_step_text(p, args->heredocs[i].body, n, made.n > 0);
	bool moves = p->moves.n > before;
	if (moves && run->ins < p->home_step)
		p->home_step = run->ins;
	if (made.n && !moves && !in_home(f, f->workdirs.at[run->workdir].path) && 
	    !follows_variable(n, source_text(&f->doc->source, args->rest)))
		plan_reason(p, UNROOT_UNSAFE, run->ins,
			    arena_printf(f->arena, "%.*s would have to be made somewhere else, and what makes it does not stand in the Dockerfile",
					 STR_ARG(made)));
}

static void edit_instruction(struct plan *p, uint32_t ins, const struct needed *n)
{
	struct facts *f = p->f;
	enum keyword keyword = (enum keyword)f->doc->instructions.at[ins].keyword;
	const struct run *run = keyword == KW_RUN ? facts_run_at(f, ins) : NULL;
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
			edit_text(p, args.words[args.nwords - 1].span);
	} else if (run) {
		edit_step(p, run, &args, n);
	} else if (keyword != KW_RUN) {
		edit_text(p, args.rest);
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

/* A directory that is unpacked or copied over the whole file system may bring what lies below /root, where it stays. */
static void judge_roots(struct plan *p)
{
	struct facts *f = p->f;
	for (size_t i = 0; i < f->copies.n; i++) {
		const struct copy *copy = &f->copies.at[i];
		bool whole = str_eq(copy->sources, STR(".")) || str_ends(copy->sources, STR("/")) || copy->archive;
		if (str_eq(copy->dest, STR("/")) && whole)
			plan_reason(p, UNROOT_UNSAFE, copy->ins, STR("what it copies to / may hold what the app uses below /root"));
	}
	if (p->owner.ins != INS_NONE && p->home_step < p->owner.ins)
		plan_reason(p, UNROOT_UNSAFE, p->home_step, STR("a step works in root's home before the user is made whose home it would be"));
}

static struct str moved(struct plan *p, struct str path)
{
	if (!in_home(p->f, path))
		return path;
	return arena_printf(p->f->arena, "%.*s%.*s", STR_ARG(p->owner.home), STR_ARG(str_sub(path, strlen("/root"), path.n)));
}

static void move_facts(struct plan *p, const struct needed *n)
{
	struct facts *f = p->f;
	for (size_t i = 0; i < f->workdirs.n; i++)
		if (f->workdirs.at[i].path.n)
			f->workdirs.at[i].path = moved(p, f->workdirs.at[i].path);
	for (size_t i = 0; i < f->copies.n; i++)
		if (f->copies.at[i].dest.n)
			f->copies.at[i].dest = moved(p, f->copies.at[i].dest);
	for (size_t i = 0; i < f->made.n; i++)
		if (is_needed_path(n, f->made.at[i].path))
			f->made.at[i].path = moved(p, f->made.at[i].path);
	for (size_t i = 0; i < f->start.words.n; i++)
		f->start.words.at[i].text = moved(p, f->start.words.at[i].text);
}

/* A directory that a variable names and a step fills is the app's: what it sets up there at run time, it sets up again. Those
   of search paths are only read. */
static void own_named(struct plan *p, const struct needed *n)
{
	const struct facts *f = p->f;
	for (size_t i = 0; i < n->nvariables; i++) {
		struct str value = n->variables[i].variable->value;
		struct str path = str_starts(value, STR("/")) ? moved(p, path_join(f->arena, STR("/"), value)) : STR("/");
		bool filled = false;
		for (size_t k = 0; k < f->made.n && !filled; k++)
			filled = f->made.at[k].kind == MADE_FILLED && path_within(f->made.at[k].path, path);
		if (filled && path.n > p->owner.home.n && path_within(path, p->owner.home) && !str_ends(n->variables[i].name, STR("PATH")) &&
		    !plan_is_tree(p, path))
			*VEC_PUSH(f->arena, p->trees) = path;
	}
}

/* Programs that are linked into PATH; what the links lead to moves only where something else shows that it is needed. */
static void judge_links(struct plan *p, const struct needed *n)
{
	const struct facts *f = p->f;
	for (size_t i = 0; i < f->home_links.n; i++) {
		const struct home_link *link = &f->home_links.at[i];
		if (!n || !is_needed_path(n, link->target))
			plan_reason(p, UNROOT_UNSAFE, f->runs.at[link->run].ins,
				    arena_printf(f->arena, "a link leads to %.*s, and only root can enter /root", STR_ARG(plan_short(link->target))));
	}
}

void plan_home(struct plan *p)
{
	struct facts *f = p->f;
	plan_tools(p);
	judge_scripts(p);
	struct map env = {0}, steps = {0};
	paths_named(p, &env, &steps);
	if (!is_needed(p, &env, &steps)) {
		judge_links(p, NULL);
		return;
	}
	if (facts_workdir(f)->ins == INS_NONE && in_home(f, facts_workdir(f)->path)) {
		plan_reason(p, UNROOT_UNSAFE, INS_NONE, STR("the base works in root's home"));
		return;
	}
	if (p->owner.home.n < 2 || in_home(f, p->owner.home)) {
		plan_reason(p, UNROOT_UNSAFE, INS_NONE, STR("the app uses /root, and the user has no home that is known"));
		return;
	}
	judge(p);
	struct needed n = needed_paths(p, &env, &steps);
	for (uint32_t i = 0; i < f->nchain; i++)
		for (uint32_t ins = f->stages->at[f->chain[i]].from + 1; ins < f->stages->at[f->chain[i]].end; ins++)
			edit_instruction(p, ins, &n);
	judge_roots(p);
	judge_links(p, &n);
	move_facts(p, &n);
	own_named(p, &n);
}
