/* Which files of the build context are the program: those that the start command names, and those that they load. */
#include "model/app_text.h"

#include "base/path.h"

enum {
	MAX_STARTED = 8,
	MAX_FILES = 24,
	MAX_LOOKUPS = 96, /* of files that a text may load */
	MAX_NAMED = 4,
	LONGEST_PATH = 256
};

struct app_text {
	struct facts *f;
	struct str paths[MAX_FILES]; /* in the image */
	uint32_t files[MAX_FILES];   /* in the workspace */
	size_t n;
	uint32_t lookups;
};

bool app_text_is_comment(struct str line)
{
	return str_starts(line, STR("#")) || str_starts(line, STR("//")) || str_starts(line, STR("*"));
}

static bool ends_in(struct str path, const char *const *endings, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_ends(path, str_of(endings[i])))
			return true;
	return false;
}

static bool is_javascript(struct str path)
{
	static const char *const endings[] = {".js", ".mjs", ".cjs", ".ts"};
	return ends_in(path, endings, sizeof endings / sizeof *endings);
}

static bool is_program_text(struct str path)
{
	static const char *const endings[] = {".py", ".rb", ".php", ".pl", ".R", ".r"};
	return is_javascript(path) || ends_in(path, endings, sizeof endings / sizeof *endings);
}

/* False when there is no such file, so that another name may be tried. */
static bool add_file(struct app_text *t, struct str path)
{
	uint32_t file;
	if (t->n == MAX_FILES || t->lookups++ >= MAX_LOOKUPS)
		return true;
	for (size_t i = 0; i < t->n; i++)
		if (str_eq(t->paths[i], path))
			return true;
	if (!facts_context_file(t->f, path, &file))
		return false;
	t->paths[t->n] = path;
	t->files[t->n++] = file;
	return true;
}

/* "shop.main" below the directory: shop/main.py, or shop/main/__init__.py. */
static void add_module(struct app_text *t, struct str directory, struct str module)
{
	struct arena *a = t->f->arena;
	char *name = arena_alloc(a, module.n);
	for (size_t i = 0; i < module.n; i++)
		name[i] = module.p[i] == '.' ? '/' : module.p[i];
	struct str path = path_join(a, directory, (struct str){name, module.n});
	if (!add_file(t, arena_printf(a, "%.*s.py", STR_ARG(path))))
		add_file(t, arena_printf(a, "%.*s/__init__.py", STR_ARG(path)));
}

/* "./persistence": the file itself, or what node puts behind it. */
static void add_relative(struct app_text *t, struct str directory, struct str name)
{
	static const char *const behind[] = {".js", "/index.js", ".ts", ".mjs"};
	struct str path = path_join(t->f->arena, directory, name);
	if (is_javascript(path)) {
		add_file(t, path);
		return;
	}
	for (size_t i = 0; i < sizeof behind / sizeof *behind; i++)
		if (add_file(t, arena_printf(t->f->arena, "%.*s%s", STR_ARG(path), behind[i])))
			return;
}

static bool is_module_char(char c)
{
	return ascii_alpha(c) || ascii_digit(c) || c == '_' || c == '.';
}

static struct str module_at(struct str line, size_t at)
{
	size_t end = at;
	while (end < line.n && is_module_char(line.p[end]))
		end++;
	return str_sub(line, at, end);
}

/* "import shop.models", "from .models import Item" */
static void python_imports(struct app_text *t, struct str directory, struct str code)
{
	size_t at = str_starts(code, STR("from ")) ? 5 : str_starts(code, STR("import ")) ? 7 : 0;
	if (at == 0)
		return;
	while (at < code.n && code.p[at] == '.')
		at++;
	struct str module = module_at(code, at);
	if (module.n)
		add_module(t, directory, module);
}

static bool is_plain_path(struct str path)
{
	for (size_t i = 0; i < path.n; i++)
		if (strchr(" $*%?<>|\\{}()", path.p[i]))
			return false;
	return path.n > 1 && path.n < LONGEST_PATH && path.p[0] == '/';
}

/* A file of the kind that programs make at run time. */
static bool is_kept(struct str path)
{
	static const char *const endings[] = {".db", ".db3", ".sqlite", ".sqlite3", ".log", ".pid"};
	return ends_in(path, endings, sizeof endings / sizeof *endings);
}

/* Such a file below a directory, since routes look like others; or something of the host's. */
static bool is_written(const struct facts *f, struct str path)
{
	return is_plain_path(path) &&
	       ((is_kept(path) && path_parent(path).n > 1) || tables_place(f->tables, path) == PLACE_HOST);
}

/* Seen from where the app runs: such a file, or in Python "./results", where the image is known to bring nothing of
 * that name. */
static bool is_written_beside(const struct facts *f, struct str path, bool python)
{
	const struct copy *copy;
	bool beside = python && path.n > 2 && str_starts(path, STR("./"));
	if (!facts_workdir(f)->known || path.n == 0 || path.p[0] == '/' || !(beside || is_kept(path)))
		return false;
	struct str there = path_join(f->arena, facts_workdir(f)->path, path);
	if (!is_plain_path(there))
		return false;
	struct str source = facts_context_path(f, there, &copy);
	return copy ? source.n && workspace_stat(f->workspace, source, NULL) == PROVIDED_NO : source.n == 0;
}

static void note_literal(struct app_text *t, size_t i, uint32_t line, struct str literal)
{
	struct facts *f = t->f;
	static const char *const schemes[] = {"sqlite:///", "unix://", "file:"};
	for (size_t k = 0; k < sizeof schemes / sizeof *schemes; k++)
		if (str_starts(literal, str_of(schemes[k])))
			literal = str_sub(literal, strlen(schemes[k]), literal.n);
	if (f->start.named.n == MAX_NAMED ||
	    !(is_written(f, literal) || is_written_beside(f, literal, str_ends(t->paths[i], STR(".py")))))
		return;
	*VEC_PUSH(f->arena, f->start.named) = (struct named_path){path_join(f->arena, facts_workdir(f)->path, literal),
								  f->workspace->at[t->files[i]].path, line};
}

/* The strings of a line: paths, and what it loads. */
static void read_literals(struct app_text *t, size_t i, uint32_t line, struct str code)
{
	for (size_t at = 0; at < code.n; at++) {
		if (!strchr("\"'`", code.p[at]))
			continue;
		size_t end = str_find_char(code, code.p[at], at + 1);
		if (end == STR_NONE)
			return;
		struct str literal = str_sub(code, at + 1, end);
		bool relative = str_starts(literal, STR("./")) || str_starts(literal, STR("../"));
		if (relative && is_javascript(t->paths[i]))
			add_relative(t, path_parent(t->paths[i]), literal);
		else
			note_literal(t, i, line, literal);
		at = end;
	}
}

static void read_file(struct app_text *t, size_t i)
{
	struct str text = t->f->workspace->at[t->files[i]].current, line;
	bool python = str_ends(t->paths[i], STR(".py"));
	for (uint32_t number = 1; str_split(&text, '\n', &line); number++) {
		struct str code = str_trim(line);
		if (app_text_is_comment(code))
			continue;
		if (python)
			python_imports(t, path_parent(t->paths[i]), code);
		read_literals(t, i, number, code);
	}
}

/* "main:app", as servers of Python's are told. */
static struct str module_of_object(struct str word)
{
	struct str module = module_at(word, 0);
	bool object = module.n > 0 && module.n + 1 < word.n && word.p[module.n] == ':' && ascii_alpha(word.p[0]) &&
		      module_at(word, module.n + 1).n == word.n - module.n - 1 && !ascii_digit(word.p[module.n + 1]);
	return object ? module : STR("");
}

/* A word of the start command, or of a script's, and the one before it. */
static void add_word(struct app_text *t, struct str word, struct str before)
{
	const struct workdir *workdir = facts_workdir(t->f);
	struct str module = module_of_object(word);
	if (word.n == 0 || t->n >= MAX_STARTED || (!workdir->known && word.p[0] != '/'))
		return;
	if (is_program_text(word))
		add_file(t, path_join(t->f->arena, workdir->path, word));
	else if (module.n)
		add_module(t, workdir->path, module);
	else if (str_eq(before, STR("-m")) && module_at(word, 0).n == word.n)
		add_module(t, workdir->path, word);
}

static bool starts_program(const struct facts *f, struct str name)
{
	bool found = false;
	for (size_t i = 0; i < f->start.words.n && !found; i++)
		found = str_eq(command_name(f->start.words.at[i].text), name);
	for (size_t i = 0; i < f->start.in_scripts.n && !found; i++)
		found = str_eq(command_name(f->start.in_scripts.at[i]), name);
	return found;
}

/* Files of settings that are copied, where an option or a variable may name them. */
static void add_copied_settings(struct app_text *t, struct str files)
{
	struct facts *f = t->f;
	for (size_t i = 0; i < f->copies.n && t->n < MAX_STARTED; i++) {
		const struct copy *copy = &f->copies.at[i];
		struct str sources = copy->sources, source;
		while (copy->dest.n && !copy->from_stage && str_split(&sources, '\n', &source)) {
			struct str name = path_last(source);
			bool itself = str_eq(path_last(copy->dest), name);
			if (tables_file_fits(files, name))
				add_file(t, itself ? copy->dest : path_join(f->arena, copy->dest, name));
		}
	}
}

/* The settings of a program of the table: the file that it reads where it runs, and others of like names. */
static void add_settings(struct app_text *t, const struct port_text *row)
{
	struct facts *f = t->f;
	struct str rest = row->files, file;
	if (!starts_program(f, row->name))
		return;
	while (facts_workdir(f)->known && str_split(&rest, ',', &file))
		if (!path_is_pattern(file))
			add_file(t, path_join(f->arena, facts_workdir(f)->path, file));
	add_copied_settings(t, row->files);
}

/* What the start command names. */
static void add_started(struct app_text *t)
{
	const struct start *start = &t->f->start;
	for (size_t i = 0; i < start->words.n; i++)
		add_word(t, start->words.at[i].text, i > 0 ? start->words.at[i - 1].text : STR(""));
	for (size_t i = 0; i < start->in_scripts.n; i++)
		add_word(t, start->in_scripts.at[i], i > 0 ? start->in_scripts.at[i - 1] : STR(""));
}

/* ENV PORT takes the place of a default in the text. */
static bool is_told_its_port(const struct facts *f)
{
	for (size_t i = 0; i < f->variables.n; i++)
		if (str_eq(f->variables.at[i].name, STR("PORT")) && f->variables.at[i].variable->from_env)
			return true;
	return false;
}

static bool find_port(struct facts *f, uint32_t file)
{
	f->start.bound.file = f->workspace->at[file].path;
	return app_text_port(f->tables, f->start.bound.file, f->workspace->at[file].current, &f->start.bound);
}

/* R -e "shiny::runApp(port=80)" */
static bool find_port_of_words(struct facts *f)
{
	const struct start_word *words = f->start.words.at;
	for (size_t i = 2; i < f->start.words.n && i < MAX_STARTED; i++) {
		f->start.bound.file = STR("the start command");
		if (str_in_list(STR("-e,-c,--eval"), words[i - 1].text) &&
		    tables_program(f->tables, f->start.program).kind == PROGRAM_INTERPRETER &&
		    app_text_port(f->tables, STR(""), words[i].text, &f->start.bound))
			return true;
	}
	return false;
}

void facts_app_text(struct facts *f)
{
	struct app_text t = {.f = f};
	add_started(&t);
	for (size_t i = 0; i < f->tables->port_settings.n; i++)
		add_settings(&t, &f->tables->port_settings.at[i]);
	size_t started = t.n;
	for (size_t i = 0; i < t.n; i++)
		read_file(&t, i);
	if (is_told_its_port(f))
		return;
	for (size_t i = 0; i < started; i++)
		if (find_port(f, t.files[i]))
			return;
	for (size_t i = 0; i < f->start.scripts.n; i++) {
		uint32_t file;
		if (workspace_read(f->workspace, f->start.scripts.at[i], &file) == PROVIDED_FILE && find_port(f, file))
			return;
	}
	if (!find_port_of_words(f))
		app_sources_port(f);
}
