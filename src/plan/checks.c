/* What would fail for want of rights: writes at start, places that variables name, modes that shut the user out. */
#include "base/path.h"
#include "plan/paths.h"

static bool may_write(const struct plan *p, const struct paths *paths, struct str path)
{
	return tables_place(p->f->tables, path) == PLACE_TEMP || plan_in_tree(p, path) ||
	       (p->owner.home.n && path_within(path, p->owner.home)) || paths_settled(paths, path, 0) ||
	       paths_settled(paths, path_parent(path), 0) || paths_handed(paths, path);
}

/* A start script that makes or writes files. */
static void check_start(struct plan *p, const struct paths *paths)
{
	struct facts *f = p->f;
	for (size_t i = 0; i < f->made.n; i++) {
		const struct made *m = &f->made.at[i];
		if (m->run == RUN_START && m->kind < MADE_OWNER && !may_write(p, paths, m->path))
			plan_reason(p, UNROOT_UNSAFE, f->start.ins,
				    arena_printf(f->arena, "at start it writes %.*s, which root owns", STR_ARG(m->path)));
	}
}

static bool names_a_place_to_write(struct str name)
{
	static const char *const parts[] = {"CACHE", "LOG", "UPLOAD", "DATA", "STORAGE", "SPOOL", "PID", "TMP", "TEMP",
					    "WORK",  "MEDIA", "OUTPUT", "WRITE", "SQLITE", "STATE"};
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (str_find(name, str_of(parts[i]), 0) != STR_NONE)
			return true;
	return false;
}

/* A directory that a variable names and nobody makes: the app would have to make it itself. */
static void check_variables(struct plan *p, const struct paths *paths)
{
	struct facts *f = p->f;
	for (size_t i = 0; i < f->variables.n; i++) {
		struct str name = f->variables.at[i].name;
		const struct variable *v = f->variables.at[i].variable;
		if (!v->known || !v->from_env || v->value.n < 2 || v->value.p[0] != '/' || !names_a_place_to_write(name) ||
		    location_is_read(&f->tables->locations, name))
			continue;
		struct str path = path_join(f->arena, STR("/"), v->value);
		enum place place = tables_place(f->tables, path);
		bool brought = paths_hold(paths, path) && place == PLACE_SYSTEM;
		if (!brought && place != PLACE_HOME && !may_write(p, paths, path))
			plan_reason(p, UNROOT_UNSAFE, INS_NONE,
				    arena_printf(f->arena, "%.*s=%.*s looks like a place the app writes, and root owns it", STR_ARG(name),
						 STR_ARG(v->value)));
	}
}

/* Whether others may read, and execute where `run`, after chmod `mode`; `before`: whether they may execute until then. */
static bool lets_others(struct str mode, bool run, bool before)
{
	bool reads = true, runs = before;
	struct str clause;
	if (mode.n && ascii_digit(mode.p[0])) {
		char last = mode.p[mode.n - 1];
		return ((last - '0') & 4) != 0 && (!run || ((last - '0') & 1) != 0);
	}
	while (str_split(&mode, ',', &clause)) {
		size_t op = 0;
		while (op < clause.n && !strchr("+-=", clause.p[op]))
			op++;
		struct str who = str_sub(clause, 0, op), what = str_sub(clause, op, clause.n);
		bool others = who.n == 0 || str_find_char(who, 'o', 0) != STR_NONE || str_find_char(who, 'a', 0) != STR_NONE;
		bool x = str_find_char(what, 'x', 0) != STR_NONE || str_find_char(what, 'X', 0) != STR_NONE;
		bool r = str_find_char(what, 'r', 0) != STR_NONE;
		if (!others || what.n == 0)
			continue;
		if (what.p[0] == '+') {
			runs |= x;
		} else {
			reads = what.p[0] == '=' ? r : reads && !r;
			runs = what.p[0] == '=' ? x : runs && !x;
		}
	}
	return reads && (!run || runs);
}

/* Whether the start command names the path, or something below it. */
static bool is_started(const struct facts *f, struct str path)
{
	for (size_t i = 0; i < f->start.words.n && i < 64; i++) {
		struct str word = f->start.words.at[i].text;
		bool named = word.n && (word.p[0] == '/' || str_starts(word, STR("./")));
		if (named && path_within(path_join(f->scratch, facts_workdir(f)->path, word), path))
			return true;
	}
	return false;
}

/* Whether others may execute the file as it lies in the build context. */
static bool runs_in_context(const struct facts *f, struct str path)
{
	const struct copy *copy;
	uint32_t mode = 0;
	struct str source = facts_context_path(f, path, &copy);
	return source.n && workspace_stat(f->workspace, source, &mode) == PROVIDED_FILE && (mode & 1) != 0;
}

static void check_mode(struct plan *p, const struct paths *paths, uint32_t ins, struct str path, struct str mode)
{
	struct facts *f = p->f;
	bool run = is_started(f, path);
	enum place place = tables_place(f->tables, path);
	if (place == PLACE_HOME || place == PLACE_BUILD || may_write(p, paths, path))
		return;
	if (!lets_others(mode, run, run && runs_in_context(f, path)))
		plan_reason(p, UNROOT_UNSAFE, ins,
			    arena_printf(f->arena, "%.*s gets mode %.*s, which shuts the user out", STR_ARG(path), STR_ARG(mode)));
}

/* The paths that steps do something with, and those above them; only where an ADD from a URL makes it matter. */
static struct map touched_paths(const struct facts *f)
{
	struct map touched = {0};
	size_t remote = 0;
	while (remote < f->copies.n && !f->copies.at[remote].remote)
		remote++;
	for (size_t i = 0; remote < f->copies.n && i < f->made.n; i++) {
		struct str path = f->made.at[i].run != RUN_START ? f->made.at[i].path : STR("");
		while (path.n && !map_get(&touched, path)) {
			*map_put(f->scratch, &touched, path) = f->scratch;
			path = path_parent(path);
		}
	}
	return touched;
}

static void check_modes(struct plan *p, const struct paths *paths)
{
	struct facts *f = p->f;
	for (size_t i = 0; i < f->made.n; i++) {
		const struct made *m = &f->made.at[i];
		if (m->kind == MADE_MODE && m->run != RUN_START)
			check_mode(p, paths, f->runs.at[m->run].ins, m->path, m->owner);
	}
	struct map touched = touched_paths(f);
	for (size_t i = 0; i < f->copies.n; i++) {
		const struct copy *copy = &f->copies.at[i];
		if (copy->has_chmod && copy->dest.n && !copy->has_chown)
			check_mode(p, paths, copy->ins, copy->dest, copy->chmod);
		/* ADD from a URL gives mode 0600 (Docker reference, ADD). */
		if (copy->remote && !copy->has_chown && !copy->has_chmod && !map_get(&touched, copy->dest) && !(copy->dest.n && may_write(p, paths, copy->dest)))
			plan_reason(p, UNROOT_UNSAFE, copy->ins, STR("ADD from a URL gives mode 0600, which only root can read"));
	}
}

static void check_steps(struct plan *p)
{
	struct facts *f = p->f;
	for (size_t i = 0; i < f->runs.n; i++) {
		if (f->runs.at[i].flags & RUN_UNKNOWN_DIRECTORY)
			plan_reason(p, UNROOT_UNSAFE, f->runs.at[i].ins, STR("a directory is made whose name is not known, so it cannot be handed over"));
		if (f->runs.at[i].flags & RUN_ROOT_PACKAGE)
			plan_reason(p, UNROOT_UNSAFE, f->runs.at[i].ins,
				    arena_printf(f->arena, "%.*s is installed, which needs root to be of use", STR_ARG(f->runs.at[i].package)));
	}
}

void plan_checks(struct plan *p, const struct paths *paths)
{
	check_start(p, paths);
	if (!p->recipe)
		check_variables(p, paths);
	check_modes(p, paths);
	check_steps(p);
}
