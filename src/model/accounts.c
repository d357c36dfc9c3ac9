#include "model/accounts.h"

#include "base/path.h"

/* Where a note goes, and what it came from. */
struct writer {
	struct accounts *accounts;
	struct arena *keep;
	const struct account_command *command;
	struct str tool;
	uint32_t ins, at;
};

static size_t index_of(const struct map *names, struct str name)
{
	return (size_t)(uintptr_t)map_get(names, name);
}

static void set_index(struct arena *keep, struct map *names, struct str name, size_t n)
{
	*map_put(keep, names, name) = (void *)(uintptr_t)n;
}

static struct file_account *live_user(const struct accounts *accounts, struct str name)
{
	size_t i = index_of(&accounts->user_names, name);

	return i && !accounts->users.at[i - 1].removed ? &accounts->users.at[i - 1] : NULL;
}

static struct file_group *live_group(const struct accounts *accounts, struct str name)
{
	size_t i = index_of(&accounts->group_names, name);

	return i && !accounts->groups.at[i - 1].removed ? &accounts->groups.at[i - 1] : NULL;
}

const struct file_group *accounts_group(const struct accounts *accounts, struct str name)
{
	return live_group(accounts, name);
}

const struct file_account *accounts_user(const struct accounts *accounts, struct str name)
{
	struct file_account *user = live_user(accounts, name);
	const struct file_group *group = user && user->group.n ? live_group(accounts, user->group) : NULL;

	/* groupmod, or a group that is made again, changes it for all that are in it. */
	if (group && !(user->gid_known && !group->gid_known)) {
		user->gid_known = group->gid_known;
		user->gid = group->gid;
	}
	return user;
}

bool accounts_removed(const struct accounts *accounts, struct str name)
{
	size_t i = index_of(&accounts->user_names, name);

	return i && accounts->users.at[i - 1].removed;
}

static void merge_id(bool *known, uint32_t *id, bool other_known, uint32_t other)
{
	*known = *known && other_known && *id == other;
	if (!*known)
		*id = 0;
}

static void merge_text(struct str *text, struct str other)
{
	if (!str_eq(*text, other))
		*text = STR("");
}

static struct file_account *push_user(struct writer *w, struct file_account user)
{
	struct file_account *at = VEC_PUSH(w->keep, w->accounts->users);

	*at = user;
	set_index(w->keep, &w->accounts->user_names, user.name, w->accounts->users.n);
	return at;
}

static void note_user(struct writer *w, const struct file_account *user)
{
	struct file_account *old = live_user(w->accounts, user->name);

	if (!old || old->changed) {
		push_user(w, *user);
		return;
	}
	merge_id(&old->uid_known, &old->uid, user->uid_known, user->uid);
	merge_id(&old->gid_known, &old->gid, user->gid_known, user->gid);
	merge_text(&old->group, user->group);
	merge_text(&old->home, user->home);
	merge_text(&old->shell, user->shell);
	old->home_made &= user->home_made;
	old->system &= user->system;
}

/* The key of a group id in group_ids. */
static struct str id_key(struct arena *keep, uint32_t id)
{
	return arena_printf(keep, "%u", (unsigned)id);
}

static void set_gid(struct writer *w, struct file_group *group, bool known, uint32_t gid)
{
	group->gid_known = known;
	group->gid = gid;
	if (known)
		set_index(w->keep, &w->accounts->group_ids, id_key(w->keep, gid),
			  (size_t)(group - w->accounts->groups.at) + 1);
}

static struct file_group *push_group(struct writer *w, struct str name)
{
	struct file_group *group = VEC_PUSH(w->keep, w->accounts->groups);

	group->name = name;
	group->ins = w->ins;
	set_index(w->keep, &w->accounts->group_names, name, w->accounts->groups.n);
	return group;
}

static void note_group(struct writer *w, struct str name, bool known, uint32_t gid)
{
	struct file_group *group = live_group(w->accounts, name);

	if (!group)
		set_gid(w, push_group(w, name), known, gid);
	else
		merge_id(&group->gid_known, &group->gid, known, gid);
}

static void remove_group(struct writer *w, struct str name)
{
	struct file_group *group = live_group(w->accounts, name);

	if (!group)
		group = push_group(w, name);
	group->removed = true;
}

/* The name of the group that has `gid` in this file; empty when it is not made here. */
static struct str group_of(struct writer *w, uint32_t gid)
{
	struct arena_mark mark = arena_mark(w->keep);
	size_t i = index_of(&w->accounts->group_ids, id_key(w->keep, gid));

	arena_rewind(w->keep, mark);
	if (i == 0)
		return STR("");
	const struct file_group *group = &w->accounts->groups.at[i - 1];
	return !group->removed && group->gid_known && group->gid == gid ? group->name : STR("");
}

static bool given(const struct writer *w, enum account_option o)
{
	return w->command->options[o].given;
}

/* The value of an option; empty when it is not given or not known. */
static struct str option_text(const struct writer *w, enum account_option o)
{
	return w->command->options[o].known ? w->command->options[o].value : STR("");
}

static bool option_id(const struct writer *w, enum account_option o, uint32_t *id)
{
	*id = 0;
	return str_to_u32(option_text(w, o), id);
}

/* The home that is asked for, without doubled or trailing slashes. */
static struct str option_home(const struct writer *w)
{
	struct str home = option_text(w, ACCOUNT_HOME);

	return home.n ? path_join(w->keep, STR(""), home) : home;
}

/* The group that is asked for by name or number. */
static void set_primary_group(struct writer *w, struct file_account *user, struct str group)
{
	user->group = STR("");
	user->gid_known = str_to_u32(group, &user->gid);
	if (user->gid_known) {
		user->group = group_of(w, user->gid);
		return;
	}
	const struct file_group *made = live_group(w->accounts, group);
	user->group = group;
	user->gid_known = str_eq(group, STR("root")) || (made && made->gid_known);
	user->gid = made && user->gid_known ? made->gid : 0;
}

/* Which group a new account gets when none is asked for. */
static void set_default_group(struct writer *w, struct file_account *user)
{
	bool shadow = w->command->dialect == DIALECT_SHADOW;

	if (shadow && given(w, ACCOUNT_NO_OWN_GROUP))
		return;
	if (!shadow && user->system && !given(w, ACCOUNT_OWN_GROUP)) {
		user->group = STR("nogroup");
		user->gid_known = w->command->dialect == DIALECT_DEBIAN;
		user->gid = user->gid_known ? 65534 : 0;
		return;
	}
	/* A group of its own. adduser gives it the uid's number; useradd only within a range, and if it is free. */
	user->group = user->name;
	user->gid_known = !shadow && user->uid_known;
	user->gid = user->gid_known ? user->uid : 0;
	note_group(w, user->name, user->gid_known, user->gid);
}

static void set_home(struct writer *w, struct file_account *user)
{
	bool debian = w->command->dialect == DIALECT_DEBIAN;
	bool no_home = given(w, ACCOUNT_NO_HOME);
	struct str base = STR("/home");

	if (w->command->dialect == DIALECT_SHADOW)
		user->home_made = given(w, ACCOUNT_MAKE_HOME) && !no_home;
	else
		user->home_made = !no_home && !(debian && user->system && !given(w, ACCOUNT_HOME));
	if (given(w, ACCOUNT_HOME)) {
		user->home = option_home(w);
		return;
	}
	if (debian && user->system) {
		user->home = STR("/nonexistent");
		return;
	}
	if (given(w, ACCOUNT_BASE))
		base = option_text(w, ACCOUNT_BASE);
	user->home = base.n ? path_join(w->keep, base, user->name) : STR("");
}

static void add_user(struct writer *w)
{
	struct file_account user = {.name = w->command->operands[0], .tool = w->tool, .ins = w->ins, .at = w->at};

	if (w->command->strange == 0) {
		user.system = given(w, ACCOUNT_SYSTEM);
		user.shell = option_text(w, ACCOUNT_SHELL);
		user.uid_known = option_id(w, ACCOUNT_UID, &user.uid);
		if (given(w, ACCOUNT_GROUP))
			set_primary_group(w, &user, option_text(w, ACCOUNT_GROUP));
		else
			set_default_group(w, &user);
		set_home(w, &user);
	}
	note_user(w, &user);
}

static void add_group(struct writer *w)
{
	uint32_t gid;
	bool known = option_id(w, ACCOUNT_GROUP, &gid) && w->command->strange == 0;

	note_group(w, w->command->operands[0], known, gid);
}

static void rename_user(struct writer *w, struct file_account *user)
{
	struct file_account renamed = *user;

	user->removed = true;
	renamed.name = option_text(w, ACCOUNT_NAME);
	if (renamed.name.n)
		push_user(w, renamed);
}

static void change_user(struct writer *w)
{
	struct file_account *user = live_user(w->accounts, w->command->operands[0]);

	if (!given(w, ACCOUNT_UID) && !given(w, ACCOUNT_GROUP) && !given(w, ACCOUNT_HOME) && !given(w, ACCOUNT_SHELL) &&
	    !given(w, ACCOUNT_NAME))
		return;
	if (!user)
		user = push_user(w, (struct file_account){.name = w->command->operands[0],
							  .changed = true,
							  .tool = w->tool,
							  .ins = w->ins,
							  .at = w->at});
	if (given(w, ACCOUNT_UID))
		user->uid_known = option_id(w, ACCOUNT_UID, &user->uid);
	if (given(w, ACCOUNT_GROUP))
		set_primary_group(w, user, option_text(w, ACCOUNT_GROUP));
	if (given(w, ACCOUNT_HOME)) {
		user->home = option_home(w);
		user->home_made &= given(w, ACCOUNT_MAKE_HOME);
	}
	if (given(w, ACCOUNT_SHELL))
		user->shell = option_text(w, ACCOUNT_SHELL);
	if (given(w, ACCOUNT_NAME))
		rename_user(w, user);
}

static void change_group(struct writer *w)
{
	struct file_group *group = live_group(w->accounts, w->command->operands[0]);
	uint32_t gid;
	bool known = option_id(w, ACCOUNT_GROUP, &gid);

	if (!given(w, ACCOUNT_GROUP) && !given(w, ACCOUNT_NAME))
		return;
	if (!group)
		group = push_group(w, w->command->operands[0]);
	if (given(w, ACCOUNT_GROUP))
		set_gid(w, group, known, gid);
	if (given(w, ACCOUNT_NAME)) {
		struct file_group old = *group;
		struct str name = option_text(w, ACCOUNT_NAME);
		group->removed = true;
		if (name.n)
			set_gid(w, push_group(w, name), old.gid_known, old.gid);
	}
}

static void remove_user(struct writer *w)
{
	struct str name = w->command->operands[0];
	struct file_account *user = live_user(w->accounts, name);

	if (!user)
		user = push_user(w, (struct file_account){.name = name, .tool = w->tool, .ins = w->ins, .at = w->at});
	user->removed = true;
	if (live_group(w->accounts, name)) /* its own group goes with it */
		remove_group(w, name);
}

void accounts_command(struct accounts *accounts, struct arena *keep, const struct account_command *c, struct str tool,
		      uint32_t ins, uint32_t at)
{
	struct writer w = {.accounts = accounts, .keep = keep, .command = c, .ins = ins, .at = at};

	/* With two names, adduser and its kin put a user into a group or take it out. */
	if (c->options[ACCOUNT_ELSEWHERE].given || c->noperands != 1 || c->operands[0].n == 0)
		return;
	w.tool = arena_str(keep, tool);
	switch (c->action) {
	case ACTION_ADD_USER:
		add_user(&w);
		break;
	case ACTION_ADD_GROUP:
		add_group(&w);
		break;
	case ACTION_CHANGE_USER:
		change_user(&w);
		break;
	case ACTION_CHANGE_GROUP:
		change_group(&w);
		break;
	case ACTION_REMOVE_USER:
		remove_user(&w);
		break;
	case ACTION_REMOVE_GROUP:
		remove_group(&w, c->operands[0]);
		break;
	}
}

/* A field of a written line, unless the shell, echo or printf would change it. */
static struct str plain_field(struct arena *keep, struct str field)
{
	for (size_t i = 0; i < field.n; i++)
		if (memchr("$`%\\", field.p[i], 4))
			return STR("");
	return arena_str(keep, field);
}

static void note_passwd(struct writer *w, const struct str *fields)
{
	struct file_account user = {.name = plain_field(w->keep, fields[0]),
				    .home = plain_field(w->keep, fields[5]),
				    .shell = plain_field(w->keep, fields[6]),
				    .tool = STR("passwd"),
				    .ins = w->ins,
				    .at = w->at};

	user.uid_known = str_to_u32(fields[2], &user.uid);
	user.gid_known = str_to_u32(fields[3], &user.gid);
	if (user.gid_known)
		user.group = group_of(w, user.gid);
	if (user.name.n)
		note_user(w, &user);
}

static void note_line(struct writer *w, bool passwd, struct str line)
{
	struct str fields[7] = {{"", 0}};
	uint32_t n = 0, gid;

	line = str_trim(line);
	while (n < 7 && str_split(&line, ':', &fields[n]))
		n++;
	if (passwd && n >= 4) {
		note_passwd(w, fields);
	} else if (!passwd && n >= 3) {
		struct str name = plain_field(w->keep, fields[0]);
		bool known = str_to_u32(fields[2], &gid);
		if (name.n)
			note_group(w, name, known, known ? gid : 0);
	}
}

void accounts_line(struct accounts *accounts, struct arena *keep, struct str file, struct str line, uint32_t ins,
		   uint32_t at)
{
	struct writer w = {.accounts = accounts, .keep = keep, .ins = ins, .at = at};
	bool passwd = str_eq(file, STR("/etc/passwd"));
	struct str rest = line, part;

	if (!passwd && !str_eq(file, STR("/etc/group")))
		return;
	while (str_split(&rest, '\n', &part)) {
		size_t from = 0, end;
		/* echo -e and printf are given line ends as \n. */
		while ((end = str_find(part, STR("\\n"), from)) != STR_NONE) {
			note_line(&w, passwd, str_sub(part, from, end));
			from = end + 2;
		}
		note_line(&w, passwd, str_sub(part, from, part.n));
	}
}
