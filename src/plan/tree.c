/* The directories of the app: where it runs, and where what it starts lies. */
#include "base/path.h"
#include "plan/plan.h"

enum { MAX_WORDS = 64, MAX_DIRECTORIES = 16 }; /* of the start command that are looked at */

bool plan_works_in_base(const struct plan *p)
{
	const struct facts *f = p->f;
	const struct workdir *workdir = facts_workdir(f);
	return workdir->known && workdir->ins == INS_NONE && workdir->path.n > 1 && f->image && f->image->start != START_SERVER &&
	       !image_lets_all_write(f->image, workdir->path);
}

void plan_add_tree(struct plan *p, struct str path)
{
	for (size_t i = 0; i < p->trees.n; i++)
		if (str_eq(p->trees.at[i], path))
			return;
	*VEC_PUSH(p->f->arena, p->trees) = path;
}

bool plan_in_tree(const struct plan *p, struct str path)
{
	for (size_t i = 0; i < p->trees.n; i++)
		if (path_within(path, p->trees.at[i]))
			return true;
	return false;
}

bool plan_is_tree(const struct plan *p, struct str path)
{
	for (size_t i = 0; i < p->trees.n; i++)
		if (str_eq(path, p->trees.at[i]))
			return true;
	return false;
}

bool plan_may_own(const struct plan *p, struct str path)
{
	enum place place = facts_place(p->f, path);
	return path.n > 1 && tables_holds(p->f->tables, path) != HOLDS_OTHERS && (place == PLACE_APP || place == PLACE_USERS);
}

bool plan_shares(const struct plan *p, struct str path)
{
	return path.n > 1 && tables_holds(p->f->tables, path) == HOLDS_OTHERS && facts_place(p->f, path) == PLACE_APP;
}

/* Where the app runs is its own, unless the system or root's home lies there. */
static bool may_run_in(const struct plan *p, struct str path)
{
	switch (facts_place(p->f, path)) {
	case PLACE_SYSTEM:
	case PLACE_HOST:
	case PLACE_HOME:
	case PLACE_BUILD: return false;
	case PLACE_TEMP: return !str_eq(path, STR("/tmp")) && !str_eq(path, STR("/var/tmp"));
	default: return !str_eq(path, STR("/home")) && !str_eq(path, STR("/var")) && !str_eq(path, STR("/run"));
	}
}

/* /opt with /opt/bin/shop in it: what was copied there is a tree with the program in its bin, and may keep its own files beside that. */
static bool is_shared(const struct plan *p, struct str dest, struct str word)
{
	struct str directory = path_parent(word);
	return plan_shares(p, dest) && str_eq(path_last(directory), STR("bin")) && str_eq(path_parent(directory), dest);
}

/* php -t /srv/shop: an interpreter that is given a directory runs what a COPY brought there. */
static bool is_run(const struct plan *p, const struct copy *copy, struct str word)
{
	const struct facts *f = p->f;
	if (!str_eq(word, copy->dest) || tables_program(f->tables, f->start.program).kind != PROGRAM_INTERPRETER || !plan_may_own(p, word))
		return false;
	return str_eq(copy->sources, STR(".")) || str_ends(copy->sources, STR("/")) ||
	       (!copy->from_stage && workspace_stat(f->workspace, facts_context_source(f, copy->sources), NULL) == PROVIDED_DIRECTORY);
}

/* A file that the start command names: the directory that a COPY or an archive made is the app's. */
static void tree_of_word(struct plan *p, struct str word)
{
	struct facts *f = p->f;
	for (size_t i = 0; i < f->copies.n; i++) {
		struct str dest = f->copies.at[i].dest;
		if (is_run(p, &f->copies.at[i], word))
			plan_add_tree(p, dest);
		if (dest.n > 1 && path_within(word, dest) && !str_eq(word, dest) && (plan_may_own(p, dest) || is_shared(p, dest, word)))
			plan_add_tree(p, dest);
	}
	for (size_t i = 0; i < f->made.n; i++) {
		const struct made *m = &f->made.at[i];
		if (m->run != RUN_START && m->kind == MADE_FILLED && path_within(word, m->path) && !str_eq(word, m->path) &&
		    plan_may_own(p, m->path))
			plan_add_tree(p, m->path);
	}
}

struct str plan_base_writes(const struct plan *p)
{
	const struct facts *f = p->f;
	bool own = f->start.ins == INS_NONE || f->start.data;
	return f->image && own ? f->image->writes : STR("");
}

/* A directory that the start command changes to, where the file puts something there: the app runs in it, as after a WORKDIR. */
static void tree_of_directory(struct plan *p, struct str path)
{
	const struct facts *f = p->f;
	bool brought = false;
	if (!may_run_in(p, path))
		return;
	for (size_t i = 0; i < f->copies.n && !brought; i++) {
		struct str dest = f->copies.at[i].dest;
		brought = dest.n > 1 && (path_within(dest, path) || path_within(path, dest));
	}
	for (size_t i = 0; i < f->made.n && !brought; i++)
		brought = f->made.at[i].run != RUN_START && f->made.at[i].kind < MADE_OWNER && path_within(f->made.at[i].path, path);
	if (brought)
		plan_add_tree(p, path);
}

/* The source of a COPY to a directory above `path` is one of the build context's: what it has for `path`, else PROVIDED_UNKNOWN. */
static enum provided brought_below(const struct plan *p, const struct copy *copy, struct str path)
{
	struct arena *a = p->f->scratch;
	if (copy->from_stage || copy->heredoc || copy->remote || copy->archive || str_find_char(copy->sources, '\n', 0) != STR_NONE ||
	    path_is_pattern(copy->sources))
		return PROVIDED_UNKNOWN;
	struct str source = facts_context_source(p->f, copy->sources);
	if (workspace_stat(p->f->workspace, source, NULL) != PROVIDED_DIRECTORY)
		return PROVIDED_UNKNOWN;
	return workspace_stat(p->f->workspace, path_join(a, source, str_sub(path, copy->dest.n + (copy->dest.n > 1), path.n)), NULL);
}

/* A COPY to a directory above `path`. */
static bool is_above(const struct copy *copy, struct str path)
{
	return copy->dest.n && copy->dest.n < path.n && path_within(path, copy->dest);
}

bool plan_brings_directory(const struct plan *p, const struct copy *copy, struct str path)
{
	return is_above(copy, path) && brought_below(p, copy, path) == PROVIDED_DIRECTORY;
}

/* Whether a COPY to a directory above `path` brings what lies in that: COPY . /srv with the app in /srv/shop. Where the build
   context does not tell, one that is not written as a directory is taken for a file in the root directory only. */
static bool copied_from_above(const struct plan *p, const struct copy *copy, struct str path)
{
	struct str source = copy->sources, dest = copy->dest;
	bool whole = str_eq(source, STR(".")) || str_ends(source, STR("/"));
	if (!is_above(copy, path) || copy->has_chown || copy->heredoc || copy->remote)
		return false;
	if (copy->archive)
		return true;
	if (str_find_char(source, '\n', 0) != STR_NONE || path_is_pattern(source))
		return false;
	enum provided there = brought_below(p, copy, path);
	if (there != PROVIDED_UNKNOWN)
		return there == PROVIDED_DIRECTORY;
	return whole || str_eq(path_last(source), STR("rootfs")) || (dest.n > 1 && str_find_char(path_last(source), '.', 0) == STR_NONE);
}

/* An archive was unpacked above the working directory (/opt/shop, and the app runs in /opt/shop/bin), or a COPY brought it together
   with what lies beside it: all of that is the app's. */
static void trees_above(struct plan *p, struct str path)
{
	const struct facts *f = p->f;
	for (size_t i = 0; i < f->made.n; i++) {
		const struct made *m = &f->made.at[i];
		if (m->run != RUN_START && m->kind == MADE_FILLED && m->path.n < path.n && path_within(path, m->path) && plan_may_own(p, m->path) &&
		    !str_eq(m->path, p->owner.home))
			plan_add_tree(p, m->path);
	}
	for (size_t i = 0; i < f->copies.n; i++) {
		const struct copy *copy = &f->copies.at[i];
		bool shared = plan_shares(p, copy->dest) && plan_brings_directory(p, copy, path);
		if ((shared || plan_may_own(p, copy->dest)) && copied_from_above(p, copy, path))
			plan_add_tree(p, copy->dest);
	}
}

void plan_trees(struct plan *p)
{
	struct facts *f = p->f;
	const struct workdir *workdir = facts_workdir(f);
	struct str writes = plan_base_writes(p), directory;
	while (writes.n && str_split(&writes, ',', &directory))
		plan_add_tree(p, directory);
	if (workdir->known && (workdir->ins != INS_NONE || plan_works_in_base(p)) && may_run_in(p, workdir->path)) {
		plan_add_tree(p, workdir->path);
		trees_above(p, workdir->path);
	} else if (workdir->known && workdir->ins != INS_NONE && workdir->path.n > 1 && facts_place(f, workdir->path) == PLACE_SYSTEM) {
		plan_reason(p, UNROOT_UNSAFE, workdir->ins,
			    arena_printf(f->arena, "the app may write to its working directory, and %.*s is the system's", STR_ARG(workdir->path)));
	} else if (f->start.tools) {
		plan_reason(p, UNROOT_UNSAFE, f->start.ins, STR("what it starts writes where it runs, and that is no directory of the app's own"));
	}
	for (size_t i = 0; i < f->copies.n && p->owner.home.n > 1; i++)
		if (f->copies.at[i].dest.n && path_within(f->copies.at[i].dest, p->owner.home) && p->moves.n)
			plan_add_tree(p, p->owner.home);
	for (size_t i = 0; i < f->start.words.n && i < MAX_WORDS; i++) {
		struct str text = f->start.words.at[i].text;
		if (text.n && text.p[0] == '/')
			tree_of_word(p, facts_follow(f, text, true));
	}
	for (size_t i = 0; i < f->start.directories.n && i < MAX_DIRECTORIES; i++)
		tree_of_directory(p, f->start.directories.at[i]);
	plan_said_trees(p);
}

bool plan_written_above(const struct plan *p, const struct workdir *workdir, bool outside)
{
	const struct facts *f = p->f;
	for (size_t i = 0; i < f->made.n; i++) {
		const struct made *m = &f->made.at[i];
		if (m->run != RUN_START && (m->kind == MADE_TREE || m->kind == MADE_FILLED) && f->runs.at[m->run].ins < workdir->ins &&
		    m->path.n > 1 && path_within(workdir->path, m->path) && !(outside && plan_in_tree(p, m->path)))
			return true;
	}
	return false;
}

uint32_t plan_last_copy_above(const struct plan *p, const struct workdir *workdir, bool outside)
{
	for (size_t i = p->f->copies.n; i > 0; i--)
		if (!(outside && plan_in_tree(p, p->f->copies.at[i - 1].dest)) && copied_from_above(p, &p->f->copies.at[i - 1], workdir->path))
			return p->f->copies.at[i - 1].ins;
	return INS_NONE;
}
