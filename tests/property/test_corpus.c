/* What has to hold for every Dockerfile there is: test_corpus [FILE-OR-FOLDER…], by default the project's own files.
 * Prints what it found wrong, then figures; the exit code is 1 when anything was wrong. */
#include "api/engine_run.h"
#include "ports.h"
#include "support/support.h"
#include "syntax/token.h"
#include "unroot/unroot.h"

#include <stdio.h>
#include <time.h>

enum { MAX_SHOWN = 50 };

struct figures {
	size_t files, refused, changed, edits, findings, instructions, ports;
};

struct checker {
	struct arena *arena; /* reset for each file */
	unroot_engine *engine;
	const char *path;
	const char *mode;
	unroot_class least;
	struct figures figures;
	size_t wrong;
	/* The changes of all files, for git and patch. */
	struct arena *kept;
	struct buf *patch;
	struct paths names;
	VEC(struct str) originals, results;
};

static void wrong(struct checker *c, const char *what)
{
	if (c->wrong++ < MAX_SHOWN)
		fprintf(stderr, "%s: %s: %s\n", c->path, c->mode, what);
}

static void check_tokens(struct checker *c, const struct document *d)
{
	struct tokens tokens = {0};
	uint32_t at = 0;
	tokens_of(c->arena, d, &tokens);
	for (size_t i = 0; i < tokens.n; i++) {
		if (tokens.at[i].start != at || tokens.at[i].end <= at) {
			wrong(c, "tokens leave a gap or overlap");
			return;
		}
		at = tokens.at[i].end;
	}
	if (at != d->source.bytes.n)
		wrong(c, "tokens do not reach the end");
}

static bool edits_in_order(const unroot_file *file)
{
	size_t at = 0;
	for (size_t i = 0; i < file->edit_count; i++) {
		const unroot_edit *e = &file->edits[i];
		if (e->start < at || e->end < e->start || e->end > file->original_length)
			return false;
		at = e->end;
	}
	return true;
}

/* The edits lead to the result, so every byte outside of them is the same. */
static void check_edits(struct checker *c, const unroot_file *file)
{
	struct buf text = buf_new(c->arena);
	size_t at = 0;
	if (!edits_in_order(file)) {
		wrong(c, "edits are not in order");
		return;
	}
	for (size_t i = 0; i < file->edit_count; i++) {
		const unroot_edit *e = &file->edits[i];
		buf_add(&text, (struct str){file->original + at, e->start - at});
		buf_add(&text, (struct str){e->text, e->length});
		at = e->end;
	}
	buf_add(&text, (struct str){file->original + at, file->original_length - at});
	if (!str_eq(buf_str(&text), (struct str){file->fixed, file->fixed_length}))
		wrong(c, "the edits do not give the fixed text");
}

static struct str sexp_of(struct arena *a, const struct document *d, size_t index)
{
	struct args args;
	struct buf out = buf_new(a);
	instruction_args(a, d, index, &args);
	args_sexp(&args, &out);
	return buf_str(&out);
}

static bool has_line_end(const unroot_edit *e, bool first)
{
	if (e->length == 0)
		return false;
	return first ? e->text[0] == '\n' || e->text[0] == '\r' : e->text[e->length - 1] == '\n';
}

/* Whether an edit changes [start, end): lines put in right above or below it do not. */
static bool touches(const unroot_edit *e, size_t start, size_t end)
{
	if (e->end < start || e->start > end)
		return false;
	if (e->end == start)
		return e->length > 0 && !has_line_end(e, false);
	if (e->start == end)
		return e->length > 0 && !has_line_end(e, true);
	return true;
}

static void check_instructions(struct checker *c, const unroot_file *file, const struct document *before,
			       const struct document *after)
{
	size_t next = 0, shift = 0; /* the edit not yet behind us, and what those behind us added, wrapping */
	for (size_t i = 0; i < before->instructions.n; i++) {
		const struct instruction *ins = &before->instructions.at[i];
		while (next < file->edit_count && file->edits[next].end <= ins->start &&
		       !touches(&file->edits[next], ins->start, ins->end)) {
			shift += file->edits[next].length - (file->edits[next].end - file->edits[next].start);
			next++;
		}
		if (next < file->edit_count && touches(&file->edits[next], ins->start, ins->end))
			continue;
		size_t there = document_instruction_at(after, (uint32_t)(ins->start + shift));
		if (there == STR_NONE || !str_eq(sexp_of(c->arena, before, i), sexp_of(c->arena, after, there))) {
			wrong(c, "an instruction outside of the edits is another one afterwards");
			return;
		}
	}
}

static void check_diff(struct checker *c, unroot_report *report, const unroot_file *file, const struct str *fixed)
{
	size_t length;
	const char *why, *diff = unroot_diff(report, file, "f", &length);
	struct str patched, original = {file->original, file->original_length};
	if (!diff || !patch_apply(c->arena, (struct str){diff, length}, original, &patched, &why))
		wrong(c, "the diff does not apply");
	else if (!str_eq(patched, *fixed))
		wrong(c, "the diff does not give the fixed text");
	if (!c->patch)
		return;
	const char *name = arena_printf(c->kept, "%zu.Dockerfile", c->names.n).p;
	diff = unroot_diff(report, file, name, &length);
	buf_add(c->patch, (struct str){diff, diff ? length : 0});
	*VEC_PUSH(c->kept, c->names) = name;
	*VEC_PUSH(c->kept, c->originals) = arena_str(c->kept, original);
	*VEC_PUSH(c->kept, c->results) = arena_str(c->kept, *fixed);
}

static void check_second_run(struct checker *c, struct str fixed)
{
	unroot_report *again = NULL;
	size_t n = 0;
	if (unroot_run(&again, c->engine, "Dockerfile", fixed.p, fixed.n, NULL, NULL) != 0)
		wrong(c, "the fixed file is refused");
	else if (unroot_files(again, &n), n != 0)
		wrong(c, "a second run changes the file again");
	unroot_report_free(again);
}

/* Looking once says of the same files that they change, and finds the same. */
static void check_judged(struct checker *c, struct str bytes, size_t findings, size_t changed)
{
	unroot_report *once = NULL;
	size_t found = 0, files = 0;
	if (engine_judge(&once, c->engine, "Dockerfile", bytes, NULL, NULL) == 0) {
		unroot_findings(once, &found);
		unroot_files(once, &files);
	}
	if (found != findings || files != changed)
		wrong(c, "looking once says otherwise than looking until nothing changes");
	unroot_report_free(once);
}

/* All or nothing: a port that a fix of class safe or interface moved is named nowhere any more. */
static void check_ports(struct checker *c, const unroot_report *report, struct str fixed)
{
	for (const unsigned *port = moved_ports(c->arena, report); *port; port++) {
		const char *place = still_named(c->arena, c->engine, fixed, *port);
		c->figures.ports++;
		if (place)
			wrong(c, arena_printf(c->arena, "port %u has moved, but %s names it", *port, place).p);
	}
}

static void check_change(struct checker *c, unroot_report *report, const unroot_file *file,
			 const struct document *before)
{
	struct str fixed = {file->fixed, file->fixed_length};
	struct document after;
	c->figures.changed++;
	c->figures.edits += file->edit_count;
	check_edits(c, file);
	document_parse(c->arena, &after, "Dockerfile", fixed);
	if (after.error.message.n)
		wrong(c, "the fixed file does not parse");
	else
		check_instructions(c, file, before, &after);
	check_diff(c, report, file, &fixed);
	check_second_run(c, fixed);
	if (c->least == UNROOT_INTERFACE)
		check_ports(c, report, fixed);
}

static void check_file(struct checker *c, struct str bytes)
{
	struct document d;
	unroot_report *report = NULL;
	unroot_error error = {0};
	size_t n;
	document_parse(c->arena, &d, "Dockerfile", bytes);
	check_tokens(c, &d);
	c->figures.files++;
	c->figures.instructions += d.instructions.n;
	int code = unroot_run(&report, c->engine, "Dockerfile", bytes.p, bytes.n, NULL, &error);
	if (code == UNROOT_ESYNTAX)
		c->figures.refused++;
	else if (code != 0)
		wrong(c, arena_printf(c->arena, "error %d: %s", code, error.message).p);
	if ((code == UNROOT_ESYNTAX) != (d.error.message.n > 0))
		wrong(c, "the parser and the fixer disagree about whether the file is valid");
	if (code == 0) {
		size_t findings;
		unroot_findings(report, &findings);
		c->figures.findings += findings;
		const unroot_file *files = unroot_files(report, &n);
		check_judged(c, bytes, findings, n);
		if (n > 1)
			wrong(c, "files are changed that nobody provided");
		else if (n == 1)
			check_change(c, report, files, &d);
	}
	unroot_report_free(report);
}

/* Applies all the changes with a program, in a directory or in a subdirectory of a repository. */
static void check_program(struct checker *c, const char *const argv[], bool in_repository)
{
	struct arena *a = c->arena;
	const char *root = scratch_new(a);
	const char *folder = arena_printf(a, "%s/sub", root).p;
	size_t different = 0;
	c->path = argv[0];
	file_put(arena_printf(a, "%s/patch", root).p, buf_str(c->patch));
	for (size_t i = 0; i < c->names.n; i++)
		file_put(arena_printf(a, "%s/%s", folder, c->names.at[i]).p, c->originals.at[i]);
	if (in_repository)
		run_program(root, (const char *const[]){"git", "init", "-q", NULL}, 0);
	if (run_program(folder, argv, 0) != 0)
		wrong(c, "refuses the diffs");
	for (size_t i = 0; i < c->names.n; i++)
		different +=
			!str_eq(file_bytes(a, arena_printf(a, "%s/%s", folder, c->names.at[i]).p), c->results.at[i]);
	if (different)
		wrong(c, arena_printf(a, "makes %zu files otherwise", different).p);
	scratch_remove(root);
}

static void check_programs(struct checker *c)
{
	static const char *const git[] = {"git", "apply", "--whitespace=nowarn", "../patch", NULL};
	static const char *const patch[] = {"patch", "-p1", "-s", "-i", "../patch", NULL};
	if (c->names.n == 0)
		return;
	check_program(c, git, false);
	check_program(c, git, true);
	check_program(c, patch, false);
}

static double seconds(void)
{
	struct timespec now;
	timespec_get(&now, TIME_UTC);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static size_t check_all(const struct paths *files, unroot_class least, const char *mode)
{
	struct arena scratch, kept;
	arena_init(&scratch, NULL, 1 << 20);
	arena_init(&kept, NULL, 1 << 20);
	struct buf patch = buf_new(&kept);
	struct checker c = {.arena = &scratch, .mode = mode, .least = least, .kept = &kept, .patch = &patch};
	const unroot_options options = {.least = least};
	double start = seconds();
	unroot_error error;
	if (unroot_engine_new(&c.engine, &options, &error) != 0) {
		fprintf(stderr, "%s\n", error.message);
		return 1;
	}
	for (size_t i = 0; i < files->n; i++) {
		c.path = files->at[i];
		check_file(&c, file_bytes(&scratch, c.path));
		arena_reset(&scratch);
	}
	check_programs(&c);
	printf("%s: %zu files, %zu refused, %zu instructions, %zu findings, %zu changed with %zu edits, %zu ports moved, "
	       "%zu wrong; %.1f s\n",
	       mode, c.figures.files, c.figures.refused, c.figures.instructions, c.figures.findings, c.figures.changed,
	       c.figures.edits, c.figures.ports, c.wrong, seconds() - start);
	unroot_engine_free(c.engine);
	arena_free(&scratch);
	arena_free(&kept);
	return c.wrong;
}

/* The golden cases, and what the fuzzers once found. */
static void add_own_files(struct arena *a, struct paths *files)
{
	paths_below(a, UNROOT_REGRESSIONS, "", files);
	if (!path_exists(UNROOT_GOLDEN))
		return;
	paths_below(a, UNROOT_GOLDEN, "/Dockerfile", files);
	paths_below(a, UNROOT_GOLDEN, "/Containerfile", files);
}

int main(int argc, char **argv)
{
	struct arena a;
	struct paths files = {0};
	arena_init(&a, NULL, 0);
	for (int i = 1; i < argc; i++)
		paths_below(&a, argv[i], "", &files);
	if (argc == 1)
		add_own_files(&a, &files);
	size_t bad = check_all(&files, UNROOT_INTERFACE, "fix");
	bad += check_all(&files, UNROOT_UNSAFE, "fix --unsafe-fixes");
	arena_free(&a);
	return bad > 0;
}
