/* Modes that shut the user out of what it reads or runs, and directories of other stages that it is to write: neither is a
   matter where they are its own. */
#include "base/path.h"
#include "plan/paths.h"

enum { MAX_STAGES = 16, MAX_SHUT = 64, MAX_WORDS = 64 };

/* A path that its mode shuts to others, in a stage that files are copied from. */
struct shut {
	struct str path, mode;
	bool recursive;
};

struct source_stage {
	uint32_t stage;
	struct shut shut[MAX_SHUT];
	size_t n;
	struct str empty[MAX_SHUT]; /* directories that it leaves so, open to root alone */
	size_t nempty;
	uint32_t unknown; /* a step that makes a directory nobody knows where, or INS_NONE */
	bool more; /* than can be kept */
};

struct modes {
	struct plan *p;
	const struct paths *paths;
	struct source_stage *stages[MAX_STAGES];
	size_t n;
	size_t chowned;	  /* of p->chown_copies, those seen */
	struct map given; /* struct made * by path: the last step that gives it a mode which others may read with */
};

/* Whether others may read, and execute where `run`, after chmod `mode`; `before`: whether they may execute until then.
 */
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
		bool others =
			who.n == 0 || str_find_char(who, 'o', 0) != STR_NONE || str_find_char(who, 'a', 0) != STR_NONE;
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

bool plan_lets_read(struct str mode)
{
	return lets_others(mode, false, false);
}

static bool is_searched(struct str dir)
{
	return str_in_list(STR("/usr/local/sbin,/usr/local/bin,/usr/sbin,/usr/bin,/sbin,/bin"), dir);
}

/* Whether the start command names the path, or something below it. */
static bool is_started(const struct facts *f, struct str path)
{
	for (size_t i = 0; i < f->start.words.n && i < MAX_WORDS; i++) {
		struct str word = f->start.words.at[i].text;
		bool named = word.n && (word.p[0] == '/' || str_starts(word, STR("./")));
		if (named && path_within(facts_follow(f, path_join(f->scratch, facts_workdir(f)->path, word), true), path))
			return true;
		if (str_eq(word, path_last(path)) && is_searched(path_parent(path)))
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

static bool matters(const struct facts *f, struct str path)
{
	enum place place = facts_place(f, path);
	return place != PLACE_HOME && place != PLACE_BUILD;
}

static void shuts_out(struct plan *p, uint32_t ins, struct str path, struct str mode, const char *where)
{
	plan_reason(p, UNROOT_UNSAFE, ins,
		    arena_printf(p->f->arena, "%.*s gets mode %.*s%s, which shuts the user out", STR_ARG(path),
				 STR_ARG(mode), where));
}

static bool is_absolute(struct str mode)
{
	return mode.n && ascii_digit(mode.p[0]);
}

/* A step gives a mode of its own to the path, or to all that lies in a directory above it. */
static bool is_given(const struct modes *m, struct str path)
{
	for (struct str dir = path; dir.n > 1; dir = path_parent(dir)) {
		const struct made *made = map_get(&m->given, dir);
		if (made && (dir.n == path.n || made->recursive))
			return true;
	}
	return false;
}

/* What steps of the target stage do. A mode in digits stands whatever was there before. */
static void check_steps(struct modes *m)
{
	struct facts *f = m->p->f;
	struct map later = {0}; /* paths that get a mode in digits further below */
	for (size_t i = f->made.n; i > 0; i--) {
		const struct made *made = &f->made.at[i - 1];
		if (made->kind != MADE_MODE || made->run == RUN_START)
			continue;
		bool run = is_started(f, made->path), overruled = map_get(&later, made->path) != NULL;
		if (is_absolute(made->owner))
			*map_put(f->scratch, &later, made->path) = f->scratch;
		if (is_absolute(made->owner) || str_find_char(made->owner, 'r', 0) != STR_NONE) {
			void **given = map_put(f->scratch, &m->given, made->path);
			*given = *given ? *given : (void *)(uintptr_t)made;
		}
		if (overruled || !matters(f, made->path) || paths_settled(m->paths, made->path, (uint32_t)i) ||
		    paths_writable(m->p, m->paths, made->path))
			continue;
		if (!lets_others(made->owner, run, run && runs_in_context(f, made->path)))
			shuts_out(m->p, f->runs.at[made->run].ins, made->path, made->owner, "");
	}
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

static void add_shut(struct source_stage *s, struct str path, struct str mode, bool recursive)
{
	if (s->n == MAX_SHUT)
		s->more = true;
	else
		s->shut[s->n++] = (struct shut){path, mode, recursive};
}

/* What a stage leaves shut to others. */
static void find_shut(struct source_stage *s, const struct facts *f)
{
	struct map later = {0}, touched = touched_paths(f);
	for (size_t i = f->made.n; i > 0; i--) {
		const struct made *made = &f->made.at[i - 1];
		bool mode = made->kind == MADE_MODE;
		if (made->run == RUN_START || (!mode && made->kind != MADE_REMOVED))
			continue;
		if (mode && !map_get(&later, made->path) && !lets_others(made->owner, true, true))
			add_shut(s, made->path, made->owner, made->recursive);
		if (!mode || is_absolute(made->owner))
			*map_put(f->scratch, &later, made->path) = f->scratch;
	}
	for (size_t i = 0; i < f->copies.n; i++) {
		const struct copy *copy = &f->copies.at[i];
		if (copy->dest.n == 0 || map_get(&later, copy->dest))
			continue;
		if (copy->has_chmod && !lets_others(copy->flags->chmod, true, true))
			add_shut(s, copy->dest, copy->flags->chmod, true);
		else if (copy->remote && !copy->has_chmod && !map_get(&touched, copy->dest))
			add_shut(s,
				 copy->dest_slash ? path_join(f->arena, copy->dest, path_last(copy->sources))
						  : copy->dest,
				 STR("0600"), false);
	}
}

/* Directories that a step of the stage leaves empty are there to be written at run time. */
static void find_empty(struct source_stage *s, const struct facts *f)
{
	struct paths paths;
	paths_read(&paths, f->arena, f);
	for (size_t i = 0; i < f->made.n; i++) {
		const struct made *made = &f->made.at[i];
		if (made->kind != MADE_DIRECTORY || made->run == RUN_START || paths_hold(&paths, made->path) ||
		    paths_settled(&paths, made->path, (uint32_t)i + 1))
			continue;
		if (s->nempty == MAX_SHUT)
			s->more = true;
		else
			s->empty[s->nempty++] = made->path;
	}
	for (size_t i = 0; i < f->runs.n && s->unknown == INS_NONE; i++)
		if (f->runs.at[i].flags & RUN_UNKNOWN_DIRECTORY)
			s->unknown = f->runs.at[i].ins;
}

/* Nothing in the stage, or in those that it is FROM, can say a mode, or makes a directory. */
static bool says_nothing(const struct facts *f, uint32_t stage)
{
	static const char *const words[] = {"chmod", "-m", "--mode", "mkdir", "install"};
	for (; stage != STAGE_NONE; stage = f->stages->at[stage].parent) {
		const struct stage *s = &f->stages->at[stage];
		struct span span = {f->doc->instructions.at[s->from].start, f->doc->instructions.at[s->end - 1].end};
		struct str text = source_text(&f->doc->source, span);
		for (size_t i = 0; i < sizeof words / sizeof *words; i++)
			if (str_find(text, str_of(words[i]), 0) != STR_NONE)
				return false;
		for (uint32_t ins = s->from; ins < s->end; ins++)
			if (f->doc->instructions.at[ins].keyword == KW_ADD)
				return false;
	}
	return true;
}

/* What is known of a stage that files are copied from; NULL when there are too many of them. */
static const struct source_stage *read_stage(struct modes *m, uint32_t stage)
{
	struct facts *f = m->p->f;
	for (size_t i = 0; i < m->n; i++)
		if (m->stages[i]->stage == stage)
			return m->stages[i];
	if (m->n == MAX_STAGES)
		return NULL;
	struct source_stage *s = m->stages[m->n++] = ARENA_NEW(f->scratch, struct source_stage);
	s->stage = stage;
	s->unknown = INS_NONE;
	if (says_nothing(f, stage))
		return s;
	struct facts *own = ARENA_NEW(f->arena, struct facts);
	facts_read(own, f->arena, f->scratch, f->doc, f->workspace, f->tables, f->stages, stage, INS_NONE);
	find_shut(s, own);
	find_empty(s, own);
	return s;
}

/* Where a source begins that can be told: all of its directory for a pattern, everything when it is not known. */
static struct str source_root(const struct facts *f, struct str source)
{
	struct expansion e = facts_expand(f, source);
	if (!e.known)
		return STR("/");
	struct str path = path_join(f->scratch, STR("/"), e.text);
	size_t pattern = 0;
	while (pattern < path.n && !strchr("*?[", path.p[pattern]))
		pattern++;
	if (pattern == path.n)
		return path;
	size_t slash = str_find_last_char(str_sub(path, 0, pattern), '/');
	return slash == 0 || slash == STR_NONE ? STR("/") : str_sub(path, 0, slash);
}

static void check_source(struct modes *m, const struct source_stage *s, const struct copy *copy, struct str source)
{
	struct facts *f = m->p->f;
	struct str root = source_root(f, source);
	for (size_t i = 0; i < s->n; i++) {
		const struct shut *shut = &s->shut[i];
		bool below = path_within(shut->path, root), above = shut->recursive && path_within(root, shut->path);
		if (!below && !above)
			continue;
		struct str rest = below && shut->path.n > root.n
					  ? str_sub(shut->path, root.n + (root.n > 1), shut->path.n)
					  : STR("");
		if (rest.n == 0 && copy->dest_slash)
			rest = path_last(root);
		struct str path = rest.n ? path_join(f->scratch, copy->dest, rest) : copy->dest;
		if (!lets_others(shut->mode, is_started(f, path), true))
			shuts_out(m->p, copy->ins, path, shut->mode, " in the stage it comes from");
	}
}

/* A directory that the image has already gets the owner and the mode of the one that is copied. */
static void check_empty(struct modes *m, const struct source_stage *s, const struct copy *copy, struct str source)
{
	struct facts *f = m->p->f;
	struct str root = source_root(f, source);
	if (s->unknown != INS_NONE && str_eq(copy->dest, STR("/")) && str_ends(source, STR("/")))
		plan_reason(m->p, UNROOT_UNSAFE, s->unknown,
			    arena_printf(f->arena, "a directory is made of which it is not known where it lies, and line %u may copy it",
					 f->doc->instructions.at[copy->ins].line));
	for (size_t i = 0; i < s->nempty; i++) {
		struct str dir = s->empty[i];
		if (dir.n == root.n || !path_within(dir, root))
			continue;
		struct str path = path_join(f->scratch, copy->dest, str_sub(dir, root.n + (root.n > 1), dir.n));
		enum place place = facts_place(f, path);
		if (place == PLACE_TEMP || place == PLACE_STATE || (plan_may_own(m->p, path) && !paths_writable(m->p, m->paths, path)))
			plan_reason(m->p, UNROOT_UNSAFE, copy->ins,
				    arena_printf(f->arena, "%.*s comes empty from another stage: the app may have to write there, and root owns it",
						 STR_ARG(path)));
	}
}

static void check_stage_copy(struct modes *m, const struct copy *copy)
{
	struct plan *p = m->p;
	uint32_t stage = stages_find(p->f->stages, copy->flags->from, p->f->target, true);
	struct str sources = copy->sources, source;
	if (stage == STAGE_NONE)
		return;
	const struct source_stage *s = read_stage(m, stage);
	if (!s || s->more) {
		plan_reason(p, UNROOT_UNSAFE, copy->ins,
			    STR("there is too much to follow in what it is copied from"));
		return;
	}
	while ((s->n || s->nempty || s->unknown != INS_NONE) && str_split(&sources, '\n', &source)) {
		check_source(m, s, copy, source);
		check_empty(m, s, copy, source);
	}
}

/* Files keep the modes that they have in the build context. */
static void check_context_copy(struct modes *m, const struct copy *copy, struct str root)
{
	struct facts *f = m->p->f;
	struct str sources = copy->sources, source;
	while (str_split(&sources, '\n', &source)) {
		uint32_t mode = 0;
		while (source.n > 1 && source.p[0] == '/')
			source = str_sub(source, 1, source.n);
		if (workspace_stat(f->workspace, path_join(f->scratch, root, source), &mode) != PROVIDED_FILE)
			continue;
		struct str path = copy->dest_slash ? path_join(f->scratch, copy->dest, path_last(source)) : copy->dest;
		if (is_given(m, path))
			continue;
		struct str text = arena_printf(f->arena, "%04o", mode & 07777u);
		/* What nobody can execute is made executable by a step, or read by an interpreter. */
		if (!lets_others(text, (mode & 0111) != 0 && is_started(f, path), true))
			shuts_out(m->p, copy->ins, path, text, " from the build context");
	}
}

/* Whether what is copied is the user's, or somebody's on purpose. */
static bool is_owned(struct modes *m, uint32_t index)
{
	const struct plan *p = m->p;
	const struct copy *copy = &p->f->copies.at[index];
	while (m->chowned < p->chown_copies.n && p->chown_copies.at[m->chowned] < index)
		m->chowned++;
	bool chowned = m->chowned < p->chown_copies.n && p->chown_copies.at[m->chowned] == index;
	return chowned || copy->has_chown || paths_settled(m->paths, copy->dest, paths_moment(p->f, copy->ins)) ||
	       paths_handed(m->paths, copy->dest);
}

static void check_copies(struct modes *m)
{
	struct plan *p = m->p;
	struct facts *f = p->f;
	struct map touched = touched_paths(f);
	struct str root = f->copies.n ? facts_context_source(f, STR(".")) : STR(".");
	for (uint32_t i = 0; i < f->copies.n; i++) {
		const struct copy *copy = &f->copies.at[i];
		bool known = copy->dest.n > 0;
		if (copy->remote && !copy->has_chown && !copy->has_chmod && !map_get(&touched, copy->dest) &&
		    !(known && paths_writable(p, m->paths, copy->dest))) /* Docker reference, ADD */
			plan_reason(p, UNROOT_UNSAFE, copy->ins,
				    STR("ADD from a URL gives mode 0600, which only root can read"));
		else if (copy->remote && !copy->has_chmod && command_is_shell_script(copy->dest) && is_started(f, copy->dest) &&
			 !is_owned(m, i) && !is_given(m, copy->dest))
			plan_reason(p, UNROOT_UNSAFE, copy->ins,
				    STR("ADD from a URL gives mode 0600, and a script has to be readable to run"));
		if (!known || !matters(f, copy->dest) || is_owned(m, i))
			continue;
		if (copy->has_chmod) {
			if (!lets_others(copy->flags->chmod, is_started(f, copy->dest), true))
				shuts_out(p, copy->ins, copy->dest, copy->flags->chmod, "");
		} else if (copy->from_stage) {
			check_stage_copy(m, copy);
		} else if (!copy->heredoc && !copy->remote && !copy->archive) {
			check_context_copy(m, copy, root);
		}
	}
}

void plan_modes(struct plan *p, const struct paths *paths)
{
	struct modes m = {.p = p, .paths = paths};
	check_steps(&m);
	check_copies(&m);
}
