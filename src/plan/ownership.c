/* Which paths the app gets, and where they are handed over. */
#include "base/path.h"
#include "plan/plan.h"

static void add_tree(struct plan *p, struct str path)
{
	for (size_t i = 0; i < p->trees.n; i++)
		if (str_eq(p->trees.at[i], path))
			return;
	*VEC_PUSH(p->f->arena, p->trees) = path;
}

static bool may_own(const struct plan *p, struct str path)
{
	enum place place = tables_place(p->f->tables, path);
	/* The directories that others share are never handed over themselves: /opt, /srv, /home, /var/lib. */
	bool shared = str_eq(path, STR("/opt")) || str_eq(path, STR("/srv")) || str_eq(path, STR("/home")) ||
		      str_eq(path, STR("/usr/src")) || str_eq(path, STR("/mnt")) || str_eq(path, STR("/media"));
	return path.n > 1 && !shared && (place == PLACE_APP || place == PLACE_USERS);
}

/* A file that the start command names: its directory is the app's when a COPY made it. */
static void tree_of_word(struct plan *p, struct str word)
{
	struct facts *f = p->f;
	for (size_t i = 0; i < f->copies.n; i++) {
		struct str dest = f->copies.at[i].dest;
		if (dest.n > 1 && path_within(word, dest) && !str_eq(word, dest) && may_own(p, dest))
			add_tree(p, dest);
	}
}

/* The app's directories: where it runs, and where what it starts was copied. */
static void find_trees(struct plan *p)
{
	struct facts *f = p->f;
	const struct workdir *workdir = facts_workdir(f);
	if (workdir->known && (may_own(p, workdir->path) || str_eq(workdir->path, STR("/srv"))))
		add_tree(p, workdir->path);
	for (size_t i = 0; i < f->start.words.n; i++) {
		struct str text = f->start.words.at[i].text;
		if (text.n && text.p[0] == '/')
			tree_of_word(p, text);
	}
	/* Without a working directory of its own, a program that is copied beside others. */
}

/* npm up to version 8 (Node up to 16) runs scripts as the owner of the directory. */
static bool old_npm(const struct facts *f)
{
	struct image_ref ref = image_ref_of(f->image_name);
	uint32_t version = 0;
	size_t n = 0;
	if (!str_eq(path_last(ref.repository), STR("node")))
		return true; /* which npm it is, nobody knows */
	while (n < ref.tag.n && ascii_digit(ref.tag.p[n]))
		n++;
	return n == 0 ? false : !str_to_u32(str_sub(ref.tag, 0, n), &version) || version <= 16;
}

/* The last step that minds who owns the tree it runs in, or INS_NONE. */
static uint32_t last_minding(const struct plan *p)
{
	const struct facts *f = p->f;
	uint32_t last = INS_NONE;
	for (size_t i = 0; i < f->runs.n; i++) {
		const struct run *run = &f->runs.at[i];
		bool minds = (run->flags & RUN_MINDS_OWNER) || ((run->flags & RUN_NPM) && old_npm(f));
		if (minds && f->users.at[run->user].kind != USER_OTHER)
			last = run->ins;
	}
	return last;
}

static bool already_owned(const struct plan *p, struct str path, uint32_t from_run)
{
	const struct facts *f = p->f;
	for (size_t i = 0; i < f->made.n; i++) {
		const struct made *m = &f->made.at[i];
		if (m->run == RUN_START || m->run < from_run)
			continue;
		bool gone = m->kind == MADE_REMOVED && path_within(path, m->path);
		bool handed = m->kind == MADE_OWNER && !str_starts(m->owner, STR("root")) && !str_starts(m->owner, STR("0")) &&
			      (str_eq(path, m->path) || (m->recursive && path_within(path, m->path)));
		if (gone || handed)
			return true;
	}
	return false;
}

static struct handover *hand(struct plan *p, enum handover_how how, uint32_t ins, struct str path, bool recursive)
{
	for (size_t i = 0; i < p->handovers.n; i++) {
		struct handover *h = &p->handovers.at[i];
		if (h->ins == ins && h->how == how && path_within(path, h->path) && (h->recursive || str_eq(h->path, path))) {
			h->recursive |= recursive && str_eq(h->path, path);
			return h;
		}
	}
	struct handover *h = VEC_PUSH(p->f->arena, p->handovers);
	*h = (struct handover){.how = how, .ins = ins, .path = path, .recursive = recursive};
	return h;
}

static const struct run *run_of(const struct facts *f, uint32_t ins)
{
	for (size_t i = 0; i < f->runs.n; i++)
		if (f->runs.at[i].ins == ins)
			return &f->runs.at[i];
	return NULL;
}

static void hand_after_run(struct plan *p, const struct run *run, struct str path, bool recursive, bool adopt)
{
	const struct run *maker = p->owner.ins != INS_NONE && run->ins < p->owner.ins ? run_of(p->f, p->owner.ins) : NULL;
	if (maker)
		run = maker; /* nobody can be named before the account is there */
	bool append = (run->flags & (RUN_APPENDABLE | RUN_EXEC | RUN_SCRIPT)) == RUN_APPENDABLE;
	struct handover *h = append ? hand(p, HAND_APPEND, run->ins, path, recursive)
				    : hand(p, HAND_STEP, run->ins + 1, path, recursive);
	h->adopt |= adopt;
}

/* Something is put into the directory that this step makes, by it or later: then it is no empty place for data. */
static bool filled(const struct facts *f, const struct made *dir)
{
	for (size_t i = 0; i < f->made.n; i++) {
		const struct made *m = &f->made.at[i];
		if (m != dir && (m->kind == MADE_FILLED || m->kind == MADE_FILE) && m->run != RUN_START && path_within(m->path, dir->path))
			return true;
	}
	for (size_t i = 0; i < f->copies.n; i++)
		if (f->copies.at[i].dest.n && path_within(f->copies.at[i].dest, dir->path))
			return true;
	return false;
}

static void hand_over_made(struct plan *p)
{
	struct facts *f = p->f;
	for (size_t i = 0; i < f->made.n; i++) {
		const struct made *m = &f->made.at[i];
		if (m->run == RUN_START || m->kind > MADE_FILLED)
			continue;
		const struct run *run = &f->runs.at[m->run];
		enum place place = tables_place(f->tables, m->path);
		bool in_tree = plan_in_tree(p, m->path);
		bool is_tree = in_tree && str_eq(m->path, facts_workdir(f)->path);
		if (f->users.at[run->user].kind == USER_OTHER || already_owned(p, m->path, m->run))
			continue;
		switch (m->kind) {
		case MADE_DIRECTORY:
			if (in_tree ? !is_tree : ((place == PLACE_STATE || may_own(p, m->path)) && !filled(f, m)))
				hand_after_run(p, run, m->path, filled(f, m) && in_tree, false);
			break;
		case MADE_FILE:
			if (in_tree || (place == PLACE_STATE && str_starts(m->path, STR("/var/log"))))
				hand_after_run(p, run, m->path, false, false);
			break;
		default:
			if (str_eq(path_last(m->path), STR("node_modules"))) {
				if (f->start.tools && in_tree)
					hand_after_run(p, run, m->path, true, false);
			} else if (in_tree) {
				hand_after_run(p, run, m->path, true, true);
			}
			break;
		}
	}
}

static void hand_over_volumes(struct plan *p)
{
	struct facts *f = p->f;
	for (size_t i = 0; i < f->volumes.n; i++) {
		const struct volume *v = &f->volumes.at[i];
		enum place place = v->path.n ? tables_place(f->tables, v->path) : PLACE_SYSTEM;
		if (place == PLACE_TEMP)
			continue;
		if (place == PLACE_SYSTEM || place == PLACE_HOME) {
			plan_reason(p, UNROOT_UNSAFE, v->ins, STR("who may write the VOLUME cannot be told"));
			continue;
		}
		if (p->cls > UNROOT_INTERFACE)
			p->cls = UNROOT_INTERFACE;
		p->follow = arena_printf(f->arena, "volumes that exist already at %.*s: hand their files to %.*s once", STR_ARG(v->path),
					 STR_ARG(p->owner.numeric.n ? p->owner.numeric : p->owner.user));
		if (already_owned(p, v->path, 0))
			continue;
		bool covered = false;
		for (size_t h = 0; h < p->handovers.n; h++)
			covered |= str_eq(p->handovers.at[h].path, v->path) && p->handovers.at[h].ins < v->ins;
		if (!covered)
			hand(p, HAND_STEP, v->ins, v->path, false)->make = true;
	}
}

/* Where the app runs. A directory that is made anew by WORKDIR or COPY belongs to root under some builder. */
static void hand_over_workdir(struct plan *p, uint32_t minding)
{
	struct facts *f = p->f;
	const struct workdir *workdir = facts_workdir(f);
	if (minding != INS_NONE && workdir->ins < minding) {
		const struct run *run = run_of(f, minding);
		if (run && plan_in_tree(p, workdir->path))
			hand_after_run(p, run, workdir->path, true, false);
		return;
	}
	if (!workdir->known || workdir->ins == INS_NONE || !plan_in_tree(p, workdir->path))
		return;
	if (already_owned(p, workdir->path, 0) || str_eq(workdir->path, p->owner.home))
		return;
	hand(p, HAND_STEP, workdir->ins + 1, workdir->path, false)->later = true;
}

/* A working directory that nothing fills is there to have something mounted on it. */
static void check_mount_points(struct plan *p)
{
	struct facts *f = p->f;
	const struct workdir *workdir = facts_workdir(f);
	if (!workdir->known || workdir->ins == INS_NONE || !plan_in_tree(p, workdir->path))
		return;
	for (size_t i = 0; i < f->copies.n; i++)
		if (f->copies.at[i].dest.n && (path_within(f->copies.at[i].dest, workdir->path) || path_within(workdir->path, f->copies.at[i].dest)))
			return;
	for (size_t i = 0; i < f->made.n; i++)
		if (f->made.at[i].kind <= MADE_FILLED && path_within(f->made.at[i].path, workdir->path))
			return;
	if (p->cls > UNROOT_INTERFACE)
		p->cls = UNROOT_INTERFACE;
	p->follow = arena_printf(f->arena, "a directory that is mounted at %.*s has to be one that %.*s may use", STR_ARG(workdir->path),
				 STR_ARG(p->owner.numeric.n ? p->owner.numeric : p->owner.user));
}

static void own_copies(struct plan *p, uint32_t minding)
{
	struct facts *f = p->f;
	bool owner_late = p->owner.kind == OWNER_FILE && p->owner.ins != INS_NONE;
	bool adopt_at_owner = false;
	for (size_t i = 0; i < f->copies.n; i++) {
		const struct copy *copy = &f->copies.at[i];
		bool dir_of_tree = copy->dest.n && plan_in_tree(p, copy->dest);
		if (copy->has_chown || !dir_of_tree || (copy->link && p->owner.numeric.n == 0))
			continue;
		if (copy->archive) { /* its members keep the owners that the archive names */
			hand(p, HAND_STEP, copy->ins + 1, copy->dest, true)->later = true;
			continue;
		}
		if (p->wishes->minimal)
			continue;
		if (minding != INS_NONE && copy->ins < minding) {
			const struct run *run = run_of(f, minding);
			if (run)
				hand_after_run(p, run, p->trees.at[0], true, false);
			continue;
		}
		if (owner_late && copy->ins < p->owner.ins) {
			adopt_at_owner = true;
			continue;
		}
		*VEC_PUSH(f->arena, p->chown_copies) = copy->ins;
	}
	if (adopt_at_owner) {
		const struct run *run = run_of(f, p->owner.ins);
		if (run && !already_owned(p, p->trees.at[0], 0))
			hand_after_run(p, run, p->trees.at[0], true, false);
	}
}

/* A start script that makes or writes files: somewhere the user may. */
static void check_run_time_writes(struct plan *p)
{
	struct facts *f = p->f;
	for (size_t i = 0; i < f->made.n; i++) {
		const struct made *m = &f->made.at[i];
		if (m->run != RUN_START || m->kind == MADE_REMOVED || m->kind == MADE_MODE)
			continue;
		bool fine = plan_in_tree(p, m->path) || tables_place(f->tables, m->path) == PLACE_TEMP ||
			    (p->owner.home.n && path_within(m->path, p->owner.home)) || already_owned(p, path_parent(m->path), 0);
		for (size_t h = 0; !fine && h < p->handovers.n; h++)
			fine = path_within(m->path, p->handovers.at[h].path);
		if (!fine)
			plan_reason(p, UNROOT_UNSAFE, f->start.ins,
				    arena_printf(f->arena, "at start it writes %.*s, which root owns", STR_ARG(m->path)));
	}
}

/* A directory that a variable names and nobody makes: the app would have to make it itself. */
static bool names_a_place_to_write(struct str name)
{
	static const char *const parts[] = {"CACHE", "LOG", "UPLOAD", "DATA", "STORAGE", "SPOOL", "PID", "TMP", "TEMP",
					    "WORK",  "MEDIA", "OUTPUT", "WRITE", "SQLITE", "STATE"};
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (str_find(name, str_of(parts[i]), 0) != STR_NONE)
			return true;
	return false;
}

static void check_variables(struct plan *p)
{
	struct facts *f = p->f;
	for (size_t i = 0; i < f->variables.n; i++) {
		struct str name = f->variables.at[i].name;
		const struct variable *v = f->variables.at[i].variable;
		if (!v->known || !v->from_env || v->value.n < 2 || v->value.p[0] != '/' || !names_a_place_to_write(name))
			continue;
		struct str path = path_join(f->arena, STR("/"), v->value);
		enum place place = tables_place(f->tables, path);
		bool fine = place == PLACE_TEMP || plan_in_tree(p, path) || (p->owner.home.n && path_within(path, p->owner.home)) ||
			    already_owned(p, path, 0) || already_owned(p, path_parent(path), 0);
		for (size_t h = 0; !fine && h < p->handovers.n; h++)
			fine = path_within(path, p->handovers.at[h].path);
		for (size_t c = 0; !fine && c < f->copies.n; c++)
			fine = f->copies.at[c].dest.n && path_within(path, f->copies.at[c].dest) && place != PLACE_APP;
		if (!fine && place != PLACE_HOME)
			plan_reason(p, UNROOT_UNSAFE, INS_NONE,
				    arena_printf(f->arena, "%.*s=%.*s looks like a place the app writes, and root owns it", STR_ARG(name),
						 STR_ARG(v->value)));
	}
}

static bool root_at(const struct facts *f, uint32_t ins)
{
	enum user_kind kind = f->users.at[0].kind;
	for (size_t i = 1; i < f->users.n && f->users.at[i].ins < ins; i++)
		kind = f->users.at[i].kind;
	return kind != USER_OTHER;
}

/* Above which instruction the owner is needed first. */
static uint32_t first_need(const struct plan *p)
{
	const struct facts *f = p->f;
	uint32_t first = INS_NONE;
	for (size_t i = 0; i < p->chown_copies.n; i++)
		if (p->chown_copies.at[i] < first)
			first = p->chown_copies.at[i];
	for (size_t i = 0; i < p->handovers.n; i++) {
		const struct handover *h = &p->handovers.at[i];
		/* The step that makes the account of the file cannot need it. */
		if (!h->later && h->ins < first && h->ins != p->owner.ins)
			first = h->ins;
	}
	for (size_t i = 0; i < f->workdirs.n; i++)
		if (p->owner.kind == OWNER_NEW && f->workdirs.at[i].ins < first && f->workdirs.at[i].path.n &&
		    path_within(f->workdirs.at[i].path, p->owner.home))
			first = f->workdirs.at[i].ins;
	return first;
}

/* Where nothing needs it earlier: right below the working directory that is handed over, and below the
   file's own account. */
static uint32_t below_handovers(const struct plan *p)
{
	uint32_t last = INS_NONE;
	for (size_t i = 0; i < p->handovers.n; i++)
		if (p->handovers.at[i].later && (last == INS_NONE || p->handovers.at[i].ins > last))
			last = p->handovers.at[i].ins;
	if (last != INS_NONE && p->owner.ins != INS_NONE && p->owner.ins >= last)
		last = p->owner.ins + 1;
	return last;
}

/* Nothing may be named before it exists: the account stands above its first need, and takes along what
   exists by then. */
static void place_account(struct plan *p)
{
	struct facts *f = p->f;
	uint32_t first = first_need(p);
	if (first == INS_NONE)
		first = below_handovers(p);
	p->account_at = first;
	for (size_t i = 0; i < p->handovers.n; i++) {
		struct handover *h = &p->handovers.at[i];
		if (h->how == HAND_STEP && (h->ins == first || (h->later && h->ins < first)))
			h->how = HAND_WITH_ACCOUNT;
		if (!root_at(f, h->how == HAND_WITH_ACCOUNT ? first : h->ins))
			plan_reason(p, UNROOT_UNSAFE, h->ins, STR("a directory would have to be handed over where USER is not root"));
	}
	if (p->owner.kind == OWNER_NEW && first != INS_NONE && !root_at(f, first))
		plan_reason(p, UNROOT_UNSAFE, first, STR("the account would have to be made where USER is not root"));
}

void plan_ownership(struct plan *p)
{
	struct facts *f = p->f;
	bool bare = f->image && !f->image->has_shell;
	uint32_t minding;
	find_trees(p);
	minding = p->trees.n ? last_minding(p) : INS_NONE;
	if (!bare && !p->wishes->no_handover) {
		hand_over_workdir(p, minding);
		hand_over_made(p);
		hand_over_volumes(p);
	}
	if (!bare && !p->wishes->no_chown_copy && p->trees.n)
		own_copies(p, minding);
	if (bare && f->volumes.n)
		plan_reason(p, UNROOT_UNSAFE, f->volumes.at[0].ins, STR("nothing in the image can hand the VOLUME over"));
	check_mount_points(p);
	check_run_time_writes(p);
	check_variables(p);
	place_account(p);
}
