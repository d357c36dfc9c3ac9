/* Tools that put things into root's home and look for them in the user's: a variable of theirs says where instead. */
#include "base/buf.h"
#include "base/path.h"
#include "plan/plan.h"

enum { MAX_TOOLS = 16, MAX_USES = 64, MAX_SCRIPTS = 4 }; /* the last: that run each other */

/* What a script of package.json runs; empty where there is none of the name. Text is searched: "name": "command" */
static struct str package_script(struct str text, struct str name)
{
	for (size_t at = str_find(text, name, 1); at != STR_NONE && name.n; at = str_find(text, name, at + 1)) {
		struct str rest = str_sub(text, at + name.n, text.n), key;
		if (text.p[at - 1] != '"' || !str_starts(rest, STR("\"")))
			continue;
		rest = str_trim(str_sub(rest, 1, rest.n));
		if (!str_starts(rest, STR(":")))
			continue;
		rest = str_trim(str_sub(rest, 1, rest.n));
		if (str_starts(rest, STR("\"")) && str_split(&rest, '"', &key) && str_split(&rest, '"', &key))
			return key;
	}
	return STR("");
}

/* Whether the script runs one of the tools, itself or by another script ("npm run e2e"). */
static bool script_runs(struct str text, struct str script, struct str tools)
{
	for (int i = 0; i < MAX_SCRIPTS && script.n; i++) {
		struct str rest = script, word, before = STR("");
		script = STR("");
		while (str_word(&rest, &word)) {
			if (str_in_list(tools, word))
				return true;
			if (str_eq(before, STR("run")))
				script = package_script(text, word);
			before = word;
		}
	}
	return false;
}

/* "npm run e2e", where package.json has it run one of the tools. */
static bool runs_by_package(const struct plan *p, struct str tools)
{
	const struct facts *f = p->f;
	const struct workdir *workdir = facts_workdir(f);
	uint32_t file;
	if (!f->start.tools || !workdir->known ||
	    !facts_context_file(f, path_join(f->scratch, workdir->path, STR("package.json")), &file))
		return false;
	struct str text = f->workspace->at[file].current;
	for (size_t i = 0; i < f->start.words.n && i < MAX_USES; i++)
		if (script_runs(text, package_script(text, f->start.words.at[i].text), tools))
			return true;
	return false;
}

/* Whether the container starts one of the tools: "pnpm", or "dotnet run". */
static bool is_started(const struct plan *p, struct str tools)
{
	struct str all = tools;
	const struct start *start = &p->f->start;
	struct str tool;
	if (start->verdict != VERDICT_UNKNOWN && (start->program.n == 0 || start->scripts.n))
		return true; /* where it is unknown nothing is promised anyway */
	while (str_split(&tools, ',', &tool)) {
		size_t blank = str_find_char(tool, ' ', 0);
		struct str name = blank == STR_NONE ? tool : str_sub(tool, 0, blank);
		struct str option = blank == STR_NONE ? STR("") : str_sub(tool, blank + 1, tool.n);
		bool named = str_eq(command_name(start->program), name), with = option.n == 0;
		for (size_t i = 0; i < start->words.n; i++) {
			struct str text = start->words.at[i].text, word;
			while (str_word(&text, &word)) {
				named |= str_eq(command_name(word), name);
				with |= str_eq(word, option);
			}
		}
		if (named && with)
			return true;
	}
	return runs_by_package(p, all);
}

/* The file names the place that the tool uses without the variable: other steps or stages count on it. */
static bool is_named(const struct plan *p, struct str below)
{
	return below.n &&
	       str_find(p->f->doc->source.bytes, arena_printf(p->f->scratch, "/%.*s", STR_ARG(below)), 0) != STR_NONE;
}

static bool is_shared(const struct plan *p, uint32_t ins)
{
	const struct facts *f = p->f;
	for (uint32_t i = 0; i + 1 < f->nchain; i++) {
		const struct stage *stage = &f->stages->at[f->chain[i]];
		if (ins > stage->from && ins < stage->end)
			return stage->children > 1 || stage->copied_from;
	}
	return false;
}

static bool is_set_later(const struct plan *p, struct str variables)
{
	struct str name, directory;
	while (location_variable(&variables, &name, &directory))
		for (size_t i = 0; i < p->f->variables.n; i++)
			if (str_eq(p->f->variables.at[i].name, name))
				return true;
	return false;
}

/* What the steps above do not set yet: "A=/opt/a B=/opt/b". */
static struct str new_variables(struct plan *p, struct str missing)
{
	struct buf b = buf_new(p->f->arena);
	struct str name, directory;
	while (location_variable(&missing, &name, &directory)) {
		bool known = false;
		for (size_t i = 0; i < p->tools.n; i++) {
			struct str set = p->tools.at[i].variables, other;
			while (str_split(&set, ' ', &other))
				known |= other.n > name.n && str_starts(other, name) && other.p[name.n] == '=';
		}
		if (!known)
			buf_printf(&b, "%s%.*s=%.*s", b.n ? " " : "", STR_ARG(name), STR_ARG(directory));
	}
	return buf_str(&b);
}

static struct str first_directory(struct str missing)
{
	struct str name, directory = STR("");
	location_variable(&missing, &name, &directory);
	return directory;
}

/* Packages of such tools fetch the same when they are installed: above the first step that fills node_modules. */
static uint32_t first_install(const struct plan *p, uint32_t ins)
{
	const struct facts *f = p->f;
	for (size_t i = 0; i < f->made.n && f->made.at[i].run != RUN_START; i++) {
		uint32_t step = f->runs.at[f->made.at[i].run].ins;
		if (step >= ins)
			break;
		if (step > f->stages->at[f->target].from && str_ends(f->made.at[i].path, STR("/node_modules")))
			return step;
	}
	return ins;
}

static void set_location(struct plan *p, const struct home_use *use)
{
	uint32_t ins = p->f->runs.at[use->run].ins;
	struct str directory = first_directory(use->missing);
	struct tool_home tool = {.ins = ins,
				 .last = ins,
				 .tool = use->tool,
				 .directory = directory,
				 .variables = new_variables(p, use->missing)};
	if (use->location->early)
		tool.ins = first_install(p, ins);
	tool.make = use->location->make;
	tool.write = use->location->write;
	for (size_t i = 0; i < p->tools.n; i++)
		if (str_eq(p->tools.at[i].directory, directory)) {
			p->tools.at[i].last = ins;
			tool.make = tool.write = false;
		}
	if (tool.variables.n)
		*VEC_PUSH(p->f->arena, p->tools) = tool;
}

void plan_tools(struct plan *p)
{
	struct facts *f = p->f;
	for (size_t i = 0; i < f->homes.n; i++) {
		const struct home_use *use = &f->homes.at[i];
		const struct run *run = &f->runs.at[use->run];
		if (i < MAX_USES && (use->unused || (use->only_with.n && !is_started(p, use->only_with))))
			continue;
		bool many = i >= MAX_USES || p->tools.n == MAX_TOOLS;
		bool late = p->wishes->early && p->user_after != INS_NONE && run->ins > p->user_after;
		if (!use->location || late || many || f->users.at[run->user].kind == USER_OTHER ||
		    is_named(p, use->location->below) || is_shared(p, run->ins) || is_set_later(p, use->missing))
			plan_reason(p, UNROOT_UNSAFE, run->ins,
				    arena_printf(f->arena,
						 "%.*s leaves files in root's home that are looked for at run time",
						 STR_ARG(use->tool)));
		else
			set_location(p, use);
	}
}
