/* What a command leaves below the home. */
#include "base/buf.h"
#include "base/path.h"
#include "model/effects.h"

enum { MAX_WAITING = 64 }; /* uses of homes that are looked through at each command */

/* The variable holds a place that others may enter. */
static bool is_elsewhere(const struct step *s, const struct variable *v)
{
	if (!v->known || v->value.n < 2 || v->value.p[0] != '/' || !v->from_env)
		return false;
	enum place place = tables_place(s->f->tables, path_join(s->f->scratch, STR("/"), v->value));
	return place != PLACE_HOME && place != PLACE_BUILD;
}

static bool set_by_step(const struct step *s, struct str name)
{
	for (uint32_t i = 0; s->command && i < s->command->nassignments; i++) {
		struct str text = s->command->assignments[i].text;
		if (str_starts(text, name) && name.n < text.n && text.p[name.n] == '=')
			return true;
	}
	return scope_get(&s->vars, name) != scope_get(s->f->env, name);
}

/* The variables that have to be set yet, with their directories; false when that cannot help. */
static bool missing_variables(struct step *s, const struct tool_location *location, struct str *missing)
{
	struct str variables = location->variables, name, directory;
	struct buf b = buf_new(s->f->arena);
	while (location_variable(&variables, &name, &directory)) {
		const struct variable *v = scope_get(s->f->env, name);
		if (set_by_step(s, name) || (v && !is_elsewhere(s, v)) || (!v && directory.n == 0))
			return false;
		if (!v)
			buf_printf(&b, "%s%.*s=%.*s", b.n ? "," : "", STR_ARG(name), STR_ARG(directory));
	}
	*missing = buf_str(&b);
	return true;
}

/* The tools that have to be started for it to matter; empty: whatever is started. */
static struct str only_with(struct step *s, struct str home, struct str command)
{
	if (str_eq(home, STR("tool")))
		return arena_str(s->f->arena, command);
	bool list = str_starts(home, STR("tool:")) || str_starts(home, STR("used:"));
	return list ? arena_str(s->f->arena, str_sub(home, 5, home.n)) : STR("");
}

/* Fills in where variables can say another place. False when it lies in another one already. */
static bool lies_in_home(struct step *s, const struct tool_location *location, struct home_use *use)
{
	if (location && missing_variables(s, location, &use->missing)) {
		if (use->missing.n == 0)
			return false;
		use->location = location;
	}
	return true;
}

static bool is_switched_off(const struct step *s, struct str unless)
{
	struct str name;
	while (unless.n && str_split(&unless, ',', &name))
		if (name.n && name.p[0] == '/' ? image_lets_all_write(s->f->image, name)
					       : scope_get(s->f->env, name) || set_by_step(s, name))
			return true;
	return false;
}

static void package_home(struct step *s, struct str package)
{
	const struct shell_word words[] = {{.text = STR("node_modules")}, {.text = package}};
	const struct tool_location *location =
		location_find(&s->f->tables->locations, s->f->tables->commands, words, 2);
	struct home_use use = {.run = s->index};
	if (!location || is_switched_off(s, location->unless) || !lies_in_home(s, location, &use) ||
	    step_is_mounted(s, path_join(s->f->scratch, s->home, location->below)))
		return;
	use.tool = arena_str(s->f->arena, package);
	if (location->started)
		use.only_with = use.tool;
	else
		s->run->flags |= RUN_HOME;
	*VEC_PUSH(s->f->arena, s->f->homes) = use;
}

void step_package_homes(struct step *s, const struct shell_word *words, uint32_t n)
{
	uint32_t file;
	if (s->start || s->home.n == 0 || (s->how & UNWRAP_OTHER_USER))
		return;
	for (uint32_t i = 2; i < n; i++) /* npm install cypress@13 */
		package_home(s, step_package_name(words[i].text));
	if (s->cwd.n == 0 || !facts_context_file(s->f, path_join(s->f->scratch, s->cwd, STR("package.json")), &file))
		return;
	struct str text = s->f->workspace->at[file].current;
	/* Text is searched, not understood: "name": "version" */
	for (size_t at = str_find_char(text, '"', 0); at != STR_NONE; at = str_find_char(text, '"', at + 1)) {
		size_t end = str_find_char(text, '"', at + 1), colon;
		if (end == STR_NONE)
			return;
		for (colon = end + 1; colon < text.n && ascii_blank(text.p[colon]);)
			colon++;
		if (colon < text.n && text.p[colon] == ':')
			package_home(s, str_sub(text, at + 1, end));
		at = end;
	}
}

void step_home(struct step *s, const struct command_fact *fact, const struct shell_word *words, uint32_t n)
{
	struct str command = command_name(words[0].text), paths = fact->home, path;
	struct home_use use = {.run = s->index, .only_with = only_with(s, paths, command)};
	bool mounted = s->home.n > 0 && paths.n > 0 && !str_eq(paths, STR("home")) && use.only_with.n == 0;
	if (s->how & UNWRAP_OTHER_USER)
		return;
	while (mounted && str_split(&paths, ',', &path))
		mounted = step_is_mounted(s, path_join(s->f->scratch, s->home, path));
	if (mounted)
		return;
	const struct tool_location *location =
		location_find(&s->f->tables->locations, s->f->tables->commands, words, n);
	if ((location && is_switched_off(s, location->unless)) || !lies_in_home(s, location, &use))
		return;
	if (use.only_with.n == 0)
		s->run->flags |= RUN_HOME;
	use.unused = str_starts(paths, STR("used:"));
	use.tool = arena_str(s->f->arena, command);
	if (!s->start)
		*VEC_PUSH(s->f->arena, s->f->homes) = use;
}

void step_uses_homes(struct step *s, struct str command)
{
	for (size_t i = 0; !s->start && i < s->f->homes.n && i < MAX_WAITING; i++)
		if (s->f->homes.at[i].unused && str_in_list(s->f->homes.at[i].only_with, command))
			s->f->homes.at[i].unused = false;
}
