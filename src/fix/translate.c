#include "fix/translate.h"

#include "base/buf.h"
#include "fix/style.h"
#include "model/image_groups.h"

enum { LOOK_BACK = 64 }; /* account commands above that may have made a group */

/* A command as it is put together. */
struct draft {
	const struct translation *t;
	const struct account_command *c;
	struct buf b;
	bool longs; /* options are written out, as in the command that is translated */
	struct str *why;
};

static bool given(const struct draft *d, enum account_option o)
{
	return d->c->options[o].given;
}

/* A part of the step as it was written; false when it cannot be cut out. */
static bool as_written(const struct draft *d, struct span word, uint32_t skip, struct str *out)
{
	if (word.end > d->t->text.n || word.start + skip > word.end)
		return false;
	struct str prefix = str_sub(d->t->text, word.start, word.start + skip);
	*out = str_sub(d->t->text, word.start + skip, word.end);
	for (size_t i = 0; i < prefix.n; i++)
		if (strchr("'\"\\", prefix.p[i]))
			return false;
	return out->n > 0 && str_find_char(*out, '\n', 0) == STR_NONE;
}

static void refuse(const struct draft *d, const char *what)
{
	if (d->why->n == 0)
		*d->why = str_of(what);
}

/* The value of an option as written; what is wrong is noted. */
static struct str written(const struct draft *d, enum account_option o)
{
	const struct account_value *v = &d->c->options[o];
	struct str out = {"", 0};

	if (!as_written(d, v->word, v->skip, &out))
		refuse(d, "an option without a clear value");
	return out;
}

static struct str operand(const struct draft *d, uint32_t i)
{
	struct str out = {"", 0};

	if (!as_written(d, d->c->operand_words[i], 0, &out))
		refuse(d, "a name that is not clear");
	return out;
}

static void option(struct draft *d, char letter, const char *name)
{
	if (d->longs)
		buf_printf(&d->b, " --%s", name);
	else
		buf_printf(&d->b, " -%c", letter);
}

static void option_with(struct draft *d, char letter, const char *name, struct str value)
{
	option(d, letter, name);
	buf_printf(&d->b, " %.*s", STR_ARG(value));
}

static void finish(struct draft *d, struct commands *out)
{
	*VEC_PUSH(d->t->arena, *out) = buf_str(&d->b);
	d->b = buf_new(d->t->arena);
}

/* Options that stand for something no other tool can do. */
static void refuse_strange(struct draft *d)
{
	if (d->c->strange)
		refuse(d, "an option that is not known");
	/* groupadd --force only matters where the group is there. */
	bool forced = given(d, ACCOUNT_FORCE) && (d->c->action != ACTION_ADD_GROUP || d->t->group_ready);
	if (given(d, ACCOUNT_OTHER) || given(d, ACCOUNT_ELSEWHERE) || given(d, ACCOUNT_NON_UNIQUE) || forced ||
	    given(d, ACCOUNT_NAME) || given(d, ACCOUNT_BASE))
		refuse(d, "an option that the other tool does not have");
	if (d->c->noperands == 0 || d->c->noperands > ACCOUNT_OPERANDS)
		refuse(d, "no name, or more than one");
}

/* Paths of shells differ a little: where nologin and ash are. */
static struct str shell_for(const struct draft *d, struct str shell)
{
	bool alpine = d->t->facts->family == FAMILY_ALPINE || d->t->facts->family == FAMILY_WOLFI;

	if (str_ends(shell, STR("/sbin/nologin")))
		return alpine				       ? STR("/sbin/nologin")
		       : d->t->facts->family == FAMILY_BUSYBOX ? STR("/bin/false")
							       : STR("/usr/sbin/nologin");
	return str_eq(shell, STR("/bin/ash")) && !alpine ? STR("/bin/sh") : shell;
}

static bool home_is_made(const struct draft *d)
{
	if (given(d, ACCOUNT_NO_HOME))
		return false;
	switch (d->c->dialect) {
	case DIALECT_SHADOW:
		return given(d, ACCOUNT_MAKE_HOME);
	case DIALECT_DEBIAN:
		return !given(d, ACCOUNT_SYSTEM) || given(d, ACCOUNT_HOME);
	default:
		return true;
	}
}

static bool comment_said(const struct draft *d)
{
	const struct account_value *comment = &d->c->options[ACCOUNT_COMMENT];

	return comment->given && !(comment->known && str_trim(comment->value).n == 0);
}

/* adduser's system accounts are in nogroup unless something else is said. */
static bool wants_nogroup(const struct draft *d)
{
	return d->c->dialect != DIALECT_SHADOW && given(d, ACCOUNT_SYSTEM) && !given(d, ACCOUNT_GROUP) &&
	       !given(d, ACCOUNT_OWN_GROUP);
}

static void shadow_group(struct draft *d, struct str name)
{
	if (given(d, ACCOUNT_GROUP))
		option_with(d, 'g', "gid", written(d, ACCOUNT_GROUP));
	else if (wants_nogroup(d) && d->t->facts->family == FAMILY_DEBIAN)
		option_with(d, 'g', "gid", STR("nogroup"));
	else if (d->t->group_ready)
		option_with(d, 'g', "gid", name);
	else if (given(d, ACCOUNT_NO_OWN_GROUP))
		option(d, 'N', "no-user-group");
	else if (given(d, ACCOUNT_OWN_GROUP) ||
		 (d->t->facts->family != FAMILY_DEBIAN && d->t->facts->family != FAMILY_RHEL))
		option(d, 'U', "user-group"); /* the default there */
}

/* adduser gives a login shell to people and none to systems. */
static struct str default_shell(const struct draft *d)
{
	bool system = given(d, ACCOUNT_SYSTEM);

	if (d->c->dialect == DIALECT_DEBIAN)
		return system ? STR("/usr/sbin/nologin") : STR("/bin/bash");
	return system ? STR("/bin/false") : STR("");
}

static void shadow_user(struct draft *d, struct commands *out)
{
	struct str name = operand(d, 0), home = STR("");
	struct str shell = given(d, ACCOUNT_SHELL) ? written(d, ACCOUNT_SHELL) : default_shell(d);

	buf_add(&d->b, STR("useradd"));
	if (given(d, ACCOUNT_SYSTEM))
		option(d, 'r', "system");
	if (given(d, ACCOUNT_UID))
		option_with(d, 'u', "uid", written(d, ACCOUNT_UID));
	shadow_group(d, name);
	if (given(d, ACCOUNT_HOME))
		home = written(d, ACCOUNT_HOME);
	else if (d->c->dialect == DIALECT_DEBIAN && given(d, ACCOUNT_SYSTEM))
		home = STR("/nonexistent");
	if (home.n)
		option_with(d, 'd', "home-dir", home);
	if (home_is_made(d))
		option(d, 'm', "create-home");
	else if (!given(d, ACCOUNT_SYSTEM))
		option(d, 'M', "no-create-home");
	if (shell.n)
		option_with(d, 's', "shell", shell_for(d, shell));
	if (comment_said(d))
		option_with(d, 'c', "comment", written(d, ACCOUNT_COMMENT));
	buf_printf(&d->b, " %.*s", STR_ARG(name));
	finish(d, out);
	/* BusyBox hands over a home that is there already; useradd leaves it as it is. */
	if (d->c->dialect == DIALECT_BUSYBOX && given(d, ACCOUNT_HOME) && home_is_made(d)) {
		buf_printf(&d->b, "chown %.*s: %.*s", STR_ARG(name), STR_ARG(home));
		finish(d, out);
	}
}

static void shadow_group_command(struct draft *d, struct commands *out)
{
	buf_add(&d->b, STR("groupadd"));
	if (given(d, ACCOUNT_SYSTEM))
		option(d, 'r', "system");
	if (given(d, ACCOUNT_GROUP))
		option_with(d, 'g', "gid", written(d, ACCOUNT_GROUP));
	buf_printf(&d->b, " %.*s", STR_ARG(operand(d, 0)));
	finish(d, out);
}

static void to_shadow(struct draft *d, struct commands *out)
{
	enum account_action action = d->c->action;

	if (d->c->noperands == 2 && (action == ACTION_ADD_USER || action == ACTION_ADD_GROUP)) {
		buf_add(&d->b, STR("usermod"));
		if (d->longs)
			buf_add(&d->b, STR(" --append --groups"));
		else
			buf_add(&d->b, STR(" -aG"));
		buf_printf(&d->b, " %.*s %.*s", STR_ARG(operand(d, 1)), STR_ARG(operand(d, 0)));
		finish(d, out);
	} else if (d->c->noperands != 1) {
		refuse(d, "a user taken out of a group");
	} else if (action == ACTION_ADD_USER) {
		shadow_user(d, out);
	} else if (action == ACTION_ADD_GROUP) {
		shadow_group_command(d, out);
	} else if (action == ACTION_REMOVE_USER || action == ACTION_REMOVE_GROUP) {
		buf_add(&d->b, action == ACTION_REMOVE_USER ? STR("userdel") : STR("groupdel"));
		if (given(d, ACCOUNT_REMOVE_HOME))
			option(d, 'r', "remove");
		buf_printf(&d->b, " %.*s", STR_ARG(operand(d, 0)));
		finish(d, out);
	} else {
		refuse(d, "a change of an account");
	}
}

/* The name of the group that a step above makes with that number, as it is written there. */
static struct str name_of_made_group(struct draft *d, struct str gid)
{
	const struct facts *f = d->t->facts;
	size_t here = (size_t)(d->t->step - f->account_steps.at), end = here > LOOK_BACK ? here - LOOK_BACK : 0;

	for (size_t i = here; i-- > end;) {
		const struct account_step *step = &f->account_steps.at[i];
		const struct account_value *number = &step->command.options[ACCOUNT_GROUP];
		if (step->command.action != ACTION_ADD_GROUP || !number->known || !str_eq(number->value, gid) ||
		    !step->readable)
			continue;
		struct step_text text = step_text(d->t->arena, f->doc, step->ins);
		struct span word = step->command.operand_words[0];
		return word.end <= text.text.n ? str_sub(text.text, word.start, word.end) : (struct str){NULL, 0};
	}
	return (struct str){NULL, 0};
}

/* The name of a group that is given by name or number: BusyBox takes names alone. */
static struct str busybox_group_name(struct draft *d)
{
	const struct account_value *group = &d->c->options[ACCOUNT_GROUP];
	struct str text = written(d, ACCOUNT_GROUP);
	uint32_t gid;

	if (!group->known)
		refuse(d, "a group that is not known");
	if (!group->known || !str_to_u32(group->value, &gid))
		return text;
	struct str name = name_of_made_group(d, group->value);
	if (!name.p)
		name = str_find_char(text, '$', 0) == STR_NONE ? image_group_numbered(d->t->facts, gid) : name;
	if (!name.p)
		refuse(d, "a group by its number, where BusyBox wants a name");
	return name;
}

/* The primary group; a group of its own that adduser -S would not make goes before. */
static struct str busybox_group(struct draft *d, struct str name, struct commands *out)
{
	if (given(d, ACCOUNT_GROUP))
		return busybox_group_name(d);
	if (given(d, ACCOUNT_NO_OWN_GROUP))
		return STR("users");
	if (d->t->group_ready)
		return name;
	if (!given(d, ACCOUNT_SYSTEM) || wants_nogroup(d))
		return STR("");
	buf_printf(&d->b, "addgroup -S %.*s", STR_ARG(name));
	finish(d, out);
	return name;
}

static bool group_exists(const struct draft *d, struct str name)
{
	return accounts_group(&d->t->facts->accounts, name) || image_group_named(d->t->facts, name, NULL);
}

/* "-G a,b" of useradd and usermod: one addgroup each. */
static void busybox_groups(struct draft *d, struct str name, struct commands *out)
{
	const struct account_value *groups = &d->c->options[ACCOUNT_GROUPS];
	struct str rest = groups->value, group;

	if (!groups->given)
		return;
	if (!groups->known)
		refuse(d, "groups that are not known");
	while (groups->known && str_split(&rest, ',', &group)) {
		if (!group_exists(d, group))
			refuse(d, "a group that is not there");
		buf_printf(&d->b, "addgroup %.*s %.*s", STR_ARG(name), STR_ARG(group));
		finish(d, out);
	}
}

static void busybox_shell(struct draft *d)
{
	bool system = given(d, ACCOUNT_SYSTEM);

	if (given(d, ACCOUNT_SHELL))
		buf_printf(&d->b, " -s %.*s", STR_ARG(shell_for(d, written(d, ACCOUNT_SHELL))));
	else if (system && d->c->dialect == DIALECT_DEBIAN)
		buf_printf(&d->b, " -s %.*s", STR_ARG(shell_for(d, STR("/sbin/nologin"))));
	else if (system && d->c->dialect == DIALECT_SHADOW)
		buf_add(&d->b, STR(" -s /bin/sh"));
}

static void busybox_user(struct draft *d, struct commands *out)
{
	bool system = given(d, ACCOUNT_SYSTEM);
	struct str name = operand(d, 0), group = busybox_group(d, name, out);

	buf_add(&d->b, system ? STR("adduser -S") : STR("adduser -D"));
	if (!home_is_made(d))
		buf_add(&d->b, STR(" -H"));
	if (given(d, ACCOUNT_HOME))
		buf_printf(&d->b, " -h %.*s", STR_ARG(written(d, ACCOUNT_HOME)));
	else if (system && d->c->dialect == DIALECT_DEBIAN)
		buf_add(&d->b, STR(" -h /nonexistent"));
	if (given(d, ACCOUNT_UID))
		buf_printf(&d->b, " -u %.*s", STR_ARG(written(d, ACCOUNT_UID)));
	if (group.n)
		buf_printf(&d->b, " -G %.*s", STR_ARG(group));
	busybox_shell(d);
	if (comment_said(d))
		buf_printf(&d->b, " -g %.*s", STR_ARG(written(d, ACCOUNT_COMMENT)));
	buf_printf(&d->b, " %.*s", STR_ARG(name));
	finish(d, out);
	busybox_groups(d, name, out);
}

static void to_busybox(struct draft *d, struct commands *out)
{
	struct str name = operand(d, 0);

	if (d->c->noperands != 1) {
		refuse(d, "more than one name");
		return;
	}
	switch (d->c->action) {
	case ACTION_ADD_USER:
		busybox_user(d, out);
		return;
	case ACTION_ADD_GROUP:
		buf_add(&d->b, given(d, ACCOUNT_SYSTEM) ? STR("addgroup -S") : STR("addgroup"));
		if (given(d, ACCOUNT_GROUP))
			buf_printf(&d->b, " -g %.*s", STR_ARG(written(d, ACCOUNT_GROUP)));
		break;
	case ACTION_REMOVE_USER:
		buf_add(&d->b, given(d, ACCOUNT_REMOVE_HOME) ? STR("deluser --remove-home") : STR("deluser"));
		break;
	case ACTION_REMOVE_GROUP:
		buf_add(&d->b, STR("delgroup"));
		break;
	case ACTION_CHANGE_USER:
		/* usermod -aG is all that BusyBox can do of it. */
		if (!given(d, ACCOUNT_APPEND) || !given(d, ACCOUNT_GROUPS) || given(d, ACCOUNT_UID) ||
		    given(d, ACCOUNT_GROUP) || given(d, ACCOUNT_HOME) || given(d, ACCOUNT_SHELL) ||
		    given(d, ACCOUNT_COMMENT))
			refuse(d, "a change that BusyBox has no tool for");
		busybox_groups(d, name, out);
		return;
	default:
		refuse(d, "a change that BusyBox has no tool for");
		return;
	}
	buf_printf(&d->b, " %.*s", STR_ARG(name));
	finish(d, out);
}

/* useradd's options behind adduser: only the name is wrong. */
static void useradds_options(struct draft *d, struct str words, struct commands *out)
{
	size_t blank = 0;

	while (blank < words.n && !ascii_blank(words.p[blank]))
		blank++;
	buf_printf(&d->b, "useradd%.*s", STR_ARG(str_sub(words, blank, words.n)));
	finish(d, out);
}

void translate_account(const struct translation *t, struct commands *out, struct str *why)
{
	const struct account_command *c = &t->step->command;
	struct str words = str_sub(t->text, t->step->words.start, t->step->words.end);
	struct draft d = {.t = t, .c = c, .b = buf_new(t->arena), .why = why};
	bool busybox = t->facts->family == FAMILY_ALPINE || t->facts->family == FAMILY_BUSYBOX ||
		       t->facts->family == FAMILY_WOLFI;

	*why = STR("");
	*out = (struct commands){0};
	d.longs = str_find(words, STR(" --"), 0) != STR_NONE || str_find(words, STR(" -"), 0) == STR_NONE;
	refuse_strange(&d);
	if (why->n == 0 && busybox)
		to_busybox(&d, out);
	else if (why->n == 0 && c->dialect == DIALECT_SHADOW)
		useradds_options(&d, words, out);
	else if (why->n == 0)
		to_shadow(&d, out);
	if (why->n)
		*out = (struct commands){0};
}
