/* Which paths change hands, and where. */
#include "base/buf.h"
#include "base/path.h"
#include "plan/paths.h"

struct work {
	struct plan *p;
	struct paths paths;
	uint32_t minding;      /* last step that minds the owner, or INS_NONE */
	bool owned_by_minding; /* the trees are handed over after it */
	struct map mounted;    /* by path: what must follow there is said */
};

static struct handover *hand(struct work *w, enum handover_how how, uint32_t ins, struct str path, bool recursive)
{
	struct plan *p = w->p;
	void **place = map_put(p->f->arena, &w->paths.handed, path);
	struct handover *h = *place ? &p->handovers.at[(uintptr_t)*place - 1] : NULL;
	if (h && h->how == how && h->ins == ins) {
		h->recursive |= recursive;
		return h;
	}
	h = VEC_PUSH(p->f->arena, p->handovers);
	*h = (struct handover){.how = how, .ins = ins, .path = path, .recursive = recursive};
	*place = (void *)(uintptr_t)p->handovers.n;
	return h;
}

/* A single file that is worth a word more: archives and what is packed like them. */
static bool is_large(struct str name)
{
	static const char *const endings[] = {".jar", ".war", ".ear", ".zip", ".gz", ".tgz", ".xz", ".bz2", ".zst", ".tar", ".whl", ".phar"};
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
		if (str_ends(name, str_of(endings[i])))
			return true;
	return false;
}

/* Whether more than small files were copied below the directory until then: they would be stored twice. */
static bool holds_much(const struct facts *f, struct str dir, uint32_t ins)
{
	for (size_t i = 0; i < f->copies.n && f->copies.at[i].ins < ins; i++) {
		const struct copy *copy = &f->copies.at[i];
		struct str sources = copy->sources, source;
		if (copy->dest.n == 0 || !path_within(copy->dest, dir))
			continue;
		while (str_split(&sources, '\n', &source)) {
			struct str last = path_last(source);
			bool one_file = str_find_char(last, '.', 1) != STR_NONE && str_find_char(source, '*', 0) == STR_NONE;
			if (is_large(last) || (!one_file && !str_starts(last, STR("package*"))))
				return true;
		}
	}
	for (size_t i = 0; i < f->runs.n && f->runs.at[i].ins < ins; i++)
		if (f->runs.at[i].flags & RUN_TREE)
			return true;
	return false;
}

/* Whether a chown in the step would meet what is mounted there, which it cannot change. */
static bool meets_mount(const struct run *run, struct str path, bool recursive)
{
	struct str rest = run->read_only, mounted;
	while (str_split(&rest, '\n', &mounted))
		if (path_within(path, mounted) || (recursive && path_within(mounted, path)))
			return true;
	return false;
}

static void hand_after_run(struct work *w, const struct run *run, struct str path, bool recursive, bool adopt)
{
	struct plan *p = w->p;
	const struct run *maker = p->owner.ins != INS_NONE && run->ins < p->owner.ins ? facts_run_at(p->f, p->owner.ins) : NULL;
	if (maker)
		run = maker; /* nobody can be named before the account is there */
	bool append = (run->flags & (RUN_APPENDABLE | RUN_EXEC | RUN_SCRIPT)) == RUN_APPENDABLE && !meets_mount(run, path, recursive);
	size_t before = p->handovers.n;
	struct handover *h = append ? hand(w, HAND_APPEND, run->ins, path, recursive) : hand(w, HAND_STEP, run->ins + 1, path, recursive);
	h->adopt = adopt && holds_much(p->f, path, run->ins) && (p->handovers.n > before || h->adopt || !h->recursive);
}

/* The app's directories as a whole, once, after the last step that minds. */
static void hand_trees_after_minding(struct work *w)
{
	const struct run *run = facts_run_at(w->p->f, w->minding);
	if (w->owned_by_minding || !run)
		return;
	w->owned_by_minding = true;
	for (size_t i = 0; i < w->p->trees.n; i++)
		if (plan_there_after(w->p, w->p->trees.at[i], w->minding) &&
		    !paths_settled(&w->paths, w->p->trees.at[i], paths_moment(w->p->f, w->minding)))
			hand_after_run(w, run, w->p->trees.at[i], true, false);
}

static bool before_minding(const struct work *w, uint32_t ins)
{
	return w->minding != INS_NONE && ins < w->minding;
}

/* An app's directory that a mkdir below it need not have made, or that is handed over with WORKDIR. */
static bool is_there(const struct plan *p, struct str dir)
{
	return plan_is_tree(p, dir) && (plan_is_given(p, dir) || plan_made_by_workdir(p->f, dir) || path_within(facts_workdir(p->f)->path, dir));
}

/* mkdir -p makes the directories above as well: from the first that nothing before it accounts for. */
static void hand_over_directory(struct work *w, const struct run *run, struct str path)
{
	const struct plan *p = w->p;
	uint32_t begin = paths_moment(p->f, run->ins), end = paths_moment(p->f, run->ins + 1);
	struct str top = path;
	for (struct str dir = path_parent(path); plan_in_tree(p, dir) && !is_there(p, dir) && !paths_hold_by(&w->paths, dir, begin);
	     dir = path_parent(dir))
		top = dir;
	hand_after_run(w, run, top, top.n < path.n || paths_hold_by(&w->paths, path, end), false);
}

/* What may not be there when the step is done cannot be named: the step's own directory is handed over with all that is in it. */
static void hand_over_unsure(struct work *w, const struct made *m)
{
	struct plan *p = w->p;
	const struct facts *f = p->f;
	const struct run *run = &f->runs.at[m->run];
	const struct workdir *workdir = &f->workdirs.at[run->workdir];
	enum place place = facts_place(f, m->path);
	bool in_tree = plan_in_tree(p, m->path), directory = m->kind == MADE_DIRECTORY;
	if (m->kind == MADE_CONTENT || (m->kind == MADE_QUIET && !f->start.tools))
		return;
	if (in_tree && workdir->known && workdir->ins != INS_NONE && plan_in_tree(p, workdir->path) && path_within(m->path, workdir->path))
		hand_after_run(w, run, workdir->path, true, true);
	else if (in_tree || (directory && (place == PLACE_STATE || plan_may_own(p, m->path)) && !paths_hold(&w->paths, m->path)))
		plan_reason(p, UNROOT_UNSAFE, run->ins,
			    arena_printf(f->arena, "%.*s is made or kept under a condition only, so it cannot be handed over", STR_ARG(plan_short(m->path))));
}

/* One path that a step made. */
static void hand_over_made(struct work *w, const struct made *m)
{
	struct plan *p = w->p;
	struct facts *f = p->f;
	const struct run *run = &f->runs.at[m->run];
	bool in_tree = plan_in_tree(p, m->path);
	bool is_workdir = str_eq(m->path, facts_workdir(f)->path);
	enum place place = facts_place(f, m->path);
	if (f->users.at[run->user].kind == USER_OTHER || paths_settled(&w->paths, m->path, (uint32_t)(m - f->made.at) + 1))
		return;
	if (p->wishes->early && p->user_after != INS_NONE && run->ins > p->user_after)
		return; /* the user makes it */
	if (in_tree && before_minding(w, run->ins)) {
		hand_trees_after_minding(w);
		return;
	}
	bool unsure = m->unsure || paths_doubted(&w->paths, m->path, (uint32_t)(m - f->made.at) + 1);
	if (unsure && m->kind < MADE_OWNER) {
		hand_over_unsure(w, m);
		return;
	}
	switch (m->kind) {
	case MADE_DIRECTORY:
		if (is_workdir && facts_workdir(f)->ins != INS_NONE && facts_workdir(f)->ins > run->ins && p->owner.kind != OWNER_IMAGE)
			return; /* handed over with WORKDIR, as the account has to be made anyway */
		if (in_tree)
			hand_over_directory(w, run, m->path);
		else if ((place == PLACE_STATE || plan_may_own(p, m->path)) && !paths_hold(&w->paths, m->path))
			hand_after_run(w, run, m->path, false, false);
		break;
	case MADE_FILE:
		if (in_tree || (place == PLACE_STATE && path_within(m->path, STR("/var/log"))))
			hand_after_run(w, run, m->path, false, false);
		break;
	case MADE_FILLED:
		if (in_tree) /* archives may bring owners of their own */
			hand_after_run(w, run, m->path, true, m->owner.n > 0);
		break;
	case MADE_TREE:
		if (in_tree)
			hand_after_run(w, run, m->path, true, true);
		break;
	case MADE_QUIET:
		/* Nothing proves that it exists: what root owns beside it is taken along. */
		if (in_tree && f->start.tools)
			hand_after_run(w, run, path_parent(m->path), true, true);
		break;
	case MADE_MODE: /* a file that root wrote, and shuts to others: a key */
		if (in_tree && !m->recursive && !m->unsure && paths_written(&w->paths, m->path) && !plan_lets_read(m->owner))
			hand_after_run(w, run, m->path, false, false);
		break;
	default: break;
	}
}

/* Whether the COPY puts a directory in the place of the working directory: that a WORKDIR can follow shows that no file lies there. */
static bool copies_directory(const struct copy *copy)
{
	if (str_find_char(copy->sources, '\n', 0) != STR_NONE)
		return false;
	bool said = str_eq(copy->sources, STR(".")) || str_ends(copy->sources, STR("/"));
	return said || (!path_is_pattern(copy->sources) && !copy->dest_slash && !copy->heredoc && !copy->remote);
}

/* A COPY --chown of a directory to a path that is not there yet owns the path itself, under every builder. */
static bool made_by_copy(const struct work *w, const struct workdir *workdir)
{
	const struct plan *p = w->p;
	const struct facts *f = p->f;
	if (plan_base_may_bring(f, workdir->path))
		return false;
	for (size_t i = 0; i < f->workdirs.n; i++)
		if (f->workdirs.at[i].ins != INS_NONE && f->workdirs.at[i].ins < workdir->ins && path_within(f->workdirs.at[i].path, workdir->path))
			return false;
	for (size_t i = 0; i < f->made.n; i++)
		if (f->made.at[i].run != RUN_START && path_within(f->made.at[i].path, workdir->path) &&
		    f->runs.at[f->made.at[i].run].ins < workdir->ins)
			return false;
	for (size_t i = 0; i < f->copies.n && f->copies.at[i].ins < workdir->ins; i++) {
		const struct copy *copy = &f->copies.at[i];
		bool below = plan_brings_directory(p, copy, workdir->path);
		if (copy->dest.n == 0 || (!path_within(copy->dest, workdir->path) && !below))
			continue;
		bool chowned = plan_in_tree(p, copy->dest) && !p->wishes->minimal && !copy->has_chown && !copy->archive && !copy->link &&
			       !(p->owner.ins != INS_NONE && copy->ins < p->owner.ins) && !p->wishes->no_chown_copy;
		return chowned && (below || (copies_directory(copy) && str_eq(copy->dest, workdir->path))); /* the first one makes it */
	}
	return false;
}

/* What an image of another user works in is the user's already. */
static void hand_over_base_workdir(struct work *w, struct str path)
{
	struct plan *p = w->p;
	const struct facts *f = p->f;
	bool theirs = f->users.at[0].kind == USER_OTHER || f->doubted.ins != INS_NONE || str_eq(path, p->owner.home);
	if (theirs || !plan_in_tree(p, path) || paths_settled(&w->paths, path, 0))
		return;
	hand(w, HAND_STEP, f->stages->at[f->target].from + 1, path, false)->later = true;
}

/* The instruction that USER stands above. */
static uint32_t above_user(const struct plan *p)
{
	if (p->user_replace != INS_NONE)
		return p->user_replace;
	return p->user_before != INS_NONE ? p->user_before : p->user_after + 1;
}

/* The container starts ./shop where it works, and nothing puts that there but what fills a directory of the app above. */
static bool came_with_program(const struct work *w, const struct workdir *workdir)
{
	const struct facts *f = w->p->f;
	if (f->start.words.n == 0 || !str_starts(f->start.words.at[0].text, STR("./")) || !str_eq(workdir->path, facts_workdir(f)->path) ||
	    !plan_in_tree(w->p, path_parent(workdir->path)) || paths_hold(&w->paths, workdir->path))
		return false;
	for (size_t i = 0; i < f->runs.n; i++) /* a step may build it */
		if (f->runs.at[i].ins > workdir->ins && (f->runs.at[i].flags & (RUN_TREE | RUN_OPAQUE | RUN_UNREADABLE)))
			return false;
	return true;
}

/* Where the app runs. A directory that is made anew by WORKDIR or COPY belongs to root under some builder. */
static void hand_over_run_in(struct work *w, const struct workdir *workdir, bool make)
{
	struct plan *p = w->p;
	if (!workdir->known || workdir->ins == INS_NONE || !plan_in_tree(p, workdir->path))
		return;
	if (paths_owned(&w->paths, workdir->path) || paths_settled(&w->paths, workdir->path, paths_moment(p->f, workdir->ins)) ||
	    str_eq(workdir->path, p->owner.home))
		return;
	if (before_minding(w, workdir->ins)) {
		hand_trees_after_minding(w);
		return;
	}
	if (made_by_copy(w, workdir) || came_with_program(w, workdir))
		return;
	bool elsewhere = facts_is_link(p->f, workdir->path); /* nobody knows what fills it */
	uint32_t above = plan_last_copy_above(p, workdir, true), after = above != INS_NONE && above > workdir->ins ? above : workdir->ins;
	bool recursive = elsewhere || above != INS_NONE || plan_written_above(p, workdir, true);
	struct handover *h = hand(w, HAND_STEP, after + 1, workdir->path, recursive);
	h->later = true;
	h->make = make;
}

static void hand_over_workdir(struct work *w)
{
	const struct facts *f = w->p->f;
	const struct workdir *workdir = facts_workdir(f);
	if (plan_works_in_base(w->p))
		hand_over_base_workdir(w, workdir->path);
	for (size_t i = 0; i + 1 < f->workdirs.n; i++) { /* /app, and the app runs in /app/server */
		const struct workdir *above = &f->workdirs.at[i];
		if (above->path.n < workdir->path.n && path_within(workdir->path, above->path) && plan_is_tree(w->p, above->path))
			hand_over_run_in(w, above, false);
	}
	hand_over_run_in(w, workdir, false);
}

/* The directories that the start command changes to, as if a WORKDIR led there at last. */
static void hand_over_start_directories(struct work *w)
{
	const struct facts *f = w->p->f;
	for (size_t i = 0; i < f->start.directories.n; i++) {
		struct str path = f->start.directories.at[i];
		bool made = plan_made_by_workdir(f, path);
		if (!plan_is_tree(w->p, path) || str_eq(path, facts_workdir(f)->path) || (!made && plan_in_tree(w->p, path_parent(path))))
			continue;
		struct workdir workdir = {.path = path, .known = true, .ins = above_user(w->p) - 1};
		hand_over_run_in(w, &workdir, !made && !paths_hold(&w->paths, path) && !plan_base_may_bring(f, path));
	}
}

/* Directories that are more than made by a WORKDIR: steps leave something there that their text does not name, or another WORKDIR
   lies below. */
static struct map used_workdirs(const struct facts *f)
{
	struct map used = {0};
	for (size_t i = 0; i < f->workdirs.n; i++)
		for (struct str dir = path_parent(f->workdirs.at[i].path); dir.n > 1 && !map_get(&used, dir); dir = path_parent(dir))
			*map_put(f->scratch, &used, dir) = &used;
	for (size_t i = 0; i < f->runs.n; i++)
		if (f->runs.at[i].flags & (RUN_TREE | RUN_OPAQUE | RUN_UNREADABLE))
			*map_put(f->scratch, &used, f->workdirs.at[f->runs.at[i].workdir].path) = &used;
	return used;
}

/* WORKDIR in the place of mkdir: a directory that is made, left empty and left again. */
static void hand_over_left(struct work *w)
{
	struct plan *p = w->p;
	const struct facts *f = p->f;
	struct map used = used_workdirs(f);
	for (size_t i = 0; i + 1 < f->workdirs.n; i++) {
		const struct workdir *left = &f->workdirs.at[i];
		if (left->known && left->ins != INS_NONE && plan_may_own(p, left->path) && !plan_base_may_bring(f, left->path) &&
		    !plan_in_tree(p, left->path) && !map_get(&used, left->path) && !paths_hold(&w->paths, left->path) &&
		    !paths_owned(&w->paths, left->path) && !paths_settled(&w->paths, left->path, paths_moment(f, left->ins)))
			hand(w, HAND_STEP, left->ins + 1, left->path, false)->later = true;
	}
}

/* A COPY into /opt leaves /opt itself as it is, and so with what the base or a package made. */
static void hand_over_shared(struct work *w, const struct copy *copy)
{
	struct plan *p = w->p;
	struct str path = copy->dest;
	if (!plan_is_tree(p, path) || str_eq(path, facts_workdir(p->f)->path) || str_eq(path, p->owner.home))
		return;
	bool there = plan_shares(p, path) || (path.n > 1 && plan_base_may_bring(p->f, path) && !image_lets_all_write(p->f->image, path));
	if (there && !paths_settled(&w->paths, path, paths_moment(p->f, copy->ins)))
		hand(w, HAND_STEP, copy->ins + 1, path, false)->later = true;
}

static void must_follow(struct plan *p, struct str text)
{
	if (p->cls > UNROOT_INTERFACE)
		p->cls = UNROOT_INTERFACE;
	plan_follow(p, text);
}

static struct str who(const struct plan *p)
{
	return p->owner.numeric.n ? p->owner.numeric : p->owner.user;
}

static struct handover *handover_of(struct work *w, struct str path)
{
	uintptr_t at = (uintptr_t)map_get(&w->paths.handed, path);
	return at ? &w->p->handovers.at[at - 1] : NULL;
}

/* A step above VOLUME hands over a directory with all that is in it: this one is made there first. */
static bool made_with_tree(struct work *w, const struct volume *v)
{
	for (struct str dir = path_parent(v->path); dir.n > 1; dir = path_parent(dir)) {
		const struct handover *tree = handover_of(w, dir);
		if (!tree || !tree->recursive || tree->later || tree->ins >= v->ins || tree->how == HAND_WITH_ACCOUNT)
			continue;
		struct handover *h = hand(w, tree->how, tree->ins, v->path, false);
		h->make = h->bare = true;
		return true;
	}
	return false;
}

/* Above VOLUME: what changes below it is lost under the classic builder. */
static void hand_over_volume(struct work *w, const struct volume *v)
{
	struct plan *p = w->p;
	struct handover *h = handover_of(w, v->path);
	if (h && h->ins <= v->ins)
		return;
	if (!h && made_with_tree(w, v))
		return;
	if (p->owner.kind == OWNER_FILE && p->owner.ins != INS_NONE && p->owner.ins > v->ins) {
		plan_reason(p, UNROOT_UNSAFE, v->ins,
			    STR("the user is made below VOLUME, where the classic builder loses what is handed over"));
		hand(w, HAND_STEP, p->owner.ins + 1, v->path, true)->make = true;
		return;
	}
	if (!h || h->how != HAND_STEP)
		h = hand(w, HAND_STEP, v->ins, v->path, false);
	h->ins = v->ins;
	h->make = true;
	h->later = false;
}

/* "VOLUME ./data:/data", as docker run takes it, or JSON that is none: it makes a directory that nobody uses. */
static bool is_mistaken(struct str path)
{
	return str_find_char(path, ':', 0) != STR_NONE || str_find_char(path, '[', 0) != STR_NONE || str_find_char(path, '"', 0) != STR_NONE;
}

static void hand_over_volumes(struct work *w)
{
	struct plan *p = w->p;
	struct facts *f = p->f;
	struct buf paths = buf_new(f->arena);
	for (size_t i = 0; i < f->volumes.n; i++) {
		const struct volume *v = &f->volumes.at[i];
		enum place place = v->path.n ? facts_place(f, v->path) : PLACE_SYSTEM;
		if (place == PLACE_TEMP || is_mistaken(v->path))
			continue;
		if (place_is_system(place) || place == PLACE_HOME || place == PLACE_BUILD) {
			plan_reason(p, UNROOT_UNSAFE, v->ins, STR("who may write the VOLUME cannot be told"));
			continue;
		}
		buf_printf(&paths, "%s%.*s", paths.n ? ", " : "", STR_ARG(v->path));
		if (!paths_owned(&w->paths, v->path) || !paths_made(&w->paths, v->path))
			hand_over_volume(w, v); /* the handover of a directory above it does not make it */
	}
	if (paths.n)
		must_follow(p, arena_printf(f->arena, "volumes that exist already at %.*s: hand their files to %.*s once",
					    STR_ARG(buf_str(&paths)), STR_ARG(who(p))));
}

/* What a compose file mounts was root's to write, too. A new volume of Docker's takes the owner of the directory in the image,
   where no step can run if that is `bare`. */
static void hand_over_mounts(struct work *w, bool bare)
{
	struct plan *p = w->p;
	struct arena *a = p->f->arena;
	struct mounts mounts = plan_mounts(p);
	for (size_t i = 0; i < mounts.n; i++) {
		const struct mount *m = &mounts.at[i];
		enum place place = facts_place(p->f, m->target);
		if (place == PLACE_TEMP || place == PLACE_SYSTEM || place == PLACE_HOME || place == PLACE_BUILD || map_get(&w->mounted, m->target))
			continue;
		*map_put(a, &w->mounted, m->target) = p;
		if (m->bind) {
			must_follow(p, arena_printf(a, "hand over what is mounted at %.*s once: chown -R %.*s %.*s", STR_ARG(plan_short(m->target)),
						    STR_ARG(who(p)), STR_ARG(plan_short(m->source))));
			continue;
		}
		bool handed = paths_owned(&w->paths, m->target) || map_get(&w->paths.handed, m->target);
		if (bare && !handed)
			plan_reason(p, UNROOT_UNSAFE, INS_NONE,
				    arena_printf(a, "nothing in the image can hand over what is mounted at %.*s", STR_ARG(plan_short(m->target))));
		else if (!handed)
			hand(w, HAND_STEP, above_user(p), m->target, false)->make = true;
		must_follow(p, arena_printf(a,
					    "for a volume that exists already at %.*s: docker compose run --rm --user root --entrypoint chown %.*s "
					    "-R %.*s %.*s",
					    STR_ARG(plan_short(m->target)), STR_ARG(plan_short(m->service)), STR_ARG(who(p)),
					    STR_ARG(plan_short(m->target))));
	}
}

/* What tools write at run time where their variables say. */
static void hand_over_tools(struct work *w)
{
	for (size_t i = 0; i < w->p->tools.n; i++) {
		const struct tool_home *tool = &w->p->tools.at[i];
		const struct run *run = facts_run_at(w->p->f, tool->last);
		if (!tool->write || !run)
			continue;
		hand_after_run(w, run, tool->directory, true, false);
		w->p->handovers.at[(uintptr_t)map_get(&w->paths.handed, tool->directory) - 1].make = true;
	}
}

/* What the base's own program writes, and where it runs: what it is given to run may write there. */
static void hand_over_base(struct work *w)
{
	struct str writes = plan_base_writes(w->p), directory;
	const struct workdir *workdir = facts_workdir(w->p->f);
	if (writes.n && workdir->known && workdir->ins == INS_NONE && workdir->path.n > 1)
		hand(w, HAND_STEP, above_user(w->p), workdir->path, false);
	while (writes.n && str_split(&writes, ',', &directory))
		hand(w, HAND_STEP, above_user(w->p), directory, false)->make = true;
}

static struct str tree_with(const struct plan *p, struct str path)
{
	for (size_t i = 0; i < p->trees.n; i++)
		if (path_within(path, p->trees.at[i]))
			return p->trees.at[i];
	return path;
}

/* `bare`: no step can run in the image, so that --chown is all there is. */
static void own_copy(struct work *w, uint32_t index, bool bare)
{
	struct plan *p = w->p;
	const struct copy *copy = &p->f->copies.at[index];
	bool owner_late = p->owner.kind == OWNER_FILE && p->owner.ins != INS_NONE && copy->ins < p->owner.ins;
	if (copy->has_chown || copy->dest.n == 0 || !plan_in_tree(p, copy->dest) || paths_settled(&w->paths, copy->dest, paths_moment(p->f, copy->ins)))
		return;
	if (bare) {
		if (copy->archive)
			plan_reason(p, UNROOT_UNSAFE, copy->ins, STR("nothing in the image can hand over what the archive holds"));
		else if (!p->wishes->minimal)
			*VEC_PUSH(p->f->arena, p->chown_copies) = index;
	} else if (before_minding(w, copy->ins)) {
		hand_trees_after_minding(w);
	} else if (owner_late) {
		const struct run *run = facts_run_at(p->f, p->owner.ins);
		if (run)
			hand_after_run(w, run, tree_with(p, copy->dest), true, false);
	} else if (copy->archive) { /* its members keep the owners that the archive names */
		hand(w, HAND_STEP, copy->ins + 1, copy->dest, true)->later = true;
	} else if (!p->wishes->minimal && !(copy->link && p->owner.numeric.n == 0)) {
		*VEC_PUSH(p->f->arena, p->chown_copies) = index;
	}
}

static void follow_mount(struct work *w, struct str path)
{
	struct plan *p = w->p;
	bool said = map_get(&w->mounted, path) != NULL;
	for (size_t i = 0; !said && i < p->f->volumes.n; i++)
		said = str_eq(p->f->volumes.at[i].path, path);
	*map_put(p->f->arena, &w->mounted, path) = p;
	if (!said)
		must_follow(p, arena_printf(p->f->arena, "a directory that is mounted at %.*s has to be one that %.*s may use", STR_ARG(path),
					    STR_ARG(who(p))));
}

/* A working directory that nothing fills is there to have something mounted on it, and so is one that is made in / and left empty. */
static void see_mount_points(struct work *w)
{
	struct plan *p = w->p;
	const struct facts *f = p->f;
	const struct workdir *workdir = facts_workdir(f);
	bool own = workdir->known && workdir->ins != INS_NONE && plan_in_tree(p, workdir->path);
	if (own && !paths_hold(&w->paths, workdir->path) && !plan_written_above(p, workdir, false) && plan_last_copy_above(p, workdir, false) == INS_NONE)
		follow_mount(w, workdir->path);
	else if (f->start.files)
		must_follow(p, arena_printf(f->arena, "directories that are mounted for it have to be ones that %.*s may use", STR_ARG(who(p))));
	for (size_t i = 0; i < f->made.n; i++) {
		const struct made *m = &f->made.at[i];
		if (m->run != RUN_START && m->kind == MADE_DIRECTORY && path_parent(m->path).n == 1 && plan_may_own(p, m->path) &&
		    !plan_in_tree(p, m->path) && !paths_hold(&w->paths, m->path))
			follow_mount(w, m->path);
	}
}

/* A program in a directory of root's alone is taken to read what lies there; what an interpreter runs often writes beside itself. */
static bool may_be_written_to(const struct work *w, const struct workdir *workdir)
{
	bool interpreter = w->p->f->image && w->p->f->image->start == START_TOOL;
	return !paths_hold(&w->paths, workdir->path) || (interpreter && !made_by_copy(w, workdir));
}

void plan_ownership(struct plan *p)
{
	struct facts *f = p->f;
	struct work w = {.p = p};
	bool bare = f->image && !f->image->has_shell;
	const struct workdir *workdir = facts_workdir(f);
	paths_read(&w.paths, f->arena, f);
	if (p->recipe) { /* its workers were never root */
		plan_recipe_ownership(p);
		plan_checks(p, &w.paths);
		return;
	}
	plan_trees(p);
	w.minding = p->trees.n ? plan_last_minding(p) : INS_NONE;
	if (!bare && !p->wishes->no_handover) {
		hand_over_workdir(&w);
		hand_over_start_directories(&w);
		hand_over_left(&w);
		for (size_t i = 0; i < f->copies.n; i++)
			hand_over_shared(&w, &f->copies.at[i]);
		for (size_t i = 0; i < f->made.n; i++)
			if (f->made.at[i].run != RUN_START)
				hand_over_made(&w, &f->made.at[i]);
		hand_over_volumes(&w);
		hand_over_mounts(&w, false);
		hand_over_tools(&w);
		hand_over_base(&w);
	}
	if (f->family != FAMILY_SCRATCH && !p->wishes->no_chown_copy)
		for (uint32_t i = 0; p->trees.n && i < f->copies.n; i++)
			own_copy(&w, i, bare);
	if (bare)
		hand_over_mounts(&w, true);
	if (bare && f->volumes.n)
		plan_reason(p, UNROOT_UNSAFE, f->volumes.at[0].ins, STR("nothing in the image can hand the VOLUME over"));
	if (bare && workdir->ins != INS_NONE && plan_in_tree(p, workdir->path) && may_be_written_to(&w, workdir))
		plan_reason(p, UNROOT_UNSAFE, workdir->ins, STR("nothing in the image can hand the working directory over"));
	see_mount_points(&w);
	plan_checks(p, &w.paths);
	plan_place_account(p);
	plan_sort_handovers(p);
}
