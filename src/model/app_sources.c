/* The sources of a program that a step builds, as far as the build context holds them: what they bind. They are
   searched as the program's own text is. */
#include "base/path.h"
#include "model/app_text.h"
#include "syntax/shell.h"

enum { MAX_DIRECTORIES = 12, MAX_FILES = 32, MAX_COMMANDS = 8, MAX_STEPS = 64, MAX_OPERANDS = 16, MAX_CLIMB = 6 };

struct sources {
	struct facts *f;
	const struct port_text *row;
	struct str directories[MAX_DIRECTORIES]; /* of the build context, that are read */
	size_t n;
	uint32_t files, commands, steps;
	struct str module, module_path; /* Go's: where go.mod lies, and what packages of it begin with */
};

static void add_directory(struct sources *s, struct str directory)
{
	for (size_t i = 0; i < s->n; i++)
		if (str_eq(s->directories[i], directory))
			return;
	if (s->n < MAX_DIRECTORIES)
		s->directories[s->n++] = directory;
}

/* "module example.com/shop" in the go.mod of the directory, or of one above it. */
static void find_module(struct sources *s, struct str directory)
{
	struct arena *a = s->f->arena;
	for (int i = 0; i < MAX_CLIMB && s->module_path.n == 0 && !str_starts(directory, STR("..")); i++) {
		struct str text, line;
		uint32_t file;
		s->module = directory;
		if (workspace_read(s->f->workspace, path_join(a, directory, STR("go.mod")), &file) == PROVIDED_FILE)
			for (text = s->f->workspace->at[file].current;
			     s->module_path.n == 0 && str_split(&text, '\n', &line);)
				if (str_starts(line, STR("module ")))
					s->module_path = str_trim(str_sub(line, 7, line.n));
		directory = path_join(a, directory, STR(".."));
	}
}

/* The packages of the same module that a file imports. */
static void add_imports(struct sources *s, struct str text)
{
	struct str begin = s->module_path.n ? arena_printf(s->f->arena, "\"%.*s/", STR_ARG(s->module_path)) : STR("");
	for (size_t at = begin.n ? str_find(text, begin, 0) : STR_NONE; at != STR_NONE && s->n < MAX_DIRECTORIES;) {
		size_t end = str_find_char(text, '"', at + begin.n);
		if (end == STR_NONE || end - at > PATH_LONGEST)
			return;
		add_directory(s, path_join(s->f->arena, s->module, str_sub(text, at + begin.n, end)));
		at = str_find(text, begin, end);
	}
}

static bool read_source(struct sources *s, struct str path)
{
	struct facts *f = s->f;
	uint32_t file;
	if (s->files++ >= MAX_FILES || workspace_read(f->workspace, path, &file) != PROVIDED_FILE)
		return false;
	struct str text = f->workspace->at[file].current;
	f->start.bound.file = f->workspace->at[file].path;
	if (app_text_port(f->tables, f->start.bound.file, text, &f->start.bound))
		return true;
	if (str_ends(path, STR(".go")))
		add_imports(s, text);
	return false;
}

/* The row's files in the directory, or where below it they lie. */
static bool read_directory(struct sources *s, struct str directory)
{
	struct facts *f = s->f;
	struct str patterns = s->row->files;
	struct str_list names = {0};
	size_t slash = str_find_char(patterns, '/', 0);
	if (slash != STR_NONE) {
		directory = path_join(f->arena, directory, str_sub(patterns, 0, slash));
		patterns = str_sub(patterns, slash + 1, patterns.n);
	}
	if (!workspace_list(f->workspace, f->scratch, directory, &names))
		return false;
	for (size_t i = 0; i < names.n; i++)
		if (tables_file_fits(patterns, names.at[i]) &&
		    read_source(s, path_join(f->arena, directory, names.at[i])))
			return true;
	return false;
}

/* The packages or projects that a command's operands name, else the directory where it runs. */
static void find_directories(struct sources *s, uint32_t stage, uint32_t ins, struct str cwd,
			     const struct shell_word *words, uint32_t n)
{
	struct facts *f = s->f;
	for (uint32_t i = 0; i < n && i < MAX_OPERANDS; i++) {
		struct str word = words[i].text, path, found;
		bool output = i > 0 && str_eq(words[i - 1].text, STR("-o"));
		if (!words[i].literal || word.n == 0 || word.p[0] == '-' || output)
			continue;
		if (str_ends(word, STR("/...")))
			word.n -= 4;
		path = path_join(f->arena, cwd, word);
		found = facts_stage_source(f, stage, ins, path, true);
		if (found.n == 0 && str_find_char(path_last(path), '.', 0) != STR_NONE) {
			found = facts_stage_source(f, stage, ins, path, false);
			found = found.n ? path_parent(found) : found;
		}
		if (found.n)
			add_directory(s, found);
	}
	struct str here = s->n == 0 ? facts_stage_source(f, stage, ins, cwd, true) : STR("");
	if (here.n)
		add_directory(s, here);
	for (size_t i = 0; i < s->n && str_ends(s->row->files, STR(".go")) && s->module_path.n == 0; i++)
		find_module(s, s->directories[i]);
}

/* Where the command of the row stands among the words ("env GOOS=linux go build"): behind it, or 0. */
static uint32_t behind_command(struct str command, const struct shell_word *words, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		struct str rest = command, word;
		uint32_t at = i;
		bool same = true;
		while (same && str_word(&rest, &word)) {
			same = at < n && str_eq(words[at].text, word);
			at++;
		}
		if (same)
			return at;
	}
	return 0;
}

static bool read_step(struct sources *s, uint32_t stage, uint32_t ins)
{
	struct facts *f = s->f;
	struct step_text step = step_text(f->scratch, f->doc, ins);
	struct shell_script script = {0};
	struct str cwd = facts_stage_directory(f, stage, ins);
	shell_parse(f->scratch, step.text, &script);
	for (size_t i = 0; i < script.n && cwd.n; i++) {
		const struct shell_command *c = &script.at[i];
		if (c->nwords == 2 && str_eq(c->words[0].text, STR("cd")))
			cwd = path_join(f->arena, cwd, c->words[1].text);
		uint32_t behind = behind_command(s->row->name, c->words, c->nwords);
		s->n = 0;
		if (behind && s->commands++ < MAX_COMMANDS)
			find_directories(s, stage, ins, cwd, c->words + behind, c->nwords - behind);
		for (size_t k = 0; k < s->n; k++) /* what is read may add to them */
			if (read_directory(s, s->directories[k]))
				return true;
	}
	return false;
}

/* The stage, up to the target, whose RUN step the instruction is; or STAGE_NONE. */
static uint32_t stage_of_step(const struct facts *f, size_t ins)
{
	if (ins == STR_NONE || f->doc->instructions.at[ins].keyword != KW_RUN)
		return STAGE_NONE;
	for (uint32_t stage = 0; stage <= f->target; stage++)
		if (ins > f->stages->at[stage].from && ins < f->stages->at[stage].end)
			return stage;
	return STAGE_NONE;
}

/* The steps whose text holds the row's command. */
static bool read_row(struct sources *s)
{
	struct facts *f = s->f;
	struct str bytes = f->doc->source.bytes;
	for (size_t at = str_find(bytes, s->row->name, 0); at != STR_NONE && s->steps < MAX_STEPS;) {
		size_t ins = document_instruction_at(f->doc, (uint32_t)at), next = at + s->row->name.n;
		uint32_t stage = stage_of_step(f, ins);
		if (stage != STAGE_NONE) {
			struct arena_mark mark = arena_mark(f->scratch);
			s->steps++;
			if (read_step(s, stage, (uint32_t)ins))
				return true;
			arena_rewind(f->scratch, mark);
			next = f->doc->instructions.at[ins].end;
		}
		at = str_find(bytes, s->row->name, next);
	}
	return false;
}

static bool holds_for(const struct port_text *row, struct str program, bool known)
{
	return program.n && str_in_list(row->programs, known ? program : STR("?"));
}

void app_sources_port(struct facts *f)
{
	struct sources s = {.f = f};
	struct str program = f->start.program;
	bool known = tables_program(f->tables, program).kind != PROGRAM_UNKNOWN;
	for (size_t i = 0; i < f->tables->port_sources.n && f->workspace->provider; i++) {
		s.row = &f->tables->port_sources.at[i];
		if (holds_for(s.row, program, known) && read_row(&s))
			return;
	}
}
