#include "model/locations.h"

#include "base/table.h"

enum { COLUMN_COMMAND, COLUMN_WHEN, COLUMN_VARIABLES, COLUMN_BELOW, COLUMN_HOW, COLUMN_UNLESS };

/* The names of variables stand in the same map as those of commands: no command has one. */
static struct str key_of_variable(struct arena *a, struct str name)
{
	return arena_printf(a, "$%.*s", STR_ARG(name));
}

static void add_row(struct arena *a, struct map *rows, struct str name, const struct tool_location *row)
{
	struct tool_location *copy = ARENA_NEW(a, struct tool_location);
	void **place = map_put(a, rows, name);
	*copy = *row;
	if (!*place) {
		*place = copy;
		return;
	}
	struct tool_location *last = *place;
	while (last->next)
		last = last->next;
	last->next = copy;
}

static bool valid_variables(struct str variables)
{
	struct str name, directory;
	bool any = false;
	while (location_variable(&variables, &name, &directory)) {
		any = true;
		if (name.n == 0 || (directory.n && directory.p[0] != '/'))
			return false;
	}
	return any;
}

bool locations_read(struct arena *a, struct map *rows, struct str text, uint32_t *bad_line, struct str *why)
{
	struct table_reader reader = table_read(text);
	struct table_row cells;
	while (table_next(&reader, &cells)) {
		struct tool_location row = {.when = cells.cell[COLUMN_WHEN],
					    .variables = cells.cell[COLUMN_VARIABLES],
					    .below = cells.cell[COLUMN_BELOW],
					    .unless = cells.cell[COLUMN_UNLESS]};
		struct str names = cells.cell[COLUMN_COMMAND], variables = row.variables, name, directory;
		*bad_line = cells.line;
		row.early = str_in_list(cells.cell[COLUMN_HOW], STR("early"));
		row.make = str_in_list(cells.cell[COLUMN_HOW], STR("make"));
		row.write = str_in_list(cells.cell[COLUMN_HOW], STR("write"));
		row.started = str_in_list(cells.cell[COLUMN_HOW], STR("started"));
		if (!command_when_valid(row.when) || !valid_variables(variables)) {
			*why = STR("expected conditions as in commands.tsv, and variables with absolute directories");
			return false;
		}
		while (str_split(&names, ',', &name))
			add_row(a, rows, name, &row);
		while (!row.write && location_variable(&variables, &name, &directory))
			add_row(a, rows, key_of_variable(a, name), &row);
	}
	return true;
}

const struct tool_location *location_find(const struct map *rows, const struct command_table *commands,
					  const struct shell_word *words, uint32_t n)
{
	const struct tool_location *row = n ? map_get(rows, command_name(words[0].text)) : NULL;
	while (row && !command_fits(commands, row->when, words, n))
		row = row->next;
	return row;
}

bool location_variable(struct str *variables, struct str *name, struct str *directory)
{
	struct str item;
	if (variables->n == 0 || !str_split(variables, ',', &item))
		return false;
	size_t equals = str_find_char(item, '=', 0);
	*name = equals == STR_NONE ? item : str_sub(item, 0, equals);
	*directory = equals == STR_NONE ? STR("") : str_sub(item, equals + 1, item.n);
	return true;
}

bool location_is_read(const struct map *rows, struct str variable)
{
	enum { LONGEST = 64 };
	char key[LONGEST] = "$";
	if (variable.n == 0 || variable.n >= LONGEST)
		return false;
	memcpy(key + 1, variable.p, variable.n);
	return map_get(rows, (struct str){key, variable.n + 1}) != NULL;
}
