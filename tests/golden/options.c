#include "golden.h"

#include <stdlib.h>

enum { MAX_VALUES = 16 };

/* Ended by NULL; lives in the arena. */
static const char **add_value(struct arena *a, const char *const *list, struct str value)
{
	const char **longer = ARENA_ARRAY(a, const char *, MAX_VALUES + 1);
	size_t n = 0;
	while (list && list[n] && n + 1 < MAX_VALUES) {
		longer[n] = list[n];
		n++;
	}
	longer[n] = arena_str(a, value).p;
	return longer;
}

static const unroot_pair *add_pair(struct arena *a, const unroot_pair *list, struct str value)
{
	unroot_pair *longer = ARENA_ARRAY(a, unroot_pair, MAX_VALUES + 1);
	size_t n = 0, equals = str_find_char(value, '=', 0);
	while (list && list[n].name && n + 1 < MAX_VALUES) {
		longer[n] = list[n];
		n++;
	}
	longer[n].name = arena_str(a, str_sub(value, 0, equals == STR_NONE ? value.n : equals)).p;
	longer[n].value = equals == STR_NONE ? "" : arena_str(a, str_sub(value, equals + 1, value.n)).p;
	return longer;
}

static bool set_flag(struct golden *g, struct str name)
{
	unroot_options *o = &g->options;
	if (str_eq(name, STR("--unsafe-fixes")))
		o->least = UNROOT_UNSAFE;
	else if (str_eq(name, STR("--all-targets")))
		o->all_targets = 1;
	else if (str_eq(name, STR("--numeric")))
		o->numeric = 1;
	else if (str_eq(name, STR("--no-second-run")))
		g->settles = false;
	else if (str_eq(name, STR("--no-crlf")))
		g->crlf = false;
	else
		return false;
	return true;
}

static bool set_value(struct golden *g, struct str name, struct str value)
{
	unroot_options *o = &g->options;
	const char *text = arena_str(g->arena, value).p;
	if (str_eq(name, STR("--target")))
		o->target = text;
	else if (str_eq(name, STR("--user")))
		o->user = text;
	else if (str_eq(name, STR("--group")))
		o->group = text;
	else if (str_eq(name, STR("--uid")))
		o->uid = (unsigned)strtoul(text, NULL, 10);
	else if (str_eq(name, STR("--gid")))
		o->gid = (unsigned)strtoul(text, NULL, 10);
	else if (str_eq(name, STR("--select")))
		o->select = add_value(g->arena, o->select, value);
	else if (str_eq(name, STR("--ignore")))
		o->ignore = add_value(g->arena, o->ignore, value);
	else if (str_eq(name, STR("ports-map")))
		o->port_map = add_pair(g->arena, o->port_map, value);
	else if (str_eq(name, STR("--build-arg")))
		o->build_args = add_pair(g->arena, o->build_args, value);
	else if (str_eq(name, STR("--placement")))
		o->early = str_eq(value, STR("early"));
	else if (str_eq(name, STR("--ownership")))
		o->minimal_ownership = str_eq(value, STR("minimal"));
	else if (str_eq(name, STR("--ports")))
		o->keep_ports = str_eq(value, STR("keep"));
	else
		return false;
	return true;
}

bool golden_options(struct golden *g, struct str *unknown)
{
	const char *path = arena_printf(g->arena, "%s/args", g->folder).p;
	if (!path_exists(path))
		return true;
	struct str rest = file_bytes(g->arena, path);
	while (str_split(&rest, '\n', unknown)) {
		struct str line = str_trim(*unknown);
		size_t equals = str_find_char(line, '=', 0);
		bool known = equals == STR_NONE
				     ? set_flag(g, line)
				     : set_value(g, str_sub(line, 0, equals), str_sub(line, equals + 1, line.n));
		if (line.n > 0 && !known)
			return false;
	}
	return true;
}
