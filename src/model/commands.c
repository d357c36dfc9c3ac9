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
};

static const char *const effect_names[EFFECT_COUNT] = {
	"unknown", "plain",  "root",	"tree", "build",   "create", "copy",	    "unpack", "fetch",	"edit",	  "owner",
	"mode",	   "remove", "account", "cd",	"wrapper", "shell",  "interpreter", "home",   "switch", "service"};

static bool effect_of_name(struct str name, enum effect *effect)
{
	for (int i = 0; i < EFFECT_COUNT; i++)
		if (str_eq(name, str_of(effect_names[i]))) {
			*effect = (enum effect)i;
			return true;
		}
	return false;
}

static bool valid_when(struct str when)
{
	struct str condition;
	if (when.n == 0)
		return true;
	while (str_split(&when, ';', &condition))
		if (!str_starts(condition, STR("sub=")) && !str_starts(condition, STR("has=")))
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
		if (!valid_when(row.when)) {
			*why = STR("conditions in the second column begin with sub= or has=");
			return NULL;
		}
		row.fact.paths = cells.cell[COLUMN_PATHS];
		row.fact.minds = cells.cell[COLUMN_MINDS];
		row.fact.home = cells.cell[COLUMN_HOME].n > 0;
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

static bool in_list(struct str list, struct str value)
{
	struct str item;
	while (str_split(&list, ',', &item))
		if (str_eq(item, value))
			return true;
	return false;
}

/* The first word after the name that is no option; options with a value of their own are not known here, which
   can only make a row not match. */
static struct str first_operand(const struct shell_word *words, uint32_t n)
{
	for (uint32_t i = 1; i < n; i++)
		if (words[i].text.n > 0 && words[i].text.p[0] != '-')
			return words[i].text;
	return n > 1 ? words[1].text : (struct str){"", 0};
}

static bool has_word(struct str list, const struct shell_word *words, uint32_t n)
{
	for (uint32_t i = 1; i < n; i++) {
		struct str word = words[i].text;
		size_t equals = str_find_char(word, '=', 0);
		if (in_list(list, word) || (equals != STR_NONE && in_list(list, str_sub(word, 0, equals))))
			return true;
	}
	return false;
}

static bool conditions_hold(struct str when, const struct shell_word *words, uint32_t n)
{
	struct str condition;
	if (when.n == 0)
		return true;
	while (str_split(&when, ';', &condition)) {
		struct str list = str_sub(condition, 4, condition.n);
		bool holds = str_starts(condition, STR("sub=")) ? in_list(list, first_operand(words, n))
								: has_word(list, words, n);
		if (!holds)
			return false;
	}
	return true;
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
		if (conditions_hold(row->when, words, n))
			return row->fact;
	return unknown;
}

/* Skips the options of a wrapper; `with_value` lists those whose value is the next word, and "+1" an operand of
   the wrapper's own. */
static uint32_t skip_options(struct str with_value, const struct shell_word *words, uint32_t i, uint32_t n)
{
	bool operand = in_list(with_value, STR("+1"));
	while (i < n) {
		struct str word = words[i].text;
		if (word.n > 1 && word.p[0] == '-') {
			i += in_list(with_value, word) ? 2 : 1;
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

/* gosu USER command, su-exec USER command, setpriv --reuid=… command; su has its command in -c. */
static uint32_t skip_switch(const struct shell_word *words, uint32_t i, uint32_t n)
{
	bool user_is_operand = str_eq(command_name(words[i].text), STR("gosu")) ||
			       str_eq(command_name(words[i].text), STR("su-exec")) ||
			       str_eq(command_name(words[i].text), STR("s6-setuidgid"));
	i = skip_options(STR("-u,-g,-G"), words, i + 1, n);
	return user_is_operand && i < n ? i + 1 : i;
}

uint32_t command_unwrap(const struct command_table *t, const struct shell_word *words, uint32_t n, bool *switched)
{
	uint32_t i = 0;
	*switched = false;
	while (i < n) {
		struct command_fact fact = command_lookup(t, words + i, n - i);
		if (fact.effect == EFFECT_WRAPPER) {
			i = skip_options(fact.paths, words, i + 1, n);
		} else if (fact.effect == EFFECT_SWITCH) {
			*switched = true;
			i = skip_switch(words, i, n);
		} else {
			break;
		}
	}
	return i;
}

const struct shell_word *command_shell_text(const struct shell_word *words, uint32_t n)
{
	for (uint32_t i = 1; i + 1 < n; i++) {
		struct str option = words[i].text;
		if (option.n < 2 || option.p[0] != '-')
			return NULL;
		if (option.p[1] != '-' && option.p[option.n - 1] == 'c')
			return words[i + 1].expands ? NULL : &words[i + 1];
	}
	return NULL;
}
