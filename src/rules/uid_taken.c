/* An account or group is made whose name or number the image has already: the tool refuses, and the build ends. */
#include "fix/rule.h"
#include "model/image_groups.h"

enum { FREE_ID = 10001, TRIES = 64, PEOPLE = 1000 };

/* What was seen on the way through the steps. */
struct history {
	struct map gone_users, gone_groups; /* removed, renamed or renumbered */
	struct map told;		    /* numbers that were reported */
	uint32_t doubt; /* the first run that may have changed the accounts in a way that was not read */
	uint32_t next;	/* the next number to try for those that move */
	bool all_gone;	/* something was removed, nobody knows what */
};

static void mark(struct rule_context *ctx, struct map *map, struct str key)
{
	*map_put(ctx->arena, map, key) = ctx;
}

/* A step that may change accounts without an account tool. */
static uint32_t first_doubt(const struct facts *f)
{
	for (size_t i = 0; i < f->runs.n; i++) {
		const struct instruction *ins = &f->doc->instructions.at[f->runs.at[i].ins];
		struct str bytes = str_sub(f->doc->source.bytes, ins->start, ins->end);
		if ((f->runs.at[i].flags & (RUN_OPAQUE | RUN_UNREADABLE)) ||
		    str_find(bytes, STR("/etc/passwd"), 0) != STR_NONE ||
		    str_find(bytes, STR("/etc/group"), 0) != STR_NONE)
			return (uint32_t)i;
	}
	return UINT32_MAX;
}

static void note_change(struct rule_context *ctx, struct history *h, const struct account_step *step)
{
	const struct account_command *c = &step->command;
	bool user = c->action == ACTION_REMOVE_USER || c->action == ACTION_CHANGE_USER;
	struct str name = c->noperands == 1 ? c->operands[0] : (struct str){NULL, 0};

	if (c->action == ACTION_ADD_USER || c->action == ACTION_ADD_GROUP || c->noperands == 2)
		return;
	if (!name.p) {
		h->all_gone = true;
		return;
	}
	mark(ctx, user ? &h->gone_users : &h->gone_groups, name);
	if (user)
		mark(ctx, &h->gone_groups, name); /* its own group goes with it */
}

/* What is in the way. */
struct clash {
	enum account_option option; /* ACCOUNT_UID, ACCOUNT_GROUP: the number; ACCOUNT_NAME: the name */
	uint32_t id;
	struct str owner; /* who has the number or name */
	bool group;
};

static bool user_clash(const struct facts *f, const struct history *h, const struct account_step *step,
		       struct clash *clash)
{
	const struct account_command *c = &step->command;
	const struct account_value *uid = &c->options[ACCOUNT_UID];
	struct str name = c->operands[0];
	const struct account *same = name.p ? image_account_named(f, name) : NULL, *other = NULL;
	bool adduser_system = c->dialect == DIALECT_DEBIAN && c->options[ACCOUNT_SYSTEM].given;

	if (same && !map_get(&h->gone_users, name)) {
		/* Debian's adduser --system is content with a system account that is there. */
		*clash = (struct clash){ACCOUNT_NAME, same->uid, name, false};
		return !(adduser_system && same->ids_known && same->uid < PEOPLE);
	}
	if (uid->known && str_to_u32(uid->value, &clash->id) && !c->options[ACCOUNT_NON_UNIQUE].given)
		other = image_account_numbered(f, clash->id);
	if (other && !map_get(&h->gone_users, other->name)) {
		*clash = (struct clash){ACCOUNT_UID, clash->id, other->name, false};
		return true;
	}
	if (!name.p || c->options[ACCOUNT_GROUP].given || c->options[ACCOUNT_NO_OWN_GROUP].given || adduser_system ||
	    (c->dialect == DIALECT_BUSYBOX && c->options[ACCOUNT_SYSTEM].given))
		return false;
	*clash = (struct clash){ACCOUNT_NAME, 0, name, true};
	return image_group_named(f, name, NULL) && !map_get(&h->gone_groups, name);
}

static bool group_clash(const struct facts *f, const struct history *h, const struct account_step *step,
			struct clash *clash)
{
	const struct account_command *c = &step->command;
	const struct account_value *gid = &c->options[ACCOUNT_GROUP];
	struct str name = c->operands[0], owner = {NULL, 0};
	uint32_t of_name = 0;

	if (c->options[ACCOUNT_FORCE].given)
		return false;
	if (name.p && image_group_named(f, name, &of_name) && !map_get(&h->gone_groups, name)) {
		*clash = (struct clash){ACCOUNT_NAME, of_name, name, true};
		return !(c->dialect == DIALECT_DEBIAN && c->options[ACCOUNT_SYSTEM].given && of_name < PEOPLE);
	}
	if (gid->known && str_to_u32(gid->value, &clash->id) && !c->options[ACCOUNT_NON_UNIQUE].given)
		owner = image_group_numbered(f, clash->id);
	*clash = (struct clash){ACCOUNT_GROUP, clash->id, owner, true};
	return owner.p && !map_get(&h->gone_groups, owner);
}

/* The end of the digits that stand at `at` when they are a number of their own, and this one; else 0. */
static size_t number_at(struct str bytes, size_t at, struct str digits)
{
	size_t end = at + digits.n;
	bool joined =
		(at > 0 && (ascii_digit(bytes.p[at - 1]) || ascii_alpha(bytes.p[at - 1]) || bytes.p[at - 1] == '_')) ||
		(end < bytes.n && (ascii_digit(bytes.p[end]) || ascii_alpha(bytes.p[end]) || bytes.p[end] == '_'));

	return joined ? 0 : end;
}

/* Counts the number in a part of the file; with `edits` each becomes the other one. */
static uint32_t find_number(struct rule_context *ctx, struct span part, struct str digits, struct edits *edits,
			    struct str other)
{
	struct str bytes = ctx->facts->doc->source.bytes;
	uint32_t n = 0;
	size_t at = part.start;

	while ((at = str_find(str_sub(bytes, 0, part.end), digits, at)) != STR_NONE) {
		size_t end = number_at(bytes, at, digits);
		if (end && edits)
			*VEC_PUSH(ctx->arena, *edits) = (struct edit){0, (uint32_t)at, (uint32_t)end, 0, other};
		n += end != 0;
		at += digits.n;
	}
	return n;
}

/* The places of the target stage where the number is an account's: options of the tools, USER, --chown. */
static uint32_t account_places(struct rule_context *ctx, struct str digits, struct edits *edits, struct str other)
{
	const struct facts *f = ctx->facts;
	static const enum account_option options[] = {ACCOUNT_UID, ACCOUNT_GROUP};
	uint32_t n = 0;

	for (size_t i = 0; i < f->account_steps.n; i++) {
		const struct account_step *step = &f->account_steps.at[i];
		struct step_text text;
		bool read = false;
		for (size_t o = 0; o < sizeof options / sizeof *options; o++) {
			const struct account_value *v = &step->command.options[options[o]];
			if (!step->readable || !v->known || !str_eq(v->value, digits))
				continue;
			if (!read)
				text = step_text(ctx->arena, f->doc, step->ins);
			read = true;
			if (v->word.end <= text.text.n)
				n += find_number(ctx, step_span(&text, v->word), digits, edits, other);
		}
	}
	for (size_t i = 0; i < f->users.n; i++) {
		struct args args;
		if (!facts_user_is_written(f, &f->users.at[i]))
			continue;
		instruction_args(ctx->arena, f->doc, f->users.at[i].ins, &args);
		n += find_number(ctx, args.rest, digits, edits, other);
	}
	for (size_t i = 0; i < f->copies.n; i++) {
		struct args args;
		if (!f->copies.at[i].has_chown)
			continue;
		instruction_args(ctx->arena, f->doc, f->copies.at[i].ins, &args);
		n += find_number(ctx, args_flag(&args, STR("chown"))->value_span, digits, edits, other);
	}
	return n;
}

/* Whether an account is to have the image's group of that number: then the number means two things. */
static bool takes_group(const struct facts *f, struct str digits)
{
	bool taken = false;

	for (size_t i = 0; i < f->account_steps.n; i++) {
		const struct account_command *c = &f->account_steps.at[i].command;
		const struct account_value *group = &c->options[ACCOUNT_GROUP];
		if (!group->known || !str_eq(group->value, digits))
			continue;
		if (c->action == ACTION_ADD_GROUP)
			return false;
		taken = true;
	}
	return taken;
}

/* A number that neither the image nor the file knows; empty when the file is full of them. */
static struct str free_id(struct rule_context *ctx, struct history *h)
{
	const struct facts *f = ctx->facts;

	for (uint32_t end = h->next + TRIES; h->next < end;) {
		uint32_t id = h->next++;
		struct str digits = arena_printf(ctx->arena, "%u", id);
		if (!image_account_numbered(f, id) && !image_group_numbered(f, id).p &&
		    str_find(f->doc->source.bytes, digits, 0) == STR_NONE)
			return digits;
	}
	return (struct str){"", 0};
}

static void tell(struct rule_context *ctx, const struct account_step *step, const struct clash *clash,
		 struct str advice)
{
	const char *what = clash->group ? "group" : "account";
	struct str image = ctx->facts->image_name;

	if (clash->option == ACCOUNT_NAME)
		rule_find(ctx, step->ins, UNROOT_DISPLAY,
			  arena_printf(ctx->arena, "%.*s has the %s %.*s already\n  %.*s", STR_ARG(image), what,
				       STR_ARG(clash->owner), STR_ARG(advice)));
	else
		rule_find(ctx, step->ins, UNROOT_DISPLAY,
			  arena_printf(ctx->arena, "number %u belongs to the %s %.*s of %.*s already\n  %.*s",
				       clash->id, what, STR_ARG(clash->owner), STR_ARG(image), STR_ARG(advice)));
}

static struct str advise(struct rule_context *ctx, const struct clash *clash)
{
	const struct facts *f = ctx->facts;
	const struct account *app = f->image->app;
	const char *remove = f->tools == TOOLS_BUSYBOX ? "deluser --remove-home" : "userdel -r";

	if (clash->option == ACCOUNT_NAME && clash->group)
		return arena_printf(
			ctx->arena,
			"use it as it is: name it as the account's group, and leave out the command that makes it");
	if (clash->option == ACCOUNT_NAME)
		return arena_printf(ctx->arena, "use it as it is, and leave out the command that makes it");
	if (app && str_eq(app->name, clash->owner))
		return arena_printf(ctx->arena, "it is meant for the app: use %.*s instead of a new account",
				    STR_ARG(app->name));
	if (clash->id >= PEOPLE)
		return arena_printf(ctx->arena, "use that account, remove it first (%s %.*s), or take another number",
				    remove, STR_ARG(clash->owner));
	return STR("take another number");
}

/* Whoever chose the number of a person may have the owner of a mounted directory in mind. */
static unroot_class class_of(const struct facts *f, const struct history *h, const struct account_step *step,
			     uint32_t id)
{
	if (step->run >= h->doubt)
		return UNROOT_UNSAFE;
	return id >= PEOPLE || f->volumes.n > 0 ? UNROOT_INTERFACE : UNROOT_SAFE;
}

static void report(struct rule_context *ctx, struct history *h, const struct account_step *step,
		   const struct clash *clash)
{
	const struct facts *f = ctx->facts;
	struct str digits = arena_printf(ctx->arena, "%u", clash->id), other = STR("");
	struct str key = clash->option == ACCOUNT_NAME ? clash->owner : digits;
	struct span all = {f->doc->source.body, (uint32_t)f->doc->source.bytes.n};
	struct edits edits = {0};

	if (map_get(&h->told, key))
		return;
	mark(ctx, &h->told, key);
	if (clash->option != ACCOUNT_NAME)
		other = free_id(ctx, h);
	bool moves = other.n && !takes_group(f, digits);
	uint32_t mine = moves ? account_places(ctx, digits, &edits, other) : 0;
	if (mine == 0 || mine != find_number(ctx, all, digits, NULL, other)) {
		tell(ctx, step, clash, advise(ctx, clash));
		return;
	}
	struct finding *finding = rule_find(
		ctx, step->ins, class_of(f, h, step, clash->id),
		arena_printf(ctx->arena, "number %u belongs to the %s %.*s of %.*s already: %.*s in its place",
			     clash->id, clash->group ? "group" : "account", STR_ARG(clash->owner),
			     STR_ARG(f->image_name), STR_ARG(other)));
	finding->detail = arena_printf(ctx->arena, "%u → %.*s", clash->id, STR_ARG(other));
	finding->edits = edits;
	if (finding->cls == UNROOT_INTERFACE)
		finding->follow = arena_printf(
			ctx->arena,
			"files of volumes and mounted directories that belong to %u have to be given to %.*s",
			clash->id, STR_ARG(other));
}

static void run(struct rule_context *ctx)
{
	const struct facts *f = ctx->facts;
	const uint32_t unsure = SHELL_CONDITIONAL | SHELL_TEST | SHELL_LOOP | SHELL_FUNCTION;

	if (f->account_steps.n == 0 || !f->image || !(f->image->sure & SURE_ACCOUNTS))
		return;
	struct history h = {.doubt = first_doubt(f), .next = FREE_ID};
	for (size_t i = 0; i < f->account_steps.n && !h.all_gone; i++) {
		const struct account_step *step = &f->account_steps.at[i];
		const struct account_command *c = &step->command;
		struct clash clash = {ACCOUNT_NAME, 0, {NULL, 0}, false};
		note_change(ctx, &h, step);
		if (!step->fatal || (step->where & unsure) || c->noperands != 1 || c->strange ||
		    c->options[ACCOUNT_ELSEWHERE].given)
			continue;
		if ((c->action == ACTION_ADD_USER && user_clash(f, &h, step, &clash)) ||
		    (c->action == ACTION_ADD_GROUP && group_clash(f, &h, step, &clash)))
			report(ctx, &h, step, &clash);
	}
}

const struct rule rule_uid_taken = {"uid-taken", false, run};
