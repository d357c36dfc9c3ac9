/* What would fail for want of rights: writes at start, places that variables name, steps that nobody can follow. */
#include "base/path.h"
#include "plan/paths.h"

enum { MAX_VOLUMES = 64, MAX_PRIVILEGED = 16 };

/* A start script that makes or writes files. */
static void check_start(struct plan *p, const struct paths *paths)
{
	struct facts *f = p->f;
	for (size_t i = 0; i < f->made.n; i++) {
		const struct made *m = &f->made.at[i];
		if (m->run == RUN_START && m->kind < MADE_OWNER && !paths_writable(p, paths, m->path))
			plan_reason(p, UNROOT_UNSAFE, f->start.ins,
				    arena_printf(f->arena, "at start it writes %.*s, which root owns", STR_ARG(m->path)));
	}
}

static void check_start_directories(struct plan *p, const struct paths *paths)
{
	struct facts *f = p->f;
	for (size_t i = 0; i < f->start.directories.n; i++)
		if (!paths_writable(p, paths, f->start.directories.at[i]))
			plan_reason(p, UNROOT_UNSAFE, f->start.ins,
				    arena_printf(f->arena, "the app may write to %.*s, which it changes to at start and root owns",
						 STR_ARG(f->start.directories.at[i])));
}

/* The path in "/run/shop.pid", "--pid=/run/shop.pid", "unix:/run/shop.sock", where it is that of a file a program makes; or empty. */
static struct str file_to_make(struct str word)
{
	static const char *const endings[] = {".pid", ".log", ".lock", ".db", ".sqlite", ".sqlite3"};
	for (size_t i = 0; i < word.n; i++) {
		struct str path = str_sub(word, i, word.n);
		if (path.p[0] != '/' || (i > 0 && word.p[i - 1] != '=' && word.p[i - 1] != ':'))
			continue;
		if (str_ends(str_sub(word, 0, i), STR("unix:")) && str_ends(path, STR("sock")))
			return path;
		for (size_t k = 0; k < sizeof endings / sizeof *endings; k++)
			if (str_ends(path, str_of(endings[k])))
				return path;
		break;
	}
	return STR("");
}

static bool may_write(const struct plan *p, const struct paths *paths, struct str file)
{
	struct str path = facts_follow(p->f, path_join(p->f->arena, STR("/"), file), true);
	return path_within(path, STR("/dev")) || path_within(path, STR("/proc")) || paths_writable(p, paths, path);
}

/* Files that the start command tells a program to keep. */
static void check_start_words(struct plan *p, const struct paths *paths)
{
	struct facts *f = p->f;
	for (size_t i = 0; i < f->start.words.n; i++) {
		struct str word = f->start.words.at[i].text, file = tables_written_path(f->tables, word);
		if (file.n == 0)
			file = file_to_make(word);
		if (file.n && !may_write(p, paths, file))
			plan_reason(p, UNROOT_UNSAFE, f->start.ins,
				    arena_printf(f->arena, "it is started with %.*s, and root owns the directory", STR_ARG(file)));
	}
}

/* Options in a variable that tell a program what to write: JAVA_TOOL_OPTIONS="-Xmx1g -Xloggc:/var/log/gc.log" */
static void check_options(struct plan *p, const struct paths *paths, struct str name, struct str value)
{
	struct arena *a = p->f->arena;
	struct str word;
	while (str_word(&value, &word)) {
		struct str file = tables_written_path(p->f->tables, word);
		if (file.n && !may_write(p, paths, file))
			plan_reason(p, UNROOT_UNSAFE, INS_NONE,
				    arena_printf(a, "%.*s has %.*s written, and root owns the directory", STR_ARG(name), STR_ARG(plan_short(file))));
	}
}

/* A directory that a variable names and nobody makes: the app would have to make it itself. */
static void check_variables(struct plan *p, const struct paths *paths)
{
	struct facts *f = p->f;
	for (size_t i = 0; i < f->variables.n; i++) {
		struct str name = f->variables.at[i].name;
		const struct variable *v = f->variables.at[i].variable;
		if (v->known && v->from_env && v->value.n > 1 && (v->value.p[0] == '-' || v->value.p[0] == ' '))
			check_options(p, paths, name, v->value);
		if (!v->known || !v->from_env || v->value.n < 2 || v->value.p[0] != '/' || !plan_names_a_place_to_write(name) ||
		    location_is_read(&f->tables->locations, name))
			continue;
		struct str path = facts_follow(f, path_join(f->arena, STR("/"), v->value), true);
		enum place place = facts_place(f, path);
		bool brought = paths_hold(paths, path) && place == PLACE_SYSTEM;
		if (!brought && place != PLACE_HOME && !paths_writable(p, paths, path))
			plan_reason(p, UNROOT_UNSAFE, INS_NONE,
				    arena_printf(f->arena, "%.*s=%.*s looks like a place the app writes, and root owns it", STR_ARG(name),
						 STR_ARG(v->value)));
	}
}

/* What is mounted from the host belongs to root there. */
static void check_host(struct plan *p, uint32_t ins, struct str path)
{
	struct facts *f = p->f;
	if (path.n && path.p[0] == '/' && tables_place(f->tables, path_join(f->arena, STR("/"), path)) == PLACE_HOST)
		plan_reason(p, UNROOT_UNSAFE, ins,
			    arena_printf(f->arena, "%.*s is the host's, where the user may not do what root can", STR_ARG(path)));
}

static void check_hosts(struct plan *p)
{
	struct facts *f = p->f;
	for (size_t i = 0; i < f->start.words.n; i++)
		check_host(p, f->start.ins, f->start.words.at[i].text);
	for (size_t i = 0; i < f->volumes.n; i++)
		check_host(p, f->volumes.at[i].ins, f->volumes.at[i].path);
	for (size_t i = 0; i < f->variables.n; i++) {
		const struct variable *v = f->variables.at[i].variable;
		if (v->known && v->from_env)
			check_host(p, INS_NONE, v->value);
	}
}

/* A program or package of the table that is there to be used by root. */
static struct str brought(const struct plan *p, struct str name, const char *how)
{
	struct program program = tables_program(p->f->tables, name);
	return arena_printf(p->f->arena, "%.*s is %s: %.*s", STR_ARG(name), how, STR_ARG(program.why));
}

static void check_steps(struct plan *p)
{
	struct facts *f = p->f;
	for (size_t i = 0; i < f->runs.n; i++) {
		if (f->runs.at[i].flags & RUN_UNKNOWN_DIRECTORY)
			plan_reason(p, UNROOT_UNSAFE, f->runs.at[i].ins, STR("a directory is made of which it is not known where it lies, so it cannot be handed over"));
		if (f->runs.at[i].flags & RUN_ROOT_PACKAGE)
			plan_reason(p, UNROOT_UNSAFE, f->runs.at[i].ins,
				    brought(p, f->runs.at[i].words->package, "installed"));
	}
}

static bool is_owner(const struct owner *o, struct str text)
{
	uint32_t uid;
	struct str name = plan_owner_name(text), user = o->user;
	size_t colon = str_find_char(user, ':', 0);
	if (colon != STR_NONE)
		user = str_sub(user, 0, colon);
	return name.n == 0 || str_eq(name, user) || str_eq(name, o->name) || str_eq(name, STR("root")) || str_find_char(name, '$', 0) != STR_NONE ||
	       (str_to_u32(name, &uid) && (uid == 0 || uid == o->uid || o->uid == 0));
}

/* Directories of the app, and volumes, that the file hands to somebody else. */
static void check_handed(struct plan *p, uint32_t ins, struct str path, struct str owner)
{
	bool written = path.n > 1 && plan_in_tree(p, path);
	for (size_t i = 0; i < p->f->volumes.n && i < MAX_VOLUMES && !written; i++)
		written = p->f->volumes.at[i].path.n && path_within(p->f->volumes.at[i].path, path);
	if (written && !is_owner(&p->owner, owner))
		plan_reason(p, UNROOT_UNSAFE, ins,
			    arena_printf(p->f->arena, "%.*s is handed to %.*s, who is not the user", STR_ARG(path), STR_ARG(plan_short(owner))));
}

static void check_owners(struct plan *p)
{
	const struct facts *f = p->f;
	for (size_t i = 0; i < f->made.n; i++) {
		const struct made *m = &f->made.at[i];
		if (m->kind == MADE_OWNER && m->run != RUN_START)
			check_handed(p, f->runs.at[m->run].ins, m->path, m->owner);
	}
	for (size_t i = 0; i < f->copies.n; i++)
		if (f->copies.at[i].has_chown)
			check_handed(p, f->copies.at[i].ins, f->copies.at[i].dest, f->copies.at[i].flags->chown);
}

/* The program's own text is not edited: whether a variable or an option can move the port is for a person to see. */
static void check_app_port(struct plan *p)
{
	const struct bound_port *bound = &p->f->start.bound;
	if (bound->port)
		plan_reason(p, UNROOT_UNSAFE, p->f->start.ins,
			    arena_printf(p->f->arena, "%.*s names port %u in its line %u, which is closed to other users with some engines",
					 STR_ARG(bound->file), bound->port, bound->line));
}

/* The same for the files it seems to write. */
static void check_app_paths(struct plan *p, const struct paths *paths)
{
	const struct start *start = &p->f->start;
	for (size_t i = 0; i < start->named.n; i++) {
		const struct named_path *named = &start->named.at[i];
		bool host = tables_place(p->f->tables, named->path) == PLACE_HOST;
		if (host || !paths_writable(p, paths, named->path))
			plan_reason(p, UNROOT_UNSAFE, start->ins,
				    arena_printf(p->f->arena, "%.*s names %.*s in its line %u, %s",
						 STR_ARG(named->file), STR_ARG(plan_short(named->path)), named->line,
						 host ? "which is the host's" : "where the user may not write"));
	}
}

static bool is_program_file(struct str path)
{
	struct str directory = path_parent(path);
	return str_ends(directory, STR("/bin")) || str_ends(directory, STR("/sbin"));
}

/* A tool out of another image: COPY --from=docker:cli /usr/local/bin/docker /usr/local/bin/ */
static void check_tools(struct plan *p)
{
	struct facts *f = p->f;
	for (size_t i = 0; i < f->copies.n; i++) {
		struct str sources = f->copies.at[i].sources, source;
		while (f->copies.at[i].flags->from.n && str_split(&sources, '\n', &source)) {
			struct str name = path_last(source);
			enum program_kind kind = is_program_file(source) ? tables_program(f->tables, name).kind : PROGRAM_UNKNOWN;
			if (kind == PROGRAM_ROOT || kind == PROGRAM_DROPS)
				plan_reason(p, UNROOT_UNSAFE, f->copies.at[i].ins, brought(p, name, "copied in"));
		}
	}
}

/* A library of the program, "go:github.com/docker/docker", that is there to be used by root. */
static void check_library(struct plan *p, const char *kind, struct str name, struct str file)
{
	struct facts *f = p->f;
	const struct program *program =
		map_get(&f->tables->programs, arena_printf(f->scratch, "%s:%.*s", kind, STR_ARG(name)));
	if (program && program->kind == PROGRAM_ROOT)
		plan_reason(p, UNROOT_UNSAFE, INS_NONE,
			    arena_printf(f->arena, "%.*s names %.*s: %.*s", STR_ARG(file), STR_ARG(name),
					 STR_ARG(program->why)));
}

/* "require example.com/x v1.2.3", or a line of its own in a block; those of other libraries are marked "// indirect". */
static void check_go_module(struct plan *p)
{
	struct facts *f = p->f;
	struct str directory, line, word;
	uint32_t file;
	if (!facts_go_module(f, &directory))
		return;
	struct str path = path_join(f->arena, directory, STR("go.mod"));
	if (workspace_read(f->workspace, path, &file) != PROVIDED_FILE)
		return;
	for (struct str rest = f->workspace->at[file].current; str_split(&rest, '\n', &line);) {
		bool direct = str_find(line, STR("// indirect"), 0) == STR_NONE;
		if (direct && str_word(&line, &word) && (!str_eq(word, STR("require")) || str_word(&line, &word)))
			check_library(p, "go", word, path);
	}
}

/* "name": "version" in the build context's package.json, among what the program itself depends on. */
static void check_node_package(struct plan *p)
{
	struct facts *f = p->f;
	struct str path = facts_context_source(f, STR("package.json"));
	uint32_t file;
	if (workspace_read(f->workspace, path, &file) != PROVIDED_FILE)
		return;
	struct str text = f->workspace->at[file].current;
	size_t at = str_find(text, STR("\"dependencies\""), 0);
	size_t close = at == STR_NONE ? STR_NONE : str_find_char(text, '}', at);
	text = str_sub(text, 0, close == STR_NONE ? 0 : close);
	while (at < text.n) {
		size_t end = str_find_char(text, '"', at + 1);
		if (end == STR_NONE)
			return;
		check_library(p, "npm", str_sub(text, at + 1, end), path);
		at = str_find_char(text, '"', end + 1);
	}
}

static void check_base_home(struct plan *p, const struct paths *paths, uint32_t ins, struct str path)
{
	if (path.n && path_within(path, p->owner.home) && !paths_handed(paths, path))
		plan_reason(p, UNROOT_UNSAFE, ins,
			    arena_printf(p->f->arena, "root puts %.*s into the home of %.*s, where the base's own program writes", STR_ARG(path),
					 STR_ARG(p->owner.user)));
}

/* What the base starts keeps its data in the home of its user, and nothing in the file shows it writing there. */
static void check_base_homes(struct plan *p, const struct paths *paths)
{
	struct facts *f = p->f;
	if (p->owner.kind != OWNER_IMAGE || p->recipe || f->start.ins != INS_NONE || p->owner.home.n < 2)
		return;
	for (size_t i = 0; i < f->copies.n; i++)
		if (!f->copies.at[i].has_chown && f->users.at[f->copies.at[i].user].kind != USER_OTHER)
			check_base_home(p, paths, f->copies.at[i].ins, f->copies.at[i].dest);
	for (size_t i = 0; i < f->made.n; i++) {
		const struct made *m = &f->made.at[i];
		if (m->run != RUN_START && m->kind < MADE_OWNER && f->users.at[f->runs.at[m->run].user].kind != USER_OTHER)
			check_base_home(p, paths, f->runs.at[m->run].ins, m->path);
	}
}

static void base_set_otherwise(struct plan *p, uint32_t ins, struct str setting)
{
	plan_reason(p, UNROOT_UNSAFE, ins,
		    arena_printf(p->f->arena, "what it does to %.*s may have other ports bound and other places written",
				 STR_ARG(setting)));
}

/* Paths of the image's row that the file or its start script changes. */
static void check_base_setting(struct plan *p, uint32_t ins, struct str path, bool all)
{
	struct str settings = p->f->image->settings, setting;
	while (str_split(&settings, ',', &setting)) {
		bool above = all && path.n && path_within(setting, path);
		if (setting.p[0] == '/' && (path.n == 0 || above || path_within(path, setting))) {
			base_set_otherwise(p, ins, setting);
			return;
		}
	}
}

/* Variables of the image's row that the file sets. */
static void check_base_variables(struct plan *p)
{
	const struct facts *f = p->f;
	struct str settings = f->image->settings, setting;
	while (str_split(&settings, ',', &setting))
		for (size_t i = 0; i < f->variables.n; i++)
			if (str_eq(f->variables.at[i].name, setting) && f->variables.at[i].variable->from_env)
				base_set_otherwise(p, INS_NONE, setting);
}

/* What the base's own program writes is known as long as its settings are the base's. */
static void check_base_settings(struct plan *p)
{
	struct facts *f = p->f;
	if (plan_base_writes(p).n == 0 || f->image->settings.n == 0)
		return;
	check_base_variables(p);
	for (size_t i = 0; i < f->copies.n; i++) {
		const struct copy *copy = &f->copies.at[i];
		bool all = copy->archive || str_ends(copy->sources, STR("/")) ||
			   str_eq(path_last(copy->sources), STR("."));
		check_base_setting(p, copy->ins, copy->dest, all || copy->dest.n > 1);
	}
	for (size_t i = 0; i < f->made.n; i++) {
		const struct made *m = &f->made.at[i];
		uint32_t ins = m->run == RUN_START ? f->start.ins : f->runs.at[m->run].ins;
		if (m->kind < MADE_OWNER || m->kind == MADE_REMOVED)
			check_base_setting(p, ins, m->path, m->kind != MADE_DIRECTORY);
	}
}

/* A cache that a step leaves below root's home served the build; one that is copied there is to be found at run time. */
static void check_copied_caches(struct plan *p)
{
	struct facts *f = p->f;
	for (size_t i = 0; i < f->copies.n; i++) {
		const struct copy *copy = &f->copies.at[i];
		if (copy->from_stage && copy->dest.n && tables_place(f->tables, copy->dest) == PLACE_BUILD)
			plan_reason(p, UNROOT_UNSAFE, copy->ins,
				    arena_printf(f->arena, "%.*s lies in root's home, which the user may not enter", STR_ARG(copy->dest)));
	}
}

/* Whether the path is handed over after the step, or at its end. */
static bool is_handed_after(const struct plan *p, uint32_t ins, struct str path)
{
	for (size_t i = 0; i < p->handovers.n; i++) {
		const struct handover *h = &p->handovers.at[i];
		if (h->ins >= ins && (h->recursive ? path_within(path, h->path) : str_eq(path, h->path)))
			return true;
	}
	return false;
}

/* A chown takes capabilities and set-user-ID bits away. */
static void check_rights(struct plan *p)
{
	const struct facts *f = p->f;
	for (size_t i = 0; i < f->privileged.n; i++) {
		const struct privileged *file = &f->privileged.at[i];
		uint32_t ins = f->runs.at[file->run].ins;
		if (i >= MAX_PRIVILEGED || is_handed_after(p, ins, file->path))
			plan_reason(p, UNROOT_UNSAFE, ins,
				    arena_printf(f->arena, "handing %.*s over takes the rights away that this step gives it",
						 STR_ARG(file->path)));
	}
}

void plan_checks(struct plan *p, const struct paths *paths)
{
	check_start(p, paths);
	if (!p->recipe) {
		check_owners(p);
		check_start_words(p, paths);
		check_start_directories(p, paths);
		check_variables(p, paths);
	}
	check_hosts(p);
	plan_modes(p, paths);
	check_steps(p);
	check_tools(p);
	if (!p->recipe) {
		check_go_module(p);
		check_node_package(p);
		check_rights(p);
	}
	check_app_port(p);
	check_app_paths(p, paths);
	check_base_homes(p, paths);
	check_base_settings(p);
	check_copied_caches(p);
}
