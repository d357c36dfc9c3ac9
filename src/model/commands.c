#include "model/commands.h"

#include "base/table.h"

enum { COLUMN_NAME, COLUMN_WHEN, COLUMN_EFFECT, COLUMN_PATHS, COLUMN_MINDS, COLUMN_HOME };

struct row {
	struct row *next; /* of the same command, in the table's order */
	struct str when;
	struct command_fact fact;
};

struct command_table {
	struct map rows; /* command name -> struct row * */
	struct map options;
};

static const char *const effect_names[EFFECT_COUNT] = {
	"unknown", "plain",   "root",  "tree",	      "build", "create", "copy",
	"unpack",  "fetch",   "edit",  "owner",	      "mode",  "remove", "account",
	"cd",	   "wrapper", "shell", "source", "interpreter", "home",  "switch", "service"};

static bool effect_of_name(struct str name, enum effect *effect)
{
	for (int i = 0; i < EFFECT_COUNT; i++)
		if (str_eq(name, str_of(effect_names[i]))) {
			*effect = (enum effect)i;
			return true;
		}
	return false;
}

bool command_when_valid(struct str when)
{
	struct str condition;
	if (when.n == 0)
		return true;
	while (str_split(&when, ';', &condition))
		if (!str_starts(condition, STR("sub=")) && !str_starts(condition, STR("has=")) &&
		    !str_starts(condition, STR("text=")))
			return false;
	return true;
}

static void add_row(struct arena *a, struct command_table *t, struct str name, const struct row *row)
{
	struct row *copy = ARENA_NEW(a, struct row);
	*copy = *row;
	void **place = map_put(a, &t->rows, name);
	if (!*place) {
		*place = copy;
		return;
	}
	struct row *last = *place;
	while (last->next)
		last = last->next;
	last->next = copy;
}

struct command_table *command_table_read(struct arena *a, struct str text, uint32_t *bad_line, struct str *why)
{
	struct command_table *t = ARENA_NEW(a, struct command_table);
	option_sets_read(a, &t->options);
	struct table_reader reader = table_read(text);
	struct table_row cells;
	while (table_next(&reader, &cells)) {
		struct row row = {.when = cells.cell[COLUMN_WHEN]};
		struct str names = cells.cell[COLUMN_NAME], name;
		*bad_line = cells.line;
		if (!effect_of_name(cells.cell[COLUMN_EFFECT], &row.fact.effect)) {
			*why = STR("unknown effect in the third column");
			return NULL;
		}
		if (!command_when_valid(row.when)) {
			*why = STR("conditions in the second column begin with sub=, has= or text=");
			return NULL;
		}
		row.fact.paths = cells.cell[COLUMN_PATHS];
		row.fact.minds = cells.cell[COLUMN_MINDS];
		row.fact.home = cells.cell[COLUMN_HOME];
		while (str_split(&names, ',', &name))
			add_row(a, t, name, &row);
	}
	return t;
}

struct str command_name(struct str word)
{
	size_t slash = str_find_last_char(word, '/');
	return slash == STR_NONE ? word : str_sub(word, slash + 1, word.n);
}

bool command_is_shell_script(struct str path)
{
	return str_ends(path, STR(".sh")) || str_ends(path, STR(".bash"));
}

/* The first word after the name that is no option and no value of one. */
static struct str first_operand(const struct option_set *set, const struct shell_word *words, uint32_t n)
{
	for (uint32_t i = 1; i < n; i += option_width(set, words, i))
		if (words[i].text.n > 0 && words[i].text.p[0] != '-')
			return words[i].text;
	return n > 1 ? words[1].text : (struct str){"", 0};
}

static bool has_word(struct str list, const struct shell_word *words, uint32_t n)
{
	for (uint32_t i = 1; i < n; i++) {
		struct str word = words[i].text;
		size_t equals = str_find_char(word, '=', 0);
		if (str_in_list(list, word) || (equals != STR_NONE && str_in_list(list, str_sub(word, 0, equals))))
			return true;
	}
	return false;
}

/* A word that holds one of the texts. */
static bool has_text(struct str list, const struct shell_word *words, uint32_t n)
{
	struct str text;
	while (str_split(&list, ',', &text))
		for (uint32_t i = 1; i < n; i++)
			if (str_find(words[i].text, text, 0) != STR_NONE)
				return true;
	return false;
}

static bool conditions_hold(struct str when, const struct option_set *set, const struct shell_word *words, uint32_t n)
{
	struct str condition;
	if (when.n == 0)
		return true;
	while (str_split(&when, ';', &condition)) {
		size_t equals = str_find_char(condition, '=', 0);
		struct str list = str_sub(condition, equals + 1, condition.n);
		bool holds = str_starts(condition, STR("sub=")) ? str_in_list(list, first_operand(set, words, n))
			     : str_starts(condition, STR("text=")) ? has_text(list, words, n)
								   : has_word(list, words, n);
		if (!holds)
			return false;
	}
	return true;
}

const struct option_set *command_options(const struct command_table *t, const struct shell_word *words)
{
	return option_set_of(&t->options, command_name(words[0].text));
}

bool command_fits(const struct command_table *t, struct str when, const struct shell_word *words, uint32_t n)
{
	return conditions_hold(when, command_options(t, words), words, n);
}

struct str command_operand(const struct command_table *t, const struct shell_word *words, uint32_t n)
{
	return first_operand(command_options(t, words), words, n);
}

struct command_fact command_lookup(const struct command_table *t, const struct shell_word *words, uint32_t n)
{
	struct command_fact unknown = {.effect = EFFECT_UNKNOWN};
	if (n == 0 || words[0].expands)
		return unknown;
	const struct row *row = map_get(&t->rows, words[0].text);
	if (!row)
		row = map_get(&t->rows, command_name(words[0].text));
	for (; row; row = row->next)
		if (row->when.n == 0 || command_fits(t, row->when, words, n))
			return row->fact;
	return unknown;
}

/* Skips the options of a wrapper; `with_value` lists those whose value is the next word, and "+1" an operand of
   the wrapper's own. */
static uint32_t skip_options(struct str with_value, const struct shell_word *words, uint32_t i, uint32_t n)
{
	bool operand = str_in_list(with_value, STR("+1"));
	while (i < n) {
		struct str word = words[i].text;
		if (word.n > 1 && word.p[0] == '-') {
			i += str_in_list(with_value, word) ? 2 : 1;
			if (str_eq(word, STR("--")))
				break;
		} else if (str_find_char(word, '=', 0) != STR_NONE && !str_starts(word, STR("/"))) {
			i++; /* env NAME=value */
		} else if (operand) {
			operand = false;
			i++;
		} else {
			break;
		}
	}
	return i < n ? i : n;
}

static bool is_root(struct str user)
{
	return str_eq(user, STR("root")) || str_eq(user, STR("0")) || str_eq(user, STR("root:root")) ||
	       str_eq(user, STR("0:0"));
}

/* The user that words[from..to) name by an option: -u app, -uapp, --user app, --user=app; empty p when none does. */
static struct str user_option(const struct shell_word *words, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++) {
		struct str word = words[i].text;
		if ((str_eq(word, STR("-u")) || str_eq(word, STR("--user"))) && i + 1 < to)
			return words[i + 1].text;
		if (str_starts(word, STR("--user=")))
			return str_sub(word, 7, word.n);
		if (word.n > 2 && word.p[0] == '-' && word.p[1] == 'u')
			return str_sub(word, 2, word.n);
	}
	return (struct str){NULL, 0};
}

static void unwrap_plain(const struct command_fact *fact, const struct shell_word *words, uint32_t n,
			 struct unwrapped *u)
{
	uint32_t from = u->skip + 1;
	u->skip = skip_options(fact->paths, words, from, n);
	if (str_in_list(STR("sudo,doas"), u->by)) {
		struct str user = user_option(words, from, u->skip);
		u->how |= UNWRAP_SUDO | (user.p && !is_root(user) ? UNWRAP_OTHER_USER : 0u);
	} else if (str_eq(u->by, STR("fakeroot"))) {
		u->how |= UNWRAP_FAKE;
	} else if (str_eq(u->by, STR("xargs"))) {
		u->how |= UNWRAP_LOOSE;
	}
}

/* su app -c text, runuser -u app -- command: the text, or where the command begins. */
static void unwrap_su(const struct shell_word *words, uint32_t n, struct unwrapped *u)
{
	struct str user = STR("root");
	bool has_command = false;
	uint32_t i = u->skip + 1;
	while (i < n) {
		struct str word = words[i].text;
		bool last = i + 1 == n;
		if (!last && str_in_list(STR("-c,--command,--session-command"), word)) {
			u->text = &words[i + 1];
			i += 2;
		} else if (!last && str_in_list(STR("-u,--user"), word)) {
			user = words[i + 1].text;
			has_command = true;
			i += 2;
		} else if (str_in_list(STR("-s,--shell,-g,--group,-G,--supp-group,-w"), word)) {
			i += 2;
		} else if (word.n && word.p[0] == '-') {
			i++;
		} else if (has_command) {
			break;
		} else {
			user = word;
			i++;
		}
	}
	u->skip = has_command && i < n ? i : n;
	if (!is_root(user))
		u->how |= UNWRAP_OTHER_USER;
}

/* gosu USER command, su-exec USER command, setpriv --reuid=… command. */
static void unwrap_switch(const struct shell_word *words, uint32_t n, struct unwrapped *u)
{
	if (str_in_list(STR("su,runuser"), u->by)) {
		unwrap_su(words, n, u);
		return;
	}
	uint32_t i = skip_options(STR("-u,-g,-G"), words, u->skip + 1, n);
	bool user_is_operand = str_in_list(STR("gosu,su-exec,s6-setuidgid"), u->by);
	if (!user_is_operand || i == n || !is_root(words[i].text))
		u->how |= UNWRAP_OTHER_USER;
	u->skip = user_is_operand && i < n ? i + 1 : i;
}

struct unwrapped command_unwrap(const struct command_table *t, const struct shell_word *words, uint32_t n)
{
	enum { MAX_WRAPPERS = 16 };
	struct unwrapped u = {.by = {"", 0}, .fact = command_lookup(t, words, n)};
	for (int i = 0; i < MAX_WRAPPERS && u.skip < n && !u.text; i++) {
		if (u.fact.effect != EFFECT_WRAPPER && u.fact.effect != EFFECT_SWITCH)
			break;
		u.by = command_name(words[u.skip].text);
		if (u.fact.effect == EFFECT_WRAPPER)
			unwrap_plain(&u.fact, words, n, &u);
		else
			unwrap_switch(words, n, &u);
		u.fact = command_lookup(t, words + u.skip, n - u.skip);
	}
	return u;
}

const struct shell_word *command_any_shell_text(const struct shell_word *words, uint32_t n)
{
	for (uint32_t i = 1; i + 1 < n; i++) {
		struct str option = words[i].text;
		if (str_in_list(STR("-o,+o,-O,+O,--rcfile,--init-file"), option)) {
			i++;
			continue;
		}
		if (option.n < 2 || (option.p[0] != '-' && option.p[0] != '+'))
			return NULL;
		if (option.p[0] == '-' && option.p[1] != '-' && option.p[option.n - 1] == 'c')
			return &words[i + 1];
		if (option.p[0] == '-' && option.p[1] != '-' && option.p[option.n - 1] == 'o')
			i++; /* -eo pipefail */
	}
	return NULL;
}

const struct shell_word *command_shell_text(const struct shell_word *words, uint32_t n)
{
	const struct shell_word *text = command_any_shell_text(words, n);
	return text && !text->expands ? text : NULL;
}
