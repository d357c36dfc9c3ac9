/* A low port that a variable of the base has the program bind: ASPNETCORE_URLS=http://+:80. */
#include "base/path.h"
#include "plan/plan.h"

enum { MAX_FILES = 64 }; /* of a project that are read */

static const char *const project_endings[] = {".csproj", ".fsproj", ".vbproj"};

/* "Shop.dll" -> "Shop"; empty where no such thing is started. */
static struct str project_name(const struct facts *f)
{
	for (size_t i = 0; i < f->start.words.n; i++) {
		struct str name = path_last(f->start.words.at[i].text);
		if (str_ends(name, STR(".dll")) && name.n > 4)
			return str_sub(name, 0, name.n - 4);
	}
	return STR("");
}

static bool is_project(struct str path, struct str name)
{
	struct str file = path_last(path);
	for (size_t i = 0; i < sizeof project_endings / sizeof *project_endings; i++)
		if (file.n == name.n + strlen(project_endings[i]) && str_starts(file, name) &&
		    str_ends(file, str_of(project_endings[i])))
			return true;
	return false;
}

static bool holds_project(const struct facts *f, struct str directory, struct str name)
{
	for (size_t i = 0; i < sizeof project_endings / sizeof *project_endings; i++) {
		struct str file = arena_printf(f->scratch, "%.*s%s", STR_ARG(name), project_endings[i]);
		if (workspace_stat(f->workspace, path_join(f->scratch, directory, file), NULL) == PROVIDED_FILE)
			return true;
	}
	return false;
}

/* The directory that a COPY names it in; empty when none does. */
static struct str copied_project(const struct facts *f, struct str name)
{
	for (size_t ins = 0; ins < f->doc->instructions.n; ins++) {
		struct args args;
		struct str found = STR("");
		if (f->doc->instructions.at[ins].keyword != KW_COPY)
			continue;
		struct arena_mark mark = arena_mark(f->scratch);
		instruction_args(f->scratch, f->doc, (uint32_t)ins, &args);
		for (uint32_t i = 0; i + 1 < args.nwords && found.n == 0; i++)
			if (is_project(args.words[i].text, name))
				found = path_parent(facts_context_source(f, args.words[i].text));
		arena_rewind(f->scratch, mark);
		if (found.n && holds_project(f, found, name))
			return found;
	}
	return STR("");
}

/* Where the sources of the program lie; empty when that is not known. */
static struct str project_directory(const struct facts *f, struct str name)
{
	if (holds_project(f, STR("."), name))
		return STR(".");
	struct str copied = copied_project(f, name);
	if (copied.n)
		return copied;
	struct str below = facts_context_source(f, name);
	return holds_project(f, below, name) ? below : STR("");
}

static bool is_read(struct str name)
{
	bool settings = str_starts(name, STR("appsettings")) && str_ends(name, STR(".json"));
	return settings || str_ends(name, STR(".cs")) || str_ends(name, STR(".fs")) || str_ends(name, STR(".vb"));
}

/* Whether all of the project that could be read leaves its ports to the variable. */
static bool leaves_ports_alone(const struct facts *f, struct str directory)
{
	struct str_list names = {0};
	uint32_t file, n = 0;
	if (!workspace_list(f->workspace, f->scratch, directory, &names))
		return false;
	for (size_t i = 0; i < names.n; i++) {
		if (!is_read(names.at[i]))
			continue;
		if (n++ == MAX_FILES ||
		    workspace_read(f->workspace, path_join(f->arena, directory, names.at[i]), &file) != PROVIDED_FILE ||
		    tables_port_in_code(f->tables, f->workspace->at[file].current))
			return false;
	}
	return n > 0;
}

static bool is_image_port(const struct image *image, uint32_t port)
{
	for (uint32_t i = 0; i < image->nlow_ports; i++)
		if (image->low_ports[i] == port)
			return true;
	return false;
}

bool plan_image_variable(struct plan *p)
{
	struct facts *f = p->f;
	struct str set = f->image ? f->image->port_by : STR("");
	bool found = false;
	if (set.n == 0 || f->start.recipe.n || plan_port_told(p) ||
	    !tables_port_variable(f->tables, str_sub(set, 0, str_find_char(set, '=', 0)), f->start.program))
		return false;
	struct str name = project_name(f), directory = name.n ? project_directory(f, name) : STR("");
	size_t at = str_find(set, STR("{port}"), 0);
	if (directory.n == 0 || !leaves_ports_alone(f, directory))
		return false;
	for (size_t i = 0; i < f->exposes.n; i++) {
		const struct exposed *e = &f->exposes.at[i];
		if (e->udp || e->port != e->last || !is_image_port(f->image, e->port))
			continue;
		struct port_change *change = plan_port_change(p, e->port, e->ins);
		change->bound = found = true;
		change->variable = arena_printf(f->arena, "%.*s%u%.*s", STR_ARG(str_sub(set, 0, at)), change->to,
						STR_ARG(str_sub(set, at + strlen("{port}"), set.n)));
	}
	return found;
}
