/* The build context: which of its files a COPY brings to which place. */
#include "base/path.h"
#include "model/consumers.h"
#include "model/facts.h"

enum { MAX_STAGES = 32, MAX_STEPS = 1000, MAX_LOOKUPS = 256 }; /* what is looked at of the stages that are copied from */
enum { MAX_CLIMB = 3 }; /* how many directories above the Dockerfile may be the context */

static bool is_plain(struct str source)
{
	for (size_t i = 0; i < source.n; i++)
		if (source.p[i] == '*' || source.p[i] == '?' || source.p[i] == '[' || source.p[i] == '$' ||
		    source.p[i] == '<')
			return false;
	return source.n > 0;
}

static struct str without_slashes(struct str path)
{
	while (path.n && path.p[0] == '/')
		path = str_sub(path, 1, path.n);
	return path;
}

/* A source as the context is asked for it: "/src" is "src", "/" is all of it. */
static struct str in_context(struct str source)
{
	struct str below = without_slashes(source);
	return source.n && !below.n ? STR(".") : below;
}

static bool holds_sources(const struct facts *f, struct str root)
{
	for (size_t i = 0; i < f->copies.n; i++) {
		const struct copy *copy = &f->copies.at[i];
		struct str sources = copy->sources, source;
		if (copy->from_stage || copy->remote || copy->heredoc)
			continue;
		while (str_split(&sources, '\n', &source)) {
			uint32_t mode;
			source = in_context(source);
			if (!is_plain(source))
				continue;
			if (workspace_stat(f->workspace, path_join(f->scratch, root, source), &mode) <= PROVIDED_NO)
				return false;
		}
	}
	return true;
}

/* The explicit context, else that of compose files, else the nearest directory that holds every source. */
static struct str find_root(const struct facts *f)
{
	struct str root = STR(".");
	if (!f->workspace->provider)
		return root;
	if (f->workspace->provider->context.n)
		return f->workspace->provider->context;
	struct str built = consumers_of(f->workspace, f->arena)->context;
	if (built.n)
		return built;
	for (int i = 0; i <= MAX_CLIMB; i++) {
		if (holds_sources(f, root))
			return root;
		root = path_join(f->scratch, root, STR(".."));
	}
	return STR(".");
}

/* It can only be another one when more sources are known. */
static struct str context_root(const struct facts *f)
{
	struct context_root *root = f->context;
	if (!root->path.n || root->copies != f->copies.n)
		*root = (struct context_root){arena_str(f->arena, find_root(f)), f->copies.n};
	return root->path;
}

/* What `source` gives for `rest`, the part of the wanted path below the copy's destination; `found`: what stands there. */
static struct str candidate(const struct facts *f, struct str root, struct str source, struct str rest, enum provided *found)
{
	uint32_t mode;
	struct str last = path_last(source);
	struct str path = path_join(f->arena, root, source);
	*found = PROVIDED_NO;
	if (!is_plain(source)) {
		path = path_join(f->arena, path_parent(path), rest);
		*found = workspace_stat(f->workspace, path, &mode);
		return *found == PROVIDED_FILE ? path : (struct str){"", 0};
	}
	enum provided kind = workspace_stat(f->workspace, path, &mode);
	if (kind == PROVIDED_DIRECTORY || (kind == PROVIDED_UNKNOWN && !str_eq(last, rest)))
		path = path_join(f->arena, path, rest);
	else if (rest.n && !str_eq(last, rest))
		return (struct str){"", 0};
	*found = workspace_stat(f->workspace, path, &mode);
	return path;
}

static bool is_known(const struct facts *f, struct str root, struct str source)
{
	return is_plain(source) && workspace_stat(f->workspace, path_join(f->scratch, root, source), NULL) >= PROVIDED_FILE;
}

struct str facts_context_source(const struct facts *f, struct str source)
{
	return path_join(f->arena, context_root(f), in_context(source));
}

/* A walk through the stages that another one copies from. */
struct stage_walk {
	const struct facts *f;
	struct str root; /* of the build context */
	struct str path; /* that is looked for in the stage */
	struct str cwd;	 /* empty: not known */
	struct str found;
	bool directory; /* the path is that of a directory */
};

static bool is_literal(struct str word)
{
	return word.n > 0 && str_find_char(word, '$', 0) == STR_NONE && word.p[0] != '"' && word.p[0] != '\'' && word.p[0] != '[';
}

static void walk_copy(struct stage_walk *w, const struct args *args)
{
	struct str dest = args->nwords ? args->words[args->nwords - 1].text : STR("");
	bool absolute = dest.n && dest.p[0] == '/';
	if (!is_literal(dest) || (!absolute && w->cwd.n == 0))
		return;
	dest = path_join(w->f->arena, absolute ? STR("/") : w->cwd, dest);
	if (!path_within(w->path, dest))
		return;
	struct str rest = without_slashes(str_sub(w->path, dest.n, w->path.n));
	bool unknown = args_flag(args, STR("from")) || args->nheredocs > 0;
	for (uint32_t i = 0; i + 1 < args->nwords; i++) {
		struct str source = args->words[i].text;
		enum provided there = PROVIDED_NO;
		struct str path =
			unknown || !is_literal(source) ? STR("") : candidate(w->f, w->root, in_context(source), rest, &there);
		if (there == (w->directory ? PROVIDED_DIRECTORY : PROVIDED_FILE) || unknown)
			w->found = path;
	}
}

static void walk_instruction(struct stage_walk *w, uint32_t ins)
{
	const struct facts *f = w->f;
	struct args args;
	enum keyword keyword = (enum keyword)f->doc->instructions.at[ins].keyword;
	if (keyword != KW_WORKDIR && keyword != KW_COPY && keyword != KW_ADD && keyword != KW_RUN)
		return;
	instruction_args(f->scratch, f->doc, ins, &args);
	if (keyword == KW_WORKDIR)
		w->cwd = args.nwords && is_literal(args.words[0].text) ? path_join(f->arena, w->cwd, args.words[0].text) : STR("");
	else if (keyword != KW_RUN)
		walk_copy(w, &args);
	else if (w->found.n && !w->directory && str_find(args.view.text, path_last(w->path), 0) != STR_NONE)
		w->found = STR(""); /* it may be another one from here on */
}

/* Walks through the stage and those that it is FROM, up to instruction `end`. False when there are too many. */
static bool walk_stage(struct stage_walk *w, uint32_t stage, uint32_t end)
{
	const struct facts *f = w->f;
	uint32_t chain[MAX_STAGES], n = 0;
	for (; stage != STAGE_NONE; stage = f->stages->at[stage].parent) {
		if (n == MAX_STAGES)
			return false;
		chain[n++] = stage;
	}
	while (n > 0) {
		const struct stage *s = &f->stages->at[chain[--n]];
		for (uint32_t ins = s->from + 1; ins < s->end && ins < end; ins++) {
			struct arena_mark mark = arena_mark(f->scratch);
			walk_instruction(w, ins);
			arena_rewind(f->scratch, mark);
		}
	}
	return true;
}

/* The file of the context that the stage's own COPY brought to `path`; empty where that is not known. */
static struct str stage_file(const struct facts *f, uint32_t stage, struct str root, struct str path)
{
	struct stage_walk w = {.f = f, .root = root, .path = path, .cwd = STR("/"), .found = STR("")};
	return walk_stage(&w, stage, INS_NONE) ? w.found : STR("");
}

struct str facts_stage_directory(const struct facts *f, uint32_t stage, uint32_t ins)
{
	struct stage_walk w = {.f = f, .root = STR(""), .path = STR(""), .cwd = STR("/"), .found = STR(""), .directory = true};
	return ins < MAX_STEPS && walk_stage(&w, stage, ins) ? w.cwd : STR("");
}

struct str facts_stage_source(const struct facts *f, uint32_t stage, uint32_t ins, struct str path, bool directory)
{
	struct stage_walk w = {.f = f, .root = context_root(f), .path = path, .cwd = STR("/"), .found = STR(""), .directory = directory};
	return ins < MAX_STEPS && walk_stage(&w, stage, ins) ? w.found : STR("");
}

/* What "COPY --from=stage" brings as `rest` below its destination, where that stage has it from the context. */
static struct str through_stage(const struct facts *f, const struct copy *copy, struct str root, struct str rest)
{
	uint32_t stage = stages_find(f->stages, copy->flags->from, f->target, true);
	struct str sources = copy->sources, source, found = STR("");
	while (stage != STAGE_NONE && f->stages->at[f->target].from < MAX_STEPS && found.n == 0 &&
	       f->workspace->stage_lookups++ < MAX_LOOKUPS && str_split(&sources, '\n', &source)) {
		struct str path = path_join(f->arena, STR("/"), source);
		if (!is_literal(source))
			continue;
		if (rest.n == 0 || str_eq(path_last(path), rest))
			found = stage_file(f, stage, root, path);
		if (found.n == 0 && rest.n)
			found = stage_file(f, stage, root, path_join(f->arena, path, rest));
	}
	return found;
}

struct str facts_context_path(const struct facts *f, struct str path, const struct copy **copy)
{
	struct str guess = STR("");
	struct str root = context_root(f);
	*copy = NULL;
	path = facts_follow(f, path, true);
	for (size_t i = f->copies.n; i > 0; i--) {
		const struct copy *c = &f->copies.at[i - 1];
		struct str sources = c->sources, source;
		if (c->dest.n == 0 || !path_within(path, c->dest))
			continue;
		struct str rest = without_slashes(str_sub(path, c->dest.n, path.n));
		if (c->from_stage || c->heredoc || c->remote) {
			struct str found = c->from_stage && guess.n == 0 ? through_stage(f, c, root, rest) : STR("");
			if (guess.n == 0)
				*copy = c;
			return found.n ? found : guess;
		}
		while (str_split(&sources, '\n', &source)) {
			enum provided there;
			source = in_context(source);
			struct str found = candidate(f, root, source, rest, &there);
			if (found.n && (there == PROVIDED_FILE || guess.n == 0)) {
				*copy = c;
				guess = found;
			} else if (!*copy && !is_known(f, root, source)) {
				*copy = c; /* it may bring the file: nobody can tell */
			}
			if (there == PROVIDED_FILE)
				return found;
		}
	}
	return guess;
}

/* Whether a directory further up that may be the build context holds the file as well. */
static bool stands_further_up(const struct facts *f, struct str path)
{
	if (f->workspace->provider && f->workspace->provider->context.n)
		return false;
	for (int i = 0; i < MAX_CLIMB; i++) {
		path = path_join(f->scratch, STR(".."), path);
		if (workspace_stat(f->workspace, path, NULL) == PROVIDED_FILE)
			return true;
	}
	return false;
}

bool facts_context_file(const struct facts *f, struct str path, uint32_t *file)
{
	const struct copy *copy;
	struct str source = facts_context_path(f, path, &copy);
	return source.n && copy && !copy->from_stage && !copy->heredoc && !copy->remote &&
	       workspace_read(f->workspace, source, file) == PROVIDED_FILE && !stands_further_up(f, source);
}

bool facts_copy_replaces(const struct facts *f, const struct copy *copy, struct str path)
{
	struct str sources = copy->sources, source;
	if (copy->dest.n == 0 || !path_within(path, copy->dest))
		return false;
	struct str rest = without_slashes(str_sub(path, copy->dest.n, path.n));
	if (rest.n == 0)
		return true;
	while (!copy->heredoc && !copy->remote && str_split(&sources, '\n', &source)) {
		enum provided found = PROVIDED_NO;
		if (copy->from_stage) {
			struct str there = path_join(f->scratch, STR("/"), source);
			if (str_eq(there, path) || str_eq(path_join(f->scratch, there, rest), path))
				return true;
		} else {
			candidate(f, context_root(f), in_context(source), rest, &found);
		}
		if (found == PROVIDED_FILE)
			return true;
	}
	return false;
}

bool facts_go_module(const struct facts *f, struct str *directory)
{
	struct str program = f->start.program;
	if (program.n == 0 || tables_program(f->tables, program).kind != PROGRAM_UNKNOWN)
		return false;
	*directory = context_root(f);
	for (int i = 0; i <= MAX_CLIMB; i++) {
		struct str file = path_join(f->arena, *directory, STR("go.mod"));
		if (workspace_stat(f->workspace, file, NULL) == PROVIDED_FILE)
			return true;
		*directory = path_join(f->arena, *directory, STR(".."));
	}
	return false;
}
