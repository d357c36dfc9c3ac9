#include "model/account_tools.h"

#include "base/path.h"

struct option {
	char letter; /* 0 without */
	bool value;
	const char *name; /* "" without */
	enum account_option means;
};

#define SHADOW_EVERYWHERE                                                                                              \
	{'h', false, "help", ACCOUNT_ELSEWHERE}, {'K', true, "key", ACCOUNT_OTHER},                                      \
		{'o', false, "non-unique", ACCOUNT_NON_UNIQUE}, {'p', true, "password", ACCOUNT_OTHER},                       \
		{'P', true, "prefix", ACCOUNT_ELSEWHERE},                                                               \
	{                                                                                                              \
		'R', true, "root", ACCOUNT_ELSEWHERE                                                                    \
	}

static const struct option useradd[] = {
	SHADOW_EVERYWHERE,
	{0, false, "badname", ACCOUNT_OTHER},
	{0, false, "badnames", ACCOUNT_OTHER},
	{0, false, "btrfs-subvolume-home", ACCOUNT_OTHER},
	{0, false, "extrausers", ACCOUNT_OTHER},
	{'b', true, "base-dir", ACCOUNT_BASE},
	{'c', true, "comment", ACCOUNT_COMMENT},
	{'d', true, "home-dir", ACCOUNT_HOME},
	{'D', false, "defaults", ACCOUNT_ELSEWHERE},
	{'e', true, "expiredate", ACCOUNT_OTHER},
	{'f', true, "inactive", ACCOUNT_OTHER},
	{'F', false, "add-subids-for-system", ACCOUNT_OTHER},
	{'g', true, "gid", ACCOUNT_GROUP},
	{'G', true, "groups", ACCOUNT_GROUPS},
	{'k', true, "skel", ACCOUNT_OTHER},
	{'l', false, "no-log-init", ACCOUNT_ASIDE},
	{'m', false, "create-home", ACCOUNT_MAKE_HOME},
	{'M', false, "no-create-home", ACCOUNT_NO_HOME},
	{'N', false, "no-user-group", ACCOUNT_NO_OWN_GROUP},
	{'n', false, "", ACCOUNT_NO_OWN_GROUP}, /* Red Hat's older name of -N */
	{'r', false, "system", ACCOUNT_SYSTEM},
	{'s', true, "shell", ACCOUNT_SHELL},
	{'u', true, "uid", ACCOUNT_UID},
	{'U', false, "user-group", ACCOUNT_OWN_GROUP},
	{'Z', true, "selinux-user", ACCOUNT_OTHER},
};

static const struct option usermod[] = {
	SHADOW_EVERYWHERE,
	{'a', false, "append", ACCOUNT_APPEND},
	{'b', false, "badname", ACCOUNT_OTHER},
	{'c', true, "comment", ACCOUNT_COMMENT},
	{'d', true, "home", ACCOUNT_HOME},
	{'e', true, "expiredate", ACCOUNT_OTHER},
	{'f', true, "inactive", ACCOUNT_OTHER},
	{'g', true, "gid", ACCOUNT_GROUP},
	{'G', true, "groups", ACCOUNT_GROUPS},
	{'l', true, "login", ACCOUNT_NAME},
	{'L', false, "lock", ACCOUNT_OTHER},
	{'m', false, "move-home", ACCOUNT_MAKE_HOME},
	{'r', false, "remove", ACCOUNT_OTHER},
	{'s', true, "shell", ACCOUNT_SHELL},
	{'u', true, "uid", ACCOUNT_UID},
	{'U', false, "unlock", ACCOUNT_OTHER},
	{'v', true, "add-subuids", ACCOUNT_OTHER},
	{'V', true, "del-subuids", ACCOUNT_OTHER},
	{'w', true, "add-subgids", ACCOUNT_OTHER},
	{'W', true, "del-subgids", ACCOUNT_OTHER},
	{'Z', true, "selinux-user", ACCOUNT_OTHER},
};

static const struct option groupadd[] = {
	SHADOW_EVERYWHERE,
	{0, false, "extrausers", ACCOUNT_OTHER},
	{'f', false, "force", ACCOUNT_FORCE},
	{'g', true, "gid", ACCOUNT_GROUP},
	{'r', false, "system", ACCOUNT_SYSTEM},
	{'U', true, "users", ACCOUNT_OTHER},
};

static const struct option groupmod[] = {
	SHADOW_EVERYWHERE,
	{'a', false, "append", ACCOUNT_APPEND},
	{'g', true, "gid", ACCOUNT_GROUP},
	{'n', true, "new-name", ACCOUNT_NAME},
	{'U', true, "users", ACCOUNT_OTHER},
};

static const struct option userdel[] = {
	SHADOW_EVERYWHERE,
	{0, false, "extrausers", ACCOUNT_OTHER},
	{'f', false, "force", ACCOUNT_FORCE},
	{'r', false, "remove", ACCOUNT_REMOVE_HOME},
	{'Z', false, "selinux-user", ACCOUNT_OTHER},
};

/* Perl's Getopt::Long: any clear beginning of a name will do, behind one dash or two. */
static const struct option debian_add[] = {
	{0, false, "add-extra-groups", ACCOUNT_OTHER},
	{0, false, "add_extra_groups", ACCOUNT_OTHER},
	{0, false, "allow-all-names", ACCOUNT_ASIDE},
	{0, false, "allow-bad-names", ACCOUNT_ASIDE},
	{0, false, "allow-badname", ACCOUNT_ASIDE},
	{0, true, "comment", ACCOUNT_COMMENT},
	{'c', true, "conf", ACCOUNT_OTHER},
	{0, false, "debug", ACCOUNT_ASIDE},
	{0, false, "disabled-login", ACCOUNT_ASIDE},
	{0, false, "disabled-password", ACCOUNT_ASIDE},
	{0, false, "encrypt-home", ACCOUNT_OTHER},
	{0, true, "firstgid", ACCOUNT_OTHER},
	{0, true, "firstuid", ACCOUNT_OTHER},
	{0, false, "force-badname", ACCOUNT_ASIDE},
	{0, true, "gecos", ACCOUNT_COMMENT},
	{0, true, "gid", ACCOUNT_GROUP},
	{0, false, "group", ACCOUNT_OWN_GROUP},
	{'h', false, "help", ACCOUNT_ELSEWHERE},
	{0, true, "home", ACCOUNT_HOME},
	{0, true, "ingroup", ACCOUNT_GROUP},
	{0, true, "lastgid", ACCOUNT_OTHER},
	{0, true, "lastuid", ACCOUNT_OTHER},
	{0, true, "logmsglevel", ACCOUNT_OTHER},
	{0, false, "no-create-home", ACCOUNT_NO_HOME},
	{'q', false, "quiet", ACCOUNT_ASIDE},
	{0, true, "shell", ACCOUNT_SHELL},
	{0, true, "stderrmsglevel", ACCOUNT_OTHER},
	{0, true, "stdoutmsglevel", ACCOUNT_OTHER},
	{0, false, "system", ACCOUNT_SYSTEM},
	{0, true, "uid", ACCOUNT_UID},
	{0, false, "verbose", ACCOUNT_ASIDE},
	{'v', false, "version", ACCOUNT_ELSEWHERE},
};

static const struct option debian_del[] = {
	{0, false, "backup", ACCOUNT_OTHER},
	{0, true, "backup-suffix", ACCOUNT_OTHER},
	{0, true, "backup-to", ACCOUNT_OTHER},
	{'c', true, "conf", ACCOUNT_OTHER},
	{0, false, "debug", ACCOUNT_ASIDE},
	{0, false, "group", ACCOUNT_OWN_GROUP},
	{'h', false, "help", ACCOUNT_ELSEWHERE},
	{0, false, "no-preserve-root", ACCOUNT_OTHER},
	{0, false, "only-if-empty", ACCOUNT_OTHER},
	{'q', false, "quiet", ACCOUNT_ASIDE},
	{0, false, "remove-all-files", ACCOUNT_OTHER},
	{0, false, "remove-home", ACCOUNT_REMOVE_HOME},
	{0, false, "system", ACCOUNT_SYSTEM},
	{0, false, "verbose", ACCOUNT_ASIDE},
	{'v', false, "version", ACCOUNT_ELSEWHERE},
};

static const struct option busybox_adduser[] = {
	{'D', false, "disabled-password", ACCOUNT_ASIDE},
	{0, false, "empty-password", ACCOUNT_OTHER},
	{'g', true, "gecos", ACCOUNT_COMMENT},
	{'G', true, "ingroup", ACCOUNT_GROUP},
	{'h', true, "home", ACCOUNT_HOME},
	{'H', false, "no-create-home", ACCOUNT_NO_HOME},
	{'k', true, "skel", ACCOUNT_OTHER},
	{'s', true, "shell", ACCOUNT_SHELL},
	{'S', false, "system", ACCOUNT_SYSTEM},
	{'u', true, "uid", ACCOUNT_UID},
};

static const struct option busybox_addgroup[] = {
	{'g', true, "gid", ACCOUNT_GROUP},
	{'S', false, "system", ACCOUNT_SYSTEM},
};

static const struct option busybox_deluser[] = {
	{0, false, "remove-home", ACCOUNT_REMOVE_HOME},
};

struct tool {
	const char *name;
	enum account_action action;
	enum account_dialect dialect;
	const struct option *options;
	size_t n;
};

#define TOOL(name, action, dialect, options)                                                                           \
	{                                                                                                              \
		(name), ACTION_##action, DIALECT_##dialect, (options), sizeof(options) / sizeof *(options)             \
	}

/* Tools of one name stand in the order in which they are tried. */
static const struct tool tools[] = {
	TOOL("useradd", ADD_USER, SHADOW, useradd),
	TOOL("groupadd", ADD_GROUP, SHADOW, groupadd),
	TOOL("usermod", CHANGE_USER, SHADOW, usermod),
	TOOL("groupmod", CHANGE_GROUP, SHADOW, groupmod),
	TOOL("userdel", REMOVE_USER, SHADOW, userdel),
	TOOL("groupdel", REMOVE_GROUP, SHADOW, userdel),
	TOOL("adduser", ADD_USER, DEBIAN, debian_add),
	TOOL("adduser", ADD_USER, SHADOW, useradd), /* the Red Hat family */
	TOOL("adduser", ADD_USER, BUSYBOX, busybox_adduser),
	TOOL("addgroup", ADD_GROUP, DEBIAN, debian_add),
	TOOL("addgroup", ADD_GROUP, BUSYBOX, busybox_addgroup),
	TOOL("deluser", REMOVE_USER, DEBIAN, debian_del),
	TOOL("deluser", REMOVE_USER, BUSYBOX, busybox_deluser),
	TOOL("delgroup", REMOVE_GROUP, DEBIAN, debian_del),
	TOOL("delgroup", REMOVE_GROUP, BUSYBOX, busybox_deluser),
};

/* A command line on its way through one tool's table. */
struct reader {
	struct arena *keep;
	const struct scope *scope;
	const struct shell_word *words;
	uint32_t at, n;
	const struct tool *tool;
	struct account_command *out;
};

/* A word's value; p is NULL when it is not known. */
static struct str value_of(const struct reader *r, const struct shell_word *word)
{
	struct str nothing = {NULL, 0};
	struct expansion x;

	if (word->glob || word->brace || word->tilde)
		return nothing;
	if (!word->expands)
		return arena_str(r->keep, word->text);
	if (str_find(word->text, STR("$("), 0) != STR_NONE || str_find_char(word->text, '`', 0) != STR_NONE)
		return nothing;
	expand_word(r->keep, r->scope, '\\', word->text, true, &x);
	return x.known ? arena_str(r->keep, x.text) : nothing;
}

/* `word` holds the value behind its first `skip` bytes; NULL without a value. */
static void set_option(struct reader *r, const struct option *o, const struct shell_word *word, size_t skip)
{
	struct account_value *v = &r->out->options[o->means];

	*v = (struct account_value){.given = true, .known = !o->value};
	if (!word)
		return;
	struct shell_word part = *word;
	part.text = str_sub(word->text, skip, word->text.n);
	v->value = value_of(r, &part);
	v->known |= v->value.p != NULL;
	v->word = (struct span){word->start, word->end};
	v->skip = (uint32_t)skip;
}

/* An option that does not hold its value itself: the next word does. */
static void take_next(struct reader *r, const struct option *o)
{
	set_option(r, o, o->value && r->at < r->n ? &r->words[r->at++] : NULL, 0);
}

/* The option of that name, or the only one that begins so; NULL when there is none or several. */
static const struct option *by_name(const struct tool *tool, struct str name)
{
	const struct option *found = NULL;
	uint32_t count = 0;

	for (size_t i = 0; i < tool->n; i++) {
		if (name.n && tool->options[i].name[0] != name.p[0])
			continue; /* most: no need to measure them */
		struct str full = str_of(tool->options[i].name);
		if (str_eq(full, name) && full.n)
			return &tool->options[i];
		if (str_starts(full, name)) {
			found = &tool->options[i];
			count++;
		}
	}
	return count == 1 ? found : NULL;
}

static const struct option *by_letter(const struct tool *tool, char letter)
{
	for (size_t i = 0; i < tool->n; i++)
		if (tool->options[i].letter == letter)
			return &tool->options[i];
	return NULL;
}

static void read_long(struct reader *r, const struct shell_word *word, size_t dashes)
{
	size_t equals = str_find_char(word->text, '=', 0);
	size_t end = equals == STR_NONE ? word->text.n : equals;
	struct str name = str_sub(word->text, dashes, end);
	const struct option *o = name.n == 1 && dashes == 1 ? by_letter(r->tool, name.p[0]) : NULL;

	if (!o)
		o = by_name(r->tool, name);
	if (!o)
		r->out->strange++;
	else if (equals != STR_NONE)
		set_option(r, o, word, equals + 1);
	else
		take_next(r, o);
}

/* -rmu1000: letters, the last of which may have its value behind it. */
static void read_letters(struct reader *r, const struct shell_word *word)
{
	for (size_t i = 1; i < word->text.n; i++) {
		const struct option *o = by_letter(r->tool, word->text.p[i]);
		if (!o) {
			r->out->strange++;
			return;
		}
		if (o->value && i + 1 < word->text.n) {
			set_option(r, o, word, i + 1);
			return;
		}
		take_next(r, o);
	}
}

static void read_operand(struct reader *r, const struct shell_word *word)
{
	if (r->out->noperands < ACCOUNT_OPERANDS) {
		r->out->operands[r->out->noperands] = value_of(r, word);
		r->out->operand_words[r->out->noperands] = (struct span){word->start, word->end};
	}
	r->out->noperands++;
}

static void read_words(struct reader *r)
{
	bool options = true;

	for (r->at = 1; r->at < r->n;) {
		const struct shell_word *word = &r->words[r->at++];
		struct str text = word->text;
		if (!options || text.n < 2 || text.p[0] != '-')
			read_operand(r, word);
		else if (str_eq(text, STR("--")))
			options = false;
		else if (text.p[1] == '-')
			read_long(r, word, 2);
		else if (r->tool->dialect == DIALECT_DEBIAN)
			read_long(r, word, 1);
		else
			read_letters(r, word);
	}
}

/* Whether the tool knows all options, and makes an account here. */
static bool makes_sense(const struct account_command *c)
{
	return c->strange == 0 && !c->options[ACCOUNT_ELSEWHERE].given;
}

/* Reads the line with one tool's options. */
static void read_as(struct reader *r, const struct tool *tool, struct account_command *out)
{
	*out = (struct account_command){.action = tool->action, .dialect = tool->dialect};
	r->tool = tool;
	r->out = out;
	read_words(r);
	if (tool->dialect != DIALECT_DEBIAN || !out->options[ACCOUNT_OWN_GROUP].given)
		return;
	if (out->action == ACTION_ADD_USER && !out->options[ACCOUNT_SYSTEM].given)
		out->action = ACTION_ADD_GROUP;
	else if (out->action == ACTION_REMOVE_USER)
		out->action = ACTION_REMOVE_GROUP;
}

bool account_command_read(struct arena *keep, const struct scope *scope, const struct shell_word *words, uint32_t n,
			  bool busybox, struct account_command *out)
{
	struct reader r = {.keep = keep, .scope = scope, .words = words, .n = n};
	struct account_command other;
	bool found = false;

	if (n == 0)
		return false;
	struct str name = path_last(words[0].text);
	/* BusyBox first where it is at home; then all in their order until one makes sense of the line. */
	uint32_t fits = 0;
	bool settled = false;
	for (int turn = busybox ? 0 : 1; turn < 2; turn++) {
		for (size_t i = 0; i < sizeof tools / sizeof *tools; i++) {
			if (!str_eq(str_of(tools[i].name), name))
				continue;
			if (turn == 0 && tools[i].dialect != DIALECT_BUSYBOX)
				continue;
			read_as(&r, &tools[i], &other);
			if (makes_sense(&other))
				fits |= 1u << tools[i].dialect;
			if (!settled && (!found || makes_sense(&other)))
				*out = other;
			found = true;
			settled = settled || makes_sense(out);
		}
	}
	if (found)
		out->fits = fits;
	return found;
}
