#include "plan/doubled.h"

#include "base/path.h"
#include "model/image_groups.h"
#include "plan/plan.h"

enum { MAX_KEEP = 8, MAX_COPIES = 64, MAX_PATHS = 16 };

/* The chown being looked at. */
struct work {
	struct facts *f;
	struct doubled *out;
	uint32_t run, ins;
	struct str path;
	struct str user, group; /* of the owner; a group that chown leaves as it is: "root" */
	uint32_t first;		/* the first copy that it covers, INS_NONE so far */
};

static bool overlap(struct str a, struct str b)
{
	return path_within(a, b) || path_within(b, a);
}

/* What chown's word says in COPY's words, which knows no owner without its group. False when it cannot be said. */
static bool read_owner(struct work *w, struct str text)
{
	size_t colon = str_find_char(text, ':', 0);
	if (colon == STR_NONE)
		colon = str_find_char(text, '.', 0); /* as chown was once told */
	struct str user = colon == STR_NONE ? text : str_sub(text, 0, colon);
	struct str group = colon == STR_NONE ? STR("") : str_sub(text, colon + 1, text.n);
	const struct file_account *made = accounts_user(&w->f->accounts, user);
	uint32_t id;
	if (user.n == 0 || str_find_char(user, '.', 0) != STR_NONE || str_find_char(group, '.', 0) != STR_NONE)
		return false;
	if (str_eq(user, STR("root")) || (str_to_u32(user, &id) && id == 0))
		return false;
	if (colon == STR_NONE) /* files that are copied belong to the group 0, and chown leaves it at that */
		group = str_to_u32(user, &id) ? STR("0") : STR("root");
	else if (group.n == 0 && made) /* "app:" is the group of its passwd line */
		group = made->group;
	if (group.n == 0)
		return false;
	w->user = user;
	w->group = group;
	w->out->owner = arena_printf(w->f->arena, "%.*s:%.*s", STR_ARG(user), STR_ARG(group));
	return true;
}

static bool user_stands(const struct work *w, uint32_t ins)
{
	const struct file_account *made = accounts_user(&w->f->accounts, w->user);
	uint32_t id;
	if (str_to_u32(w->user, &id))
		return true;
	if (made)
		return !made->changed && made->ins < ins;
	return !accounts_removed(&w->f->accounts, w->user) && image_account_named(w->f, w->user) != NULL;
}

static bool group_stands(const struct work *w, uint32_t ins)
{
	const struct file_account *user = accounts_user(&w->f->accounts, w->user);
	const struct file_group *made = accounts_group(&w->f->accounts, w->group);
	uint32_t id;
	if (str_to_u32(w->group, &id) || str_eq(w->group, STR("root")))
		return true;
	if (made)
		return made->ins < ins;
	return image_group_named(w->f, w->group, NULL) || (user && user->ins < ins && str_eq(user->group, w->group));
}

/* Whether the base image may have something at or below the path. */
static bool base_may_hold(const struct work *w)
{
	const struct facts *f = w->f;
	enum place place = tables_place(f->tables, w->path);
	enum holding holding = tables_holds(f->tables, w->path);
	if (!f->image || (place != PLACE_APP && place != PLACE_USERS) || holding == HOLDS_BASE || holding == HOLDS_OTHERS)
		return true;
	struct image_ref ref = image_ref_of(f->tables->registries, f->image_name);
	bool nothing_in = f->image->traits & TRAIT_NOTHING_IN;
	if (str_find(ref.tag, STR("onbuild"), 0) != STR_NONE)
		return true;
	if (f->image->workdir.n > 1 && overlap(f->image->workdir, w->path) && !nothing_in)
		return true;
	struct str writable = f->image->writable, dir;
	while (str_word(&writable, &dir))
		if (overlap(dir, w->path) && !nothing_in)
			return true;
	return f->image->start != START_SHELL && !nothing_in;
}

/* Packages of web servers put a page there. */
static bool packages_may_fill(const struct work *w)
{
	if (!path_within(w->path, STR("/var/www")))
		return false;
	for (size_t i = 0; i < w->run && i < w->f->runs.n; i++)
		if (w->f->runs.at[i].flags & RUN_INSTALLS)
			return true;
	return false;
}

/* A home has files of its own: they belong to its account, which has to be the owner. */
static bool home_of_another(const struct work *w)
{
	const struct facts *f = w->f;
	const struct file_account *own = accounts_user(&f->accounts, w->user);
	for (size_t i = 0; i < f->accounts.users.n; i++) {
		const struct file_account *u = &f->accounts.users.at[i];
		if (u->home.n > 1 && overlap(u->home, w->path) && u->ins <= w->ins && path_within(u->home, w->path) &&
		    (u != own || !str_eq(u->group, w->group)))
			return true;
	}
	for (uint32_t i = 0; f->image && i < f->image->naccounts; i++) {
		const struct account *a = &f->image->accounts[i];
		if (a->home.n > 1 && path_within(a->home, w->path) &&
		    (own || !str_eq(a->name, w->user) || !str_eq(a->name, w->group)))
			return true;
	}
	return false;
}

static bool keep(struct work *w, struct str path)
{
	for (size_t i = 0; i < w->out->keep.n; i++)
		if (str_eq(w->out->keep.at[i], path))
			return true;
	*VEC_PUSH(w->f->arena, w->out->keep) = arena_str(w->f->arena, path);
	return w->out->keep.n <= MAX_KEEP;
}

/* A directory below the path, and those between. */
static bool keep_from_path(struct work *w, struct str path)
{
	size_t n = w->path.n;
	bool few = keep(w, w->path);
	while (few && n < path.n) {
		n++;
		while (n < path.n && path.p[n] != '/')
			n++;
		few = keep(w, str_sub(path, 0, n));
	}
	return few;
}

static bool see_made(struct work *w, const struct made *m)
{
	bool below = path_within(m->path, w->path);
	if (!overlap(m->path, w->path))
		return true;
	switch (m->kind) {
	case MADE_DIRECTORY:
		return !below || keep_from_path(w, m->path);
	case MADE_FILE:
		return below && keep_from_path(w, m->path);
	case MADE_OWNER:
		return !m->recursive;
	case MADE_MODE:
		return !m->recursive;
	case MADE_REMOVED:
		return below && !str_eq(m->path, w->path);
	default:
		return false;
	}
}

/* "run.sh", "requirements.txt": files by their names. */
static bool named_as_file(struct str source)
{
	struct str name = path_last(source);
	size_t dot = str_find_last_char(name, '.');
	return dot != STR_NONE && dot > 0 && dot + 1 < name.n && name.n - dot <= 6 && !str_ends(source, STR("/")) &&
	       str_find_char(name, '*', 0) == STR_NONE && str_find_char(name, '$', 0) == STR_NONE;
}

/* A copy to a directory above the path: single files that land beside it. */
static bool lands_beside(const struct work *w, const struct copy *copy)
{
	struct str sources = copy->sources, source;
	while (str_split(&sources, '\n', &source))
		if (!named_as_file(source) || overlap(path_join(w->f->scratch, copy->dest, path_last(source)), w->path))
			return false;
	return !copy->archive;
}

/* The directory itself is what is copied, and nothing made it before; the base has no such directory of its own. */
static bool makes_directory(const struct work *w, const struct copy *copy)
{
	return w->first == INS_NONE && str_eq(copy->dest, w->path) && str_eq(path_parent(w->path), STR("/")) &&
	       (str_eq(copy->sources, STR(".")) || str_eq(copy->sources, STR("./"))) && !copy->from_stage;
}

static bool may_be_archive(const struct copy *copy)
{
	return copy->archive || (copy->add && (str_find_char(copy->sources, '*', 0) != STR_NONE ||
					       str_find_char(copy->sources, '?', 0) != STR_NONE ||
					       str_find_char(copy->sources, '$', 0) != STR_NONE));
}

static bool see_copy(struct work *w, uint32_t index)
{
	struct facts *f = w->f;
	const struct copy *copy = &f->copies.at[index];
	uint32_t id;
	if (copy->dest.n == 0)
		return false;
	if (!path_within(copy->dest, w->path))
		return !path_within(w->path, copy->dest) || lands_beside(w, copy);
	bool numbers = str_to_u32(w->user, &id) && str_to_u32(w->group, &id);
	if (copy->ins < f->stages->at[f->target].from || may_be_archive(copy) || (copy->link && !numbers))
		return false;
	bool made = makes_directory(w, copy);
	if (w->first == INS_NONE)
		w->first = copy->ins;
	/* Builders differ in who owns the directories that a copy makes on its way. */
	struct str inside = str_eq(copy->dest, w->path) ? w->path : path_parent(copy->dest);
	if (!made && !keep_from_path(w, inside))
		return false;
	if (copy->has_chown)
		return str_eq(copy->flags->chown, w->out->owner);
	if (!user_stands(w, copy->ins) || !group_stands(w, copy->ins))
		return false;
	for (size_t i = 0; i < w->out->copies.n; i++)
		if (w->out->copies.at[i] == index)
			return true;
	*VEC_PUSH(f->arena, w->out->copies) = index;
	return w->out->copies.n <= MAX_COPIES;
}

static bool see_workdirs(struct work *w)
{
	struct facts *f = w->f;
	for (size_t i = 0; i < f->workdirs.n; i++) {
		const struct workdir *dir = &f->workdirs.at[i];
		if (dir->ins == INS_NONE || dir->ins > w->ins)
			continue;
		if (!dir->known)
			return false;
		if (path_within(dir->path, w->path) && !keep_from_path(w, dir->path))
			return false;
	}
	return true;
}

static bool see_volumes(const struct work *w)
{
	for (size_t i = 0; i < w->f->volumes.n; i++) {
		const struct volume *v = &w->f->volumes.at[i];
		if (v->ins < w->ins && (v->path.n == 0 || overlap(v->path, w->path)))
			return false;
	}
	return true;
}

/* What installs things, and writes nothing where it runs. */
static bool writes_elsewhere(const struct shell_command *c)
{
	struct str name = path_last(c->words[0].text);
	bool python = str_starts(name, STR("pip")) || str_eq(name, STR("gem"));
	for (uint32_t i = 1; python && i < c->nwords; i++) {
		struct str word = c->words[i].text;
		bool file = str_in_list(STR("-r,--requirement,-c,--constraint"), c->words[i - 1].text);
		if (!file && (word.n == 0 || word.p[0] == '.' || word.p[0] == '/' || c->words[i].expands ||
			      str_in_list(STR("-e,--editable,-t,--target,--src"), word)))
			return false;
	}
	return python || str_in_list(STR("apt-get,apt,apk,yum,dnf,microdnf,zypper,pacman,dpkg,rpm,update-ca-"
					 "certificates,ldconfig,locale-gen,fc-cache,setcap,"
					 "docker-php-ext-install,docker-php-ext-enable,docker-php-ext-configure,pecl,"
					 "a2enmod,a2dismod,update-alternatives"),
				     name);
}

static bool all_known(const struct shell_command *c)
{
	for (uint32_t i = 0; i < c->nwords; i++)
		if (c->words[i].expands || c->words[i].glob || c->words[i].brace || c->words[i].tilde)
			return false;
	return true;
}

static bool is_harmless(const struct work *w, const struct shell_command *c)
{
	for (uint32_t i = 0; i < c->nredirects; i++)
		if (c->redirects[i].kind != REDIRECT_DUP &&
		    (c->redirects[i].target.expands || c->redirects[i].kind == REDIRECT_READ_WRITE))
			return false;
	if (c->nwords == 0)
		return true;
	switch (command_lookup(w->f->tables->commands, c->words, c->nwords).effect) {
	case EFFECT_PLAIN:
		return !str_in_list(STR("find,.,source"), path_last(c->words[0].text));
	case EFFECT_ROOT:
		return writes_elsewhere(c);
	case EFFECT_CREATE:
	case EFFECT_COPY:
		return all_known(c);
	case EFFECT_OWNER:
	case EFFECT_MODE:
	case EFFECT_REMOVE:
	case EFFECT_ACCOUNT:
	case EFFECT_CD:
		return true;
	default:
		return false;
	}
}

/* A step that may work below the path: every command of it has to be one that does not, or whose paths are known. */
static bool see_run(const struct work *w, const struct run *run)
{
	const uint32_t dark =
		RUN_OPAQUE | RUN_UNREADABLE | RUN_MINDS_OWNER | RUN_NPM | RUN_SCRIPT | RUN_EXEC | RUN_SUDO;
	struct shell_script script = {0};
	bool harmless = true;
	struct arena_mark mark = arena_mark(w->f->scratch);
	if ((run->flags & dark) || w->f->users.at[run->user].kind == USER_OTHER)
		return false;
	struct step_text text = step_text(w->f->scratch, w->f->doc, run->ins);
	shell_parse(w->f->scratch, text.text, &script);
	for (size_t i = 0; i < script.n && harmless; i++)
		harmless = is_harmless(w, &script.at[i]);
	arena_rewind(w->f->scratch, mark);
	return harmless && text.text.n && !script.unknown;
}

static bool see_runs(const struct work *w)
{
	const struct facts *f = w->f;
	for (size_t i = 0; i <= w->run; i++) {
		const struct run *run = &f->runs.at[i];
		const struct workdir *dir = &f->workdirs.at[run->workdir];
		bool here = !dir->known ? run->workdir > 0 : dir->path.n > 1 && overlap(dir->path, w->path);
		if ((here || run->ins > w->first) && !see_run(w, run))
			return false;
	}
	return true;
}

static bool find_path(struct work *w, size_t first)
{
	struct facts *f = w->f;
	w->first = INS_NONE;
	if (base_may_hold(w) || packages_may_fill(w) || home_of_another(w) || !see_volumes(w) || !see_workdirs(w))
		return false;
	for (size_t i = 0; i < first; i++)
		if (f->made.at[i].run != RUN_START && !see_made(w, &f->made.at[i]))
			return false;
	for (uint32_t i = 0; i < f->copies.n && f->copies.at[i].ins < w->ins; i++)
		if (!see_copy(w, i))
			return false;
	for (size_t i = first; i < f->made.n && f->made.at[i].run == w->run; i++)
		if (f->made.at[i].kind == MADE_MODE && f->made.at[i].recursive && overlap(f->made.at[i].path, w->path))
			return false; /* the files are stored twice anyway */
	return see_runs(w);
}

bool doubled_find(struct facts *f, uint32_t run, size_t first, size_t n, struct doubled *out)
{
	struct work w = {.f = f, .out = out, .run = run, .ins = f->runs.at[run].ins};
	*out = (struct doubled){0};
	if (n == 0 || n > MAX_PATHS || f->users.at[f->runs.at[run].user].kind == USER_OTHER ||
	    !read_owner(&w, f->made.at[first].owner))
		return false;
	for (size_t i = first; i < first + n; i++) {
		w.path = f->made.at[i].path;
		if (!find_path(&w, first))
			return false;
	}
	return out->copies.n > 0;
}
