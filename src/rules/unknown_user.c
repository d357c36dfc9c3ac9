/* USER or --chown names an account that nobody makes. A step after such a USER fails, and so does the start; a COPY
   gives the files to root without a word (BuildKit) or fails (the classic builder, Buildah). */
#include "base/path.h"
#include "fix/rule.h"
#include "model/image_groups.h"

#include <stdlib.h>

enum { FREE_ID = 10001 };

/* Who uses a name first. */
struct use {
	struct str name, group; /* group: empty without, or a number */
	uint32_t ins;
	uint32_t user; /* index of the user in effect there */
	bool chown;
};

/* What the file itself makes, and from where on it may have made more. */
struct knowledge {
	struct map users, groups; /* name -> ins + 1 of the step that makes it */
	uint32_t doubt;		  /* the first instruction that may bring accounts unseen */
	uint32_t installs;	  /* the first that installs packages, which may bring accounts */
	uint32_t *ids;		  /* of the file's accounts, in order */
	size_t nids, next_id;
	uint32_t last_id; /* of those that this rule makes; 0: none so far */
};

static void made_at(struct rule_context *ctx, struct map *map, struct str name, uint32_t ins)
{
	void **slot = map_put(ctx->arena, map, name);

	if (!*slot)
		*slot = (void *)(uintptr_t)(ins + 1);
}

/* Whether it is made above `ins`; `later` when below. */
static bool is_made(const struct map *map, struct str name, uint32_t ins, uint32_t *later)
{
	uint32_t at = (uint32_t)(uintptr_t)map_get(map, name);

	*later = at > ins ? at - 1 : INS_NONE;
	return at && at <= ins;
}

static void lower(uint32_t *limit, uint32_t ins)
{
	if (ins < *limit)
		*limit = ins;
}

/* A name with a letter behind a dot: surely a file, so that "COPY entrypoint.sh /" brings no /etc. */
static bool is_file_name(struct str source)
{
	struct str last = path_last(source);
	size_t dot = str_find_last_char(last, '.');

	return dot != STR_NONE && dot > 0 && dot + 1 < last.n && ascii_alpha(last.p[dot + 1]) &&
	       str_find_char(last, '*', 0) == STR_NONE;
}

/* Whether a COPY may bring an /etc/passwd. */
static bool copy_brings(struct arena *a, const struct copy *copy)
{
	struct str sources = copy->sources, source;

	if (copy->dest.n == 0 || path_within(copy->dest, STR("/etc")))
		return copy->dest.n == 0 || str_eq(copy->dest, STR("/etc")) ||
		       path_within(copy->dest, STR("/etc/passwd"));
	if (!str_eq(copy->dest, STR("/")))
		return false;
	if (copy->archive || copy->remote)
		return true;
	while (str_split(&sources, '\n', &source))
		if (!is_file_name(path_join(a, STR(""), source)))
			return true;
	return false;
}

static void read_steps(struct rule_context *ctx, struct knowledge *k)
{
	const struct facts *f = ctx->facts;

	for (size_t i = 0; i < f->runs.n; i++) {
		const struct instruction *ins = &f->doc->instructions.at[f->runs.at[i].ins];
		struct str bytes = str_sub(f->doc->source.bytes, ins->start, ins->end);
		if ((f->runs.at[i].flags & (RUN_OPAQUE | RUN_UNREADABLE)) ||
		    str_find(bytes, STR("/etc/passwd"), 0) != STR_NONE ||
		    str_find(bytes, STR("newusers"), 0) != STR_NONE)
			lower(&k->doubt, f->runs.at[i].ins);
		if (f->runs.at[i].flags & RUN_INSTALLS)
			lower(&k->installs, f->runs.at[i].ins);
	}
	for (size_t i = 0; i < f->copies.n; i++)
		if (copy_brings(ctx->arena, &f->copies.at[i]))
			lower(&k->doubt, f->copies.at[i].ins);
	for (size_t i = 0; i < f->made.n; i++)
		if (f->made.at[i].run < f->runs.n && f->made.at[i].kind != MADE_OWNER &&
		    f->made.at[i].kind != MADE_MODE && str_eq(f->made.at[i].path, STR("/")))
			lower(&k->doubt, f->runs.at[f->made.at[i].run].ins);
	/* An account tool with a name that is not known. */
	for (size_t i = 0; i < f->account_steps.n; i++) {
		const struct account_command *c = &f->account_steps.at[i].command;
		bool renames = c->options[ACCOUNT_NAME].given && !c->options[ACCOUNT_NAME].known;
		if (c->noperands == 0 || c->noperands > ACCOUNT_OPERANDS || !c->operands[0].p || renames)
			lower(&k->doubt, f->account_steps.at[i].ins);
	}
}

static int compare_ids(const void *left, const void *right)
{
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

	return (a > b) - (a < b);
}

/* The numbers that the file's own accounts have, in order. */
static void read_ids(struct rule_context *ctx, struct knowledge *k)
{
	const struct facts *f = ctx->facts;

	k->ids = ARENA_ARRAY(ctx->arena, uint32_t, f->accounts.users.n + f->accounts.groups.n);
	for (size_t i = 0; i < f->accounts.users.n; i++)
		if (f->accounts.users.at[i].uid_known)
			k->ids[k->nids++] = f->accounts.users.at[i].uid;
	for (size_t i = 0; i < f->accounts.groups.n; i++)
		if (f->accounts.groups.at[i].gid_known)
			k->ids[k->nids++] = f->accounts.groups.at[i].gid;
	if (k->nids)
		qsort(k->ids, k->nids, sizeof *k->ids, compare_ids);
}

static struct knowledge read_knowledge(struct rule_context *ctx)
{
	const struct facts *f = ctx->facts;
	struct knowledge k = {.doubt = INS_NONE, .installs = INS_NONE};

	for (size_t i = 0; i < f->accounts.users.n; i++)
		made_at(ctx, &k.users, f->accounts.users.at[i].name, f->accounts.users.at[i].ins);
	for (size_t i = 0; i < f->accounts.groups.n; i++)
		made_at(ctx, &k.groups, f->accounts.groups.at[i].name, f->accounts.groups.at[i].ins);
	read_steps(ctx, &k);
	read_ids(ctx, &k);
	return k;
}

/* The name and group of "name:group"; false for what is no name. */
static bool split_owner(struct str text, struct use *use)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_-ABCDEFGHIJKLMNOPQRSTUVWXYZ.";
	size_t colon = str_find_char(text, ':', 0);
	uint32_t number;

	use->name = colon == STR_NONE ? text : str_sub(text, 0, colon);
	use->group = colon == STR_NONE ? STR("") : str_sub(text, colon + 1, text.n);
	if (use->name.n == 0 || str_to_u32(use->name, &number) || str_eq(use->name, STR("root")))
		return false;
	for (size_t i = 0; i < use->name.n; i++)
		if (!use->name.p[i] || !strchr(letters, use->name.p[i]))
			return false;
	for (size_t i = 0; i < use->group.n; i++)
		if (!use->group.p[i] || !strchr(letters, use->group.p[i]))
			return false;
	return true;
}

/* Names that people give to the account of an app, and no package does. */
static bool is_app_name(struct str name)
{
	static const char *const names[] = {"app",	 "appuser", "app_user",	 "app-user",	"nonroot", "non-root",
					    "user",	 "myuser",  "appgroup",	 "application", "deploy",  "deployer",
					    "worker",	 "runner",  "developer", "dev",		"myapp",   "webapp",
					    "container", "service", "server"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (str_eq(name, str_of(names[i])))
			return true;
	return false;
}

static bool can_make_accounts(const struct facts *f)
{
	return f->family != FAMILY_UNKNOWN && (f->tools == TOOLS_SHADOW || f->tools == TOOLS_SHADOW_ADDUSER ||
					       f->tools == TOOLS_BUSYBOX || f->tools == TOOLS_INSTALL);
}

/* The first number from `id` on that nothing has. */
static uint32_t free_id(const struct facts *f, struct knowledge *k, uint32_t id)
{
	for (;; id++) {
		while (k->next_id < k->nids && k->ids[k->next_id] < id)
			k->next_id++;
		bool in_file = k->next_id < k->nids && k->ids[k->next_id] == id;
		if (!in_file && !image_account_numbered(f, id) && !image_group_numbered(f, id).p)
			return id;
	}
}

/* The account as the plan's own new ones are. */
static struct owner new_owner(struct rule_context *ctx, struct knowledge *k, const struct use *use)
{
	const struct facts *f = ctx->facts;
	const struct plan *p = ctx->plan;
	bool planned = p->wanted && p->owner.kind == OWNER_NEW && p->owner.uid;
	uint32_t id = p->wishes->uid ? p->wishes->uid : FREE_ID, number, later;
	struct owner owner = {.kind = OWNER_NEW, .name = use->name, .group = use->name, .ins = INS_NONE};

	if (use->group.n && !str_to_u32(use->group, &number) && !image_group_named(f, use->group, NULL) &&
	    !is_made(&k->groups, use->group, use->ins, &later))
		owner.group = use->group;
	if (planned && id <= p->owner.uid)
		id = p->owner.uid + 1;
	owner.uid = free_id(f, k, k->last_id ? k->last_id + 1 : id);
	owner.gid = p->wishes->gid && !planned && !k->last_id ? p->wishes->gid : owner.uid;
	owner.home = arena_printf(ctx->arena, "/home/%.*s", STR_ARG(use->name));
	return owner;
}

/* The step that makes it, which from then on is known. */
static struct str creation(struct rule_context *ctx, struct knowledge *k, const struct use *use)
{
	struct plan plan = *ctx->plan;
	struct commands commands = {0}, wanted = {0};
	uint32_t later;

	plan.owner = new_owner(ctx, k, use);
	account_commands(ctx->arena, ctx->facts->tables, &plan, &commands);
	bool group_there = image_group_named(ctx->facts, plan.owner.group, NULL) ||
			   is_made(&k->groups, plan.owner.group, use->ins, &later);
	for (size_t i = 0; i < commands.n; i++)
		if (!group_there ||
		    (!str_starts(commands.at[i], STR("groupadd")) && !str_starts(commands.at[i], STR("addgroup"))))
			*VEC_PUSH(ctx->arena, wanted) = commands.at[i];
	made_at(ctx, &k->users, use->name, use->ins - 1);
	made_at(ctx, &k->groups, plan.owner.group, use->ins - 1);
	if (wanted.n)
		k->last_id = plan.owner.uid;
	return wanted.n ? style_run(ctx->style, use->ins, wanted.at, (uint32_t)wanted.n) : (struct str){"", 0};
}

static struct str describe(struct rule_context *ctx, const struct use *use)
{
	const struct facts *f = ctx->facts;
	const char *effect = use->chown ? "the files go to root (BuildKit), or the build fails"
					: "the next step and the container fail";

	return arena_printf(ctx->arena, "%s %.*s: neither %.*s nor a step above has that account; %s",
			    use->chown ? "--chown" : "USER", STR_ARG(use->name), STR_ARG(f->image_name), effect);
}

static void explain(struct rule_context *ctx, const struct use *use, struct str advice)
{
	rule_find(ctx, use->ins, UNROOT_DISPLAY,
		  arena_printf(ctx->arena, "%.*s\n  %.*s", STR_ARG(describe(ctx, use)), STR_ARG(advice)));
}

static void report(struct rule_context *ctx, struct knowledge *k, const struct use *use, uint32_t later)
{
	const struct facts *f = ctx->facts;
	const struct plan *p = ctx->plan;
	bool planned = p->wanted && !p->explained && p->owner.kind == OWNER_NEW && str_eq(p->owner.name, use->name);
	struct str text = STR("");

	if (later != INS_NONE) {
		explain(ctx, use,
			arena_printf(ctx->arena, "line %u makes it, too late: move that step up",
				     f->doc->instructions.at[later].line));
		return;
	}
	if (planned) {
		explain(ctx, use, STR("run-as-root makes an account of that name"));
		return;
	}
	if (f->users.at[use->user].kind != USER_ROOT) {
		explain(ctx, use, STR("make it above, while the build is still root"));
		return;
	}
	if (can_make_accounts(f))
		text = creation(ctx, k, use);
	if (text.n == 0) {
		explain(ctx, use, STR("nothing there can make accounts: use numbers, such as 65532:65532"));
		return;
	}
	struct finding *finding =
		rule_find(ctx, use->ins, use->ins > k->installs ? UNROOT_UNSAFE : UNROOT_SAFE, describe(ctx, use));
	finding->detail = use->name;
	style_insert_above(ctx->style, &finding->edits, use->ins, text);
}

/* The users that matter: the last one, and those that a step runs as. */
static bool *users_in_effect(struct rule_context *ctx)
{
	const struct facts *f = ctx->facts;
	bool *used = ARENA_ARRAY(ctx->arena, bool, f->users.n);

	for (size_t i = 0; i < f->runs.n; i++)
		used[f->runs.at[i].user] = true;
	used[f->users.n - 1] = true;
	return used;
}

static bool next_user(const struct facts *f, const bool *used, size_t *at, struct use *use)
{
	for (; *at < f->users.n; (*at)++) {
		const struct user *user = &f->users.at[*at];
		if (used[*at] && *at > 0 && facts_user_is_written(f, user) && user->kind == USER_OTHER &&
		    split_owner(user->text, use)) {
			use->ins = user->ins;
			use->user = (uint32_t)*at - 1;
			use->chown = false;
			return true;
		}
	}
	return false;
}

static bool next_copy(const struct facts *f, size_t *at, struct use *use)
{
	for (; *at < f->copies.n; (*at)++) {
		const struct copy *copy = &f->copies.at[*at];
		if (copy->has_chown && split_owner(copy->flags->chown, use)) {
			use->ins = copy->ins;
			use->user = copy->user;
			use->chown = true;
			return true;
		}
	}
	return false;
}

/* Whether the file names any account: most name none. */
static bool names_accounts(const struct facts *f)
{
	bool names = f->users.n > 1;

	for (size_t i = 0; i < f->copies.n && !names; i++)
		names = f->copies.at[i].has_chown;
	return names;
}

static void run(struct rule_context *ctx)
{
	const struct facts *f = ctx->facts;
	struct map told = {0};
	size_t user = 0, copy = 0;

	if (!names_accounts(f))
		return;
	if (!f->image || !(f->image->sure & SURE_ACCOUNTS) || !f->family_sure || !f->tools_sure || f->family == FAMILY_WINDOWS)
		return;
	struct knowledge k = read_knowledge(ctx);
	const bool *used = users_in_effect(ctx);
	for (;;) {
		struct use of_user, of_copy;
		bool has_user = next_user(f, used, &user, &of_user), has_copy = next_copy(f, &copy, &of_copy);
		bool copy_first = has_copy && (!has_user || of_copy.ins < of_user.ins);
		struct use use = copy_first ? of_copy : of_user;
		uint32_t later;
		if (!has_user && !has_copy)
			return;
		copy += copy_first;
		user += !copy_first;
		if (use.ins > k.doubt || map_get(&told, use.name) || image_account_named(f, use.name) ||
		    is_made(&k.users, use.name, use.ins, &later) || (use.ins > k.installs && !is_app_name(use.name)))
			continue;
		*map_put(ctx->arena, &told, use.name) = ctx;
		report(ctx, &k, &use, later);
	}
}

const struct rule rule_unknown_user = {"unknown-user", false, run};
