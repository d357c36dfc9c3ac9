#include "model/tables.h"

#include "base/path.h"
#include "base/table.h"

static const struct {
	const char *name;
	enum place kind;
} place_names[] = {{"system", PLACE_SYSTEM}, {"state", PLACE_STATE}, {"app", PLACE_APP},
		   {"home", PLACE_HOME},     {"temp", PLACE_TEMP},   {"users", PLACE_USERS},
		   {"build", PLACE_BUILD},   {"host", PLACE_HOST},   {"parent", PLACE_PARENT}};

static const struct {
	const char *name;
	enum holding holding;
} holding_names[] = {{"", HOLDS_NOTHING}, {"base", HOLDS_BASE}, {"others", HOLDS_OTHERS}, {"packages", HOLDS_PACKAGES}};

struct place_row {
	enum place kind;
	enum holding holding;
};

static const struct {
	const char *name;
	enum program_kind kind;
} program_names[] = {{"app", PROGRAM_APP},	   {"tools", PROGRAM_TOOLS},   {"interpreter", PROGRAM_INTERPRETER},
		     {"files", PROGRAM_FILES},	   {"data", PROGRAM_DATA},     {"idle", PROGRAM_IDLE},
		     {"wrapper", PROGRAM_WRAPPER}, {"shell", PROGRAM_SHELL},   {"root", PROGRAM_ROOT},
		     {"drops", PROGRAM_DROPS},	   {"server", PROGRAM_SERVER}, {"platform", PROGRAM_PLATFORM}};

static bool fault(struct arena *a, struct str *why, const char *path, uint32_t line, const char *what)
{
	*why = arena_printf(a, "templates/%s:%u: %s", path, line, what);
	return false;
}

static bool read_places(struct arena *a, struct tables *t, struct str text, struct str *why)
{
	struct table_reader reader = table_read(text);
	struct table_row row;
	while (table_next(&reader, &row)) {
		size_t i = 0, n = sizeof place_names / sizeof *place_names;
		size_t k = 0, m = sizeof holding_names / sizeof *holding_names;
		while (i < n && !str_eq(row.cell[1], str_of(place_names[i].name)))
			i++;
		while (k < m && !str_eq(row.cell[2], str_of(holding_names[k].name)))
			k++;
		if (i == n || k == m || row.cell[0].n == 0 || row.cell[0].p[0] != '/')
			return fault(a, why, "places.tsv", row.line,
				     "expected an absolute path, a known kind, and base, others, packages or nothing");
		struct place_row *place = ARENA_NEW(a, struct place_row);
		*place = (struct place_row){place_names[i].kind, holding_names[k].holding};
		*map_put(a, &t->places, row.cell[0]) = place;
	}
	return true;
}

static void add_program(struct arena *a, struct tables *t, struct str name, struct program *program)
{
	struct map *map = &t->programs;
	if (str_ends(name, STR("*"))) {
		name.n--;
		*VEC_PUSH(a, t->program_prefixes) = name;
		map = &t->prefix_programs;
	}
	void **place = map_put(a, map, name);
	if (!*place)
		*place = program;
}

static bool read_programs(struct arena *a, struct tables *t, struct str text, struct str *why)
{
	struct table_reader reader = table_read(text);
	struct table_row row;
	while (table_next(&reader, &row)) {
		size_t i = 0, n = sizeof program_names / sizeof *program_names;
		while (i < n && !str_eq(row.cell[1], str_of(program_names[i].name)))
			i++;
		if (i == n)
			return fault(a, why, "programs.tsv", row.line, "unknown kind in the second column");
		struct program *program = ARENA_NEW(a, struct program);
		*program = (struct program){program_names[i].kind, row.cell[2], row.cell[3], row.cell[4], row.cell[5]};
		struct str names = row.cell[0], name;
		while (str_split(&names, ',', &name))
			add_program(a, t, name, program);
	}
	return true;
}

static bool read_ports(struct arena *a, struct tables *t, struct str text, struct str *why)
{
	struct table_reader reader = table_read(text);
	struct table_row row;
	while (table_next(&reader, &row)) {
		bool option = str_eq(row.cell[0], STR("option"));
		if (str_eq(row.cell[0], STR("client"))) {
			uint32_t *port = VEC_PUSH(a, t->client_ports);
			if (!str_to_u32(row.cell[1], port))
				return fault(a, why, "ports.tsv", row.line, "a client's port is a number");
			continue;
		}
		bool listen = str_eq(row.cell[0], STR("listen")), source = str_eq(row.cell[0], STR("source"));
		if (listen || source || str_eq(row.cell[0], STR("settings"))) {
			struct port_text *shown = listen   ? VEC_PUSH(a, t->port_listens)
						  : source ? VEC_PUSH(a, t->port_sources)
							   : VEC_PUSH(a, t->port_settings);
			*shown = (struct port_text){row.cell[1], row.cell[2], row.cell[3]};
			if (shown->name.n == 0 || shown->files.n == 0)
				return fault(a, why, "ports.tsv", row.line, "listen, source and settings have a name, and files");
			continue;
		}
		if (str_eq(row.cell[0], STR("code"))) {
			*VEC_PUSH(a, t->port_code) = row.cell[1];
			continue;
		}
		if (str_eq(row.cell[0], STR("label"))) {
			size_t star = str_find_char(row.cell[1], '*', 0);
			if (star != STR_NONE && str_find_char(row.cell[1], '*', star + 1) != STR_NONE)
				return fault(a, why, "ports.tsv", row.line, "a label's name has at most one *");
			*VEC_PUSH(a, t->port_labels) = row.cell[1];
			continue;
		}
		if (!option && !str_eq(row.cell[0], STR("variable")))
			return fault(a, why, "ports.tsv", row.line,
				     "the first column is option, variable, label, client, code, listen, source or settings");
		struct port_name *name = ARENA_NEW(a, struct port_name);
		void **place = map_put(a, option ? &t->port_options : &t->port_variables, row.cell[1]);
		*name = (struct port_name){row.cell[2], *place};
		*place = name;
	}
	return true;
}

static bool read_writes(struct arena *a, struct tables *t, struct str text, struct str *why)
{
	struct table_reader reader = table_read(text);
	struct table_row row;
	while (table_next(&reader, &row)) {
		if (row.cell[0].n < 2 || row.cell[0].p[0] != '-')
			return fault(a, why, "writes.tsv", row.line, "an option begins with -");
		*VEC_PUSH(a, t->write_options) = row.cell[0];
	}
	return true;
}

/* Lines of "name:gid" or "name:gid:since". */
static void read_groups(struct arena *a, struct family_groups *groups, struct str text)
{
	struct str line, number;
	while (str_split(&text, '\n', &line)) {
		struct family_group group = {.since = {"", 0}};
		if (line.n == 0 || line.p[0] == '#' || !str_split(&line, ':', &group.name) ||
		    !str_split(&line, ':', &number) || !str_to_u32(number, &group.gid))
			continue;
		group.since = line;
		*VEC_PUSH(a, *groups) = group;
	}
}

static void read_all_groups(struct arena *a, struct tables *t)
{
	for (enum family family = FAMILY_UNKNOWN; family < FAMILY_COUNT; family++) {
		struct str path = arena_printf(a, "%.*s/groups", STR_ARG(family_name(family)));
		read_groups(a, &t->groups[family], t->text(t->text_ctx, path.p));
	}
}

bool tables_read(struct arena *a, struct tables *t, template_text text, void *ctx, struct str extra_images,
		 struct str *why)
{
	uint32_t line = 0;
	struct str reason = STR("");
	*t = (struct tables){.text = text, .text_ctx = ctx};
	read_all_groups(a, t);
	t->registries = registries_read(a, text(ctx, "registries.tsv"), &line);
	if (!t->registries)
		return fault(a, why, "registries.tsv", line, "unknown kind in the first column, or no name");
	t->images = image_table_read(a, text(ctx, "images.tsv"), extra_images, t->registries, &line, &reason);
	if (!t->images) {
		t->faulty_image = line;
		*why = arena_str(a, reason);
		return false;
	}
	t->commands = command_table_read(a, text(ctx, "commands.tsv"), &line, &reason);
	if (!t->commands)
		return fault(a, why, "commands.tsv", line, arena_str(a, reason).p);
	if (!locations_read(a, &t->locations, text(ctx, "locations.tsv"), &line, &reason))
		return fault(a, why, "locations.tsv", line, arena_str(a, reason).p);
	return read_places(a, t, text(ctx, "places.tsv"), why) && read_programs(a, t, text(ctx, "programs.tsv"), why) &&
	       read_ports(a, t, text(ctx, "ports.tsv"), why) && read_writes(a, t, text(ctx, "writes.tsv"), why);
}

enum place tables_place(const struct tables *t, struct str path)
{
	if (path.n == 0)
		return PLACE_SYSTEM;
	for (struct str dir = path;; dir = path_parent(dir)) {
		const struct place_row *row = map_get(&t->places, dir);
		if (row && row->kind == PLACE_PARENT)
			return dir.n == path.n ? PLACE_SYSTEM : PLACE_APP;
		if (row)
			return row->kind;
		if (dir.n <= 1)
			return PLACE_APP;
	}
}

enum holding tables_holds(const struct tables *t, struct str path)
{
	const struct place_row *row = map_get(&t->places, path);
	return row ? row->holding : HOLDS_NOTHING;
}

struct program tables_program_with(const struct tables *t, struct str word, struct str sub)
{
	enum { LONGEST = 64 };
	char text[LONGEST];
	struct str name = command_name(word);
	const struct program *found = NULL;
	if (sub.n && name.n + sub.n < sizeof text) {
		memcpy(text, name.p, name.n);
		text[name.n] = ' ';
		memcpy(text + name.n + 1, sub.p, sub.n);
		found = map_get(&t->programs, (struct str){text, name.n + 1 + sub.n});
	}
	return found ? *found : tables_program(t, word);
}

struct program tables_program(const struct tables *t, struct str word)
{
	const struct program *found = map_get(&t->programs, word);
	struct str name = command_name(word);
	if (!found)
		found = map_get(&t->programs, name);
	for (size_t i = 0; !found && i < t->program_prefixes.n; i++)
		if (str_starts(name, t->program_prefixes.at[i]))
			found = map_get(&t->prefix_programs, t->program_prefixes.at[i]);
	return found ? *found : (struct program){.kind = PROGRAM_UNKNOWN};
}

static bool holds_for(const struct port_name *name, struct str program)
{
	for (; name; name = name->next) {
		struct str programs = name->programs, item;
		while (str_split(&programs, ',', &item)) {
			bool beginning = str_ends(item, STR("*"));
			if (str_eq(item, program) || (beginning && str_starts(program, str_sub(item, 0, item.n - 1))))
				return true;
		}
	}
	return false;
}

bool tables_port_option(const struct tables *t, struct str name, struct str program)
{
	return holds_for(map_get(&t->port_options, name), program);
}

bool tables_port_variable(const struct tables *t, struct str name, struct str program)
{
	return holds_for(map_get(&t->port_variables, name), program);
}

bool tables_port_of_client(const struct tables *t, uint32_t port)
{
	for (size_t i = 0; i < t->client_ports.n; i++)
		if (t->client_ports.at[i] == port)
			return true;
	return false;
}

bool tables_port_in_code(const struct tables *t, struct str text)
{
	for (size_t i = 0; i < t->port_code.n; i++)
		if (str_find(text, t->port_code.at[i], 0) != STR_NONE)
			return true;
	return false;
}

/* A pattern with at most one *, which stands for something. */
static bool fits(struct str pattern, struct str name)
{
	size_t star = str_find_char(pattern, '*', 0);
	if (star == STR_NONE)
		return str_eq(name, pattern);
	return name.n >= pattern.n && str_starts(name, str_sub(pattern, 0, star)) &&
	       str_ends(name, str_sub(pattern, star + 1, pattern.n));
}

bool tables_port_label(const struct tables *t, struct str name)
{
	for (size_t i = 0; i < t->port_labels.n; i++)
		if (fits(t->port_labels.at[i], name))
			return true;
	return false;
}

/* Where the value of an option stands in the word that begins with it, or 0. */
static size_t behind_option(struct str option, struct str word)
{
	size_t star = str_find_char(option, '*', 0);
	if (star == STR_NONE)
		return str_starts(word, option) ? option.n : 0;
	struct str last = str_sub(option, star + 1, option.n);
	size_t at = str_starts(word, str_sub(option, 0, star)) ? str_find(word, last, star) : STR_NONE;
	return at == STR_NONE ? 0 : at + last.n;
}

struct str tables_written_path(const struct tables *t, struct str word)
{
	for (size_t i = 0; i < t->write_options.n && word.n && word.p[0] == '-'; i++) {
		size_t start = behind_option(t->write_options.at[i], word), end = start;
		while (start && end < word.n && word.p[end] != ':' && word.p[end] != ',')
			end++;
		if (end > start && word.p[start] == '/')
			return str_sub(word, start, end);
	}
	return STR("");
}

bool tables_file_fits(struct str patterns, struct str name)
{
	struct str pattern;
	while (str_split(&patterns, ',', &pattern)) {
		bool except = str_starts(pattern, STR("!"));
		if (fits(str_sub(pattern, except, pattern.n), name))
			return !except;
	}
	return false;
}
