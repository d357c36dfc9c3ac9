/* Which account the app gets: whom the file hands its directory to, the image's own, one that the file makes, a new one, numbers. */
#include "base/path.h"
#include "plan/plan.h"

enum { DEFAULT_ID = 10001, NONROOT_ID = 65532 };

static struct str ids(struct arena *a, uint32_t uid, uint32_t gid)
{
	return arena_printf(a, "%u:%u", uid, gid);
}

static void take_account(struct plan *p, const struct account *account)
{
	struct arena *a = p->f->arena;
	struct owner *o = &p->owner;
	*o = (struct owner){.kind = OWNER_IMAGE, .ins = INS_NONE, .user = account->name, .home = account->home, .uid = account->uid, .gid = account->gid};
	o->chown = arena_printf(a, "%.*s:%.*s", STR_ARG(account->name), STR_ARG(account->name));
	if (account->ids_known)
		o->numeric = ids(a, account->uid, account->gid);
}

static bool image_account(struct plan *p)
{
	struct facts *f = p->f;
	const struct account *app = f->image ? f->image->app : NULL;
	struct owner *o = &p->owner;
	if (!app || accounts_removed(&f->accounts, app->name))
		return false;
	take_account(p, app);
	o->why = arena_printf(f->arena, "%.*s brings the user %.*s", STR_ARG(f->image_name), STR_ARG(app->name));
	if (!f->image->has_shell && app->ids_known) /* distroless: numbers, which Kubernetes can check too */
		o->user = o->chown = o->numeric;
	return true;
}

struct str plan_owner_name(struct str owner)
{
	size_t n = 0;
	while (n < owner.n && owner.p[n] != ':' && owner.p[n] != '.')
		n++;
	return str_sub(owner, 0, n);
}

static bool names_owner(struct str owner, struct str name)
{
	return str_starts(owner, name) && (owner.n == name.n || owner.p[name.n] == ':' || owner.p[name.n] == '.');
}

/* How much speaks for an account: that the app runs in its home, or in what is handed to it, counts more than anything else that is
   handed to it. */
static uint32_t evidence_for(const struct facts *f, const struct file_account *u)
{
	struct str workdir = facts_workdir(f)->path, name = u->name;
	uint32_t evidence = workdir.n && u->home.n > 1 && path_within(workdir, u->home) ? 2u : 0;
	for (size_t i = 0; i < f->made.n; i++) {
		const struct made *m = &f->made.at[i];
		if (m->kind == MADE_OWNER && names_owner(m->owner, name))
			evidence |= workdir.n && path_within(workdir, m->path) ? 2u : 1u;
	}
	for (size_t i = 0; i < f->copies.n; i++) {
		const struct copy *copy = &f->copies.at[i];
		if (copy->has_chown && names_owner(copy->flags->chown, name))
			evidence |= workdir.n && copy->dest.n && path_within(copy->dest, workdir) ? 2u : 1u;
	}
	return evidence;
}

/* The account that the file makes for the app: the one that most is handed to, or the only one. */
static const struct file_account *app_of_file(const struct facts *f, bool *doubtful)
{
	const struct file_account *best = NULL;
	uint32_t most = 0, count = 0, equals = 0;
	for (size_t i = 0; i < f->accounts.users.n && count < 64; i++) {
		const struct file_account *u = accounts_user(&f->accounts, f->accounts.users.at[i].name);
		if (!u || u->changed || u == best || (u->uid_known && u->uid == 0) || str_eq(u->name, STR("root")))
			continue;
		uint32_t evidence = evidence_for(f, u);
		count++;
		equals = !best || evidence > most ? 1 : equals + (evidence == most);
		if (!best || evidence > most) {
			best = u;
			most = evidence;
		}
	}
	*doubtful = equals > 1 && most > 0;
	return count == 1 || most > 0 ? best : NULL;
}

/* `evidence`: how much has to speak for it, at least (evidence_for). */
static bool file_account(struct plan *p, uint32_t evidence)
{
	struct facts *f = p->f;
	bool doubtful;
	const struct file_account *u = app_of_file(f, &doubtful);
	struct owner *o = &p->owner;
	if (!u || evidence_for(f, u) < evidence)
		return false;
	if (doubtful)
		plan_reason(p, UNROOT_UNSAFE, u->ins, STR("which of the file's accounts is the app's cannot be told"));
	*o = (struct owner){.kind = OWNER_FILE, .ins = u->ins, .user = u->name, .home = u->home, .uid = u->uid, .gid = u->gid};
	/* "name:" would be group root, a name alone is the primary group of passwd: right for COPY and chown alike. */
	o->chown = u->group.n ? arena_printf(f->arena, "%.*s:%.*s", STR_ARG(u->name), STR_ARG(u->group)) : u->name;
	if (u->uid_known && u->gid_known)
		o->numeric = ids(f->arena, u->uid, u->gid);
	o->why = arena_printf(f->arena, "line %u makes the user %.*s", f->doc->instructions.at[u->ins].line, STR_ARG(u->name));
	return true;
}

/* Who the file hands the directory to where the app runs, by its last word on that: "www-data:www-data", "1001:0"; or empty. */
static struct str handed_to(const struct facts *f, uint32_t *ins)
{
	const struct workdir *workdir = facts_workdir(f);
	struct str owner = STR("");
	if (!workdir->known || workdir->path.n < 2)
		return owner;
	for (size_t i = 0; i < f->copies.n; i++) {
		const struct copy *copy = &f->copies.at[i];
		if (copy->has_chown && copy->flags->chown.n && copy->dest.n && path_within(copy->dest, workdir->path)) {
			owner = copy->flags->chown;
			*ins = copy->ins;
		}
	}
	for (size_t i = 0; i < f->made.n; i++) {
		const struct made *m = &f->made.at[i];
		if (m->kind == MADE_OWNER && !m->unsure && m->run != RUN_START && path_within(workdir->path, m->path) &&
		    (owner.n == 0 || f->runs.at[m->run].ins > *ins)) {
			owner = m->owner;
			*ins = f->runs.at[m->run].ins;
		}
	}
	return owner;
}

static const struct account *account_of_image(const struct facts *f, struct str name)
{
	for (uint32_t i = 0; f->image && i < f->image->naccounts; i++)
		if (str_eq(f->image->accounts[i].name, name))
			return accounts_removed(&f->accounts, name) ? NULL : &f->image->accounts[i];
	return NULL;
}

/* Whether the app runs in the directory, at last, or is started out of it. */
static bool app_lies_in(const struct facts *f, struct str directory)
{
	const struct workdir *workdir = facts_workdir(f);
	bool lies = workdir->known && path_within(workdir->path, directory);
	for (size_t i = 0; i < f->start.directories.n && !lies; i++)
		lies = path_within(f->start.directories.at[i], directory);
	for (size_t i = 0; i < f->start.words.n && !lies; i++)
		lies = path_within(f->start.words.at[i].text, directory);
	return lies;
}

/* The app lies in the home of an account of the image, which nobody else may enter on Ubuntu: /home/ubuntu. */
static bool account_at_home(struct plan *p)
{
	const struct facts *f = p->f;
	for (uint32_t i = 0; f->image && i < f->image->naccounts; i++) {
		const struct account *account = &f->image->accounts[i];
		if (!str_starts(account->home, STR("/home/")) || !app_lies_in(f, account->home) ||
		    accounts_removed(&f->accounts, account->name) || accounts_user(&f->accounts, account->name))
			continue;
		take_account(p, account);
		p->owner.why = arena_printf(f->arena, "the app is in the home of %.*s", STR_ARG(account->name));
		return true;
	}
	return false;
}

/* An account of the image, or a number, that the file hands the app's directory to. */
static bool handed_account(struct plan *p)
{
	struct facts *f = p->f;
	uint32_t ins = 0, uid;
	struct str text = handed_to(f, &ins), name = plan_owner_name(text);
	const struct account *account = account_of_image(f, name);
	struct owner *o = &p->owner;
	if (accounts_user(&f->accounts, name) || (account && (account->uid == 0 || account == f->image->app)))
		return false;
	if (account) {
		take_account(p, account);
		o->chown = text;
		o->home = STR(""); /* whether it is there, and the account's own, is another matter */
	} else if (str_to_u32(name, &uid) && uid && !(f->image && f->image->app && f->image->app->ids_known && f->image->app->uid == uid)) {
		struct str group = str_sub(text, name.n + (name.n < text.n), text.n);
		*o = (struct owner){.kind = OWNER_NUMBERS, .ins = INS_NONE, .user = name, .uid = uid};
		if (group.n)
			o->user = arena_printf(f->arena, "%.*s:%.*s", STR_ARG(name), STR_ARG(group));
		o->chown = o->numeric = o->user;
	} else {
		return false;
	}
	o->why = arena_printf(f->arena, "line %u hands it the app's directory", f->doc->instructions.at[ins].line);
	return true;
}

/* A user that the file switched to and away from again. */
static bool earlier_user(struct plan *p)
{
	struct facts *f = p->f;
	for (size_t i = f->users.n + 1; i > 0; i--) {
		const struct user *user = i > f->users.n ? &f->moved : &f->users.at[i - 1];
		if (user->kind != USER_OTHER || user->ins == INS_NONE)
			continue;
		size_t colon = str_find_char(user->text, ':', 0);
		struct str name = colon == STR_NONE ? user->text : str_sub(user->text, 0, colon);
		const struct file_account *made = accounts_user(&f->accounts, name);
		p->owner = (struct owner){.kind = OWNER_FILE, .ins = made ? made->ins : INS_NONE, .user = user->text, .chown = user->text};
		if (colon == STR_NONE && made && made->group.n)
			p->owner.chown = arena_printf(f->arena, "%.*s:%.*s", STR_ARG(name), STR_ARG(made->group));
		if (made && made->uid_known && made->gid_known)
			p->owner.numeric = ids(f->arena, made->uid, made->gid);
		p->owner.home = made ? made->home : (struct str){"", 0};
		p->owner.why = arena_printf(f->arena, "line %u runs as %.*s already", f->doc->instructions.at[user->ins].line,
					    STR_ARG(user->text));
		return true;
	}
	return false;
}

static bool taken(const struct facts *f, struct str name)
{
	for (uint32_t i = 0; f->image && i < f->image->naccounts; i++)
		if (str_eq(f->image->accounts[i].name, name))
			return true;
	for (size_t i = 0; i < f->accounts.users.n; i++)
		if (str_eq(f->accounts.users.at[i].name, name))
			return true;
	for (size_t i = 0; i < f->accounts.groups.n; i++)
		if (str_eq(f->accounts.groups.at[i].name, name))
			return true;
	return false;
}

static void take_id(bool *taken_ids, size_t n, uint32_t first, bool known, uint32_t id)
{
	if (known && id >= first && id - first < n)
		taken_ids[id - first] = true;
}

/* The first number from `first` on that is no uid and no gid. */
static uint32_t free_id(const struct facts *f, uint32_t first)
{
	uint32_t images = f->image ? f->image->naccounts : 0, free = 0;
	size_t n = 2 * (size_t)images + f->accounts.users.n + f->accounts.groups.n + 1; /* one of them is free */
	bool *ids_taken = ARENA_ARRAY(f->scratch, bool, n);
	for (uint32_t i = 0; i < images; i++) {
		const struct account *account = &f->image->accounts[i];
		take_id(ids_taken, n, first, account->ids_known, account->uid);
		take_id(ids_taken, n, first, account->ids_known, account->gid);
	}
	for (size_t i = 0; i < f->accounts.users.n; i++)
		take_id(ids_taken, n, first, f->accounts.users.at[i].uid_known, f->accounts.users.at[i].uid);
	for (size_t i = 0; i < f->accounts.groups.n; i++)
		take_id(ids_taken, n, first, f->accounts.groups.at[i].gid_known, f->accounts.groups.at[i].gid);
	while (ids_taken[free])
		free++;
	return first + free;
}

static void new_account(struct plan *p)
{
	struct facts *f = p->f;
	struct owner *o = &p->owner;
	struct str name = p->wishes->user.n ? p->wishes->user : STR("app");
	*o = (struct owner){.kind = OWNER_NEW, .ins = INS_NONE};
	o->uid = p->wishes->uid ? p->wishes->uid : free_id(f, DEFAULT_ID);
	if (!p->wishes->user.n && taken(f, name))
		name = STR("appuser");
	o->gid = p->wishes->gid ? p->wishes->gid : o->uid;
	o->name = o->user = name;
	o->group = p->wishes->group.n ? p->wishes->group : name;
	o->chown = arena_printf(f->arena, "%.*s:%.*s", STR_ARG(name), STR_ARG(o->group));
	o->numeric = ids(f->arena, o->uid, o->gid);
	o->home = arena_printf(f->arena, "/home/%.*s", STR_ARG(name));
	o->why = STR("a new user");
	if (taken(f, name))
		plan_reason(p, UNROOT_UNSAFE, INS_NONE, arena_printf(f->arena, "the name %.*s is taken in the image", STR_ARG(name)));
}

static void numbers(struct plan *p)
{
	struct facts *f = p->f;
	bool bare = f->family == FAMILY_SCRATCH || f->family == FAMILY_DISTROLESS;
	struct owner *o = &p->owner;
	uint32_t id = bare ? NONROOT_ID : DEFAULT_ID;
	*o = (struct owner){.kind = OWNER_NUMBERS, .ins = INS_NONE};
	o->uid = p->wishes->uid ? p->wishes->uid : id;
	o->gid = p->wishes->gid ? p->wishes->gid : o->uid;
	o->user = o->chown = o->numeric = ids(f->arena, o->uid, o->gid);
	o->why = STR("numbers, which need no account");
	if (!bare)
		plan_reason(p, UNROOT_UNSAFE, INS_NONE,
			    arena_printf(f->arena, "how accounts are made there is not known (%.*s)", STR_ARG(f->family_why)));
}

static bool can_make_accounts(const struct facts *f)
{
	switch (f->tools) {
	case TOOLS_SHADOW:
	case TOOLS_SHADOW_ADDUSER:
	case TOOLS_BUSYBOX:
	case TOOLS_INSTALL: return f->family != FAMILY_UNKNOWN;
	default: return false;
	}
}

/* USER with numbers: the group too, since a number alone runs with the group root when passwd lacks it. */
static void make_numeric(struct plan *p)
{
	if (p->owner.numeric.n)
		p->owner.user = p->owner.numeric;
}

/* An account's name holds as long as /etc/passwd stays what it is. */
static void judge_accounts(struct plan *p)
{
	const struct facts *f = p->f;
	for (size_t i = 0; i < f->copies.n && p->owner.kind != OWNER_NUMBERS; i++)
		if (facts_copy_replaces(f, &f->copies.at[i], STR("/etc/passwd")))
			plan_reason(p, UNROOT_UNSAFE, f->copies.at[i].ins,
				    STR("/etc/passwd is copied from elsewhere, and the accounts with it"));
}

/* What the plan takes from the table about the base, and nobody has verified. */
static void judge_knowledge(struct plan *p)
{
	struct facts *f = p->f;
	uint32_t sure = f->image ? f->image->sure : SURE_ALL;
	struct str name = f->image_name.n ? f->image_name : STR("the base");
	const char *what = NULL;
	if (f->image && f->family != FAMILY_UNKNOWN && !f->family_sure)
		plan_reason(p, UNROOT_UNSAFE, INS_NONE,
			    arena_printf(f->arena, "that %.*s is built on %.*s is not verified", STR_ARG(f->image_name),
					 STR_ARG(family_name(f->family))));
	if (p->owner.kind == OWNER_IMAGE && !(sure & SURE_ACCOUNTS))
		plan_reason(p, UNROOT_UNSAFE, INS_NONE,
			    arena_printf(f->arena, "the user %.*s of the image is not verified", STR_ARG(p->owner.user)));
	if (p->recipe && !f->image->entrypoint_known)
		plan_reason(p, UNROOT_UNSAFE, INS_NONE,
			    arena_printf(f->arena, "what the ENTRYPOINT of %.*s does is not known", STR_ARG(name)));
	if (p->owner.kind == OWNER_NEW && !f->tools_sure)
		what = "how accounts are made in";
	else if (p->owner.kind == OWNER_NEW && !(sure & SURE_ACCOUNTS))
		what = "which accounts there are in";
	if (what)
		plan_reason(p, UNROOT_UNSAFE, INS_NONE,
			    arena_printf(f->arena, "%s %.*s is not verified", what, STR_ARG(name)));
}

void plan_owner(struct plan *p)
{
	const struct user *own = p->f->doubted.ins != INS_NONE ? &p->f->doubted : &p->f->users.at[0];
	bool asked = p->wishes->user.n > 0;
	if (p->recipe) {
		plan_recipe_owner(p);
	} else if (!asked && (earlier_user(p) || file_account(p, 2) || handed_account(p) || file_account(p, 1) || image_account(p))) {
		/* found */
	} else if (!asked && own->kind == USER_OTHER && own->text.n) {
		/* the image's default user is the one to go back to after USER root */
		p->owner = (struct owner){.kind = OWNER_IMAGE, .ins = INS_NONE, .user = own->text, .chown = own->text,
					  .why = STR("the image's own user")};
	} else if (asked || !(file_account(p, 0) || account_at_home(p))) {
		if (can_make_accounts(p->f))
			new_account(p);
		else
			numbers(p);
	}
	if (p->wishes->numeric)
		make_numeric(p);
	judge_accounts(p);
	judge_knowledge(p);
}
