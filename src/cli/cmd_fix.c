/* unroot fix: in place, as a diff, as a list, or as a filter. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/path.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/help.h"
#include "cli/run.h"

static const char help[] =
	"Usage: unroot fix [OPTION]... [PATH]...\n"
	"Rewrites Dockerfiles so that their containers run as a non-root user. PATH is a\n"
	"file, a directory (default: .), or - for standard input to standard output.\n\n"
	"      --diff             print a unified diff, write nothing, exit 1 if any\n"
	"      --check            list what would change, write nothing, exit 1 if any\n" HELP_RULES HELP_ACCOUNT
		HELP_SURROUNDINGS HELP_PATHS "      --break-links      replace files that have several hard links\n" HELP_REST;

/* How often a Dockerfile is looked at anew when a file beside it was changed meanwhile: two Dockerfiles of one
   run may change one compose file. */
enum { ATTEMPTS = 5 };

static bool is_filter(const struct options *o, const struct input *in)
{
	return in->standard_input && !o->diff && !o->check;
}

static bool is_dockerfile(const struct input *in, const unroot_file *file)
{
	return strcmp(file->path, in->path) == 0;
}

/* Where a changed file lies, from the current directory. */
static const char *place_of_file(struct worker *w, const struct input *in, const unroot_file *file)
{
	return is_dockerfile(in, file) ? in->path : provider_path(&w->files, file->path);
}

/* The name in a diff's head: below the current directory without links, since neither git apply nor patch follows
   them. */
static const char *diff_name(struct arena *a, const char *path)
{
	char *real = realpath(path, NULL), *cwd = getcwd(NULL, 0);
	struct str full = str_of(real), here = str_of(cwd);
	const char *name = path;
	if (real && cwd && path_within(full, here) && full.n > here.n)
		name = arena_str(a, str_sub(full, here.n > 1 ? here.n + 1 : here.n, full.n)).p;
	free(real);
	free(cwd);
	while (*name == '/')
		name++;
	return name;
}

static void print_diffs(struct worker *w, const struct input *in, const struct analysis *analysis, struct result *r)
{
	for (size_t i = 0; i < analysis->file_count && !r->no_memory; i++) {
		const unroot_file *file = &analysis->files[i];
		const char *name = diff_name(&r->arena, place_of_file(w, in, file));
		struct str diff;
		diff.p = unroot_diff(w->report, file, name, &diff.n);
		if (!diff.p)
			r->no_memory = true;
		else if (w->run->colour_out)
			report_colour_diff(&r->out, diff);
		else
			buf_add(&r->out, diff);
	}
}

static void list_files(struct worker *w, const struct input *in, const struct analysis *analysis, struct result *r)
{
	for (size_t i = 0; i < analysis->file_count; i++) {
		struct str path = str_of(place_of_file(w, in, &analysis->files[i]));
		bool named = is_dockerfile(in, &analysis->files[i]);
		buf_add(&r->out, named ? path : path_join(&r->arena, STR(""), path));
		buf_char(&r->out, '\n');
	}
}

static void discard_all(struct file_replacement *staged, size_t n)
{
	for (size_t i = 0; i < n; i++)
		file_discard(&staged[i]);
}

/* Every file is written beside the old one before the first is put in place, so that a full disk changes nothing.
   The Dockerfile comes last: should the run die between two files, its finding is still there, and a second
   run finds the same fix and completes it. */
static bool write_files(struct worker *w, const struct input *in, const struct analysis *analysis, struct result *r,
			const char **where, struct file_error *error)
{
	size_t n = analysis->file_count;
	struct file_replacement *staged = ARENA_ARRAY(&r->arena, struct file_replacement, n);
	const char **paths = ARENA_ARRAY(&r->arena, const char *, n);
	for (size_t i = 0; i < n; i++) {
		const unroot_file *file = &analysis->files[n - 1 - i];
		const struct file_id *id = is_dockerfile(in, file) ? &analysis->id : provider_id(&w->files, file->path);
		*where = paths[i] = place_of_file(w, in, file);
		if (!id || !file_stage(&staged[i], paths[i], id, (struct str){file->fixed, file->fixed_length},
				       w->run->options->break_links, error)) {
			if (!id)
				snprintf(error->message, sizeof error->message, "was never read, and is not written");
			discard_all(staged, i);
			return false;
		}
	}
	for (size_t i = 0; i < n; i++) {
		*where = paths[i];
		if (!file_commit(&staged[i], error)) {
			discard_all(staged + i + 1, n - i - 1);
			return false;
		}
	}
	return true;
}

/* What was done and what was not, for people. */
static void add_notes(const struct worker *w, const struct input *in, const struct analysis *analysis, struct result *r)
{
	const struct options *o = w->run->options;
	struct report_item item = {.path = in->path,
				   .bytes = analysis->bytes,
				   .findings = analysis->findings,
				   .finding_count = analysis->finding_count,
				   .unfixed_only = true,
				   .source = o->verbose,
				   .colour = w->run->colour_err};
	bool short_list = o->check || is_filter(o, in);
	if (o->quiet || (short_list && !o->verbose))
		return;
	report_fixed(&r->err, &item, o->diff || o->check ? "would fix" : "fixed");
	if (!w->run->format)
		report_text.file(&r->arena, &item, &r->err);
}

static void finish(struct worker *w, const struct input *in, const struct analysis *analysis, bool written,
		   struct result *r)
{
	r->outcome = analysis->file_count	  ? OUTCOME_CHANGED
		     : run_needs_review(analysis) ? OUTCOME_REVIEW
						  : OUTCOME_UNCHANGED;
	add_notes(w, in, analysis, r);
	run_report(w, in, analysis, written, r);
}

/* The only document there is: it goes out at once instead of being copied. */
static void print_document(const struct analysis *analysis)
{
	if (analysis->file_count)
		fwrite(analysis->files[0].fixed, 1, analysis->files[0].fixed_length, stdout);
	else if (analysis->bytes.n)
		fwrite(analysis->bytes.p, 1, analysis->bytes.n, stdout);
}

static void fix_in_place(struct worker *w, const struct input *in, struct result *r)
{
	struct analysis analysis;
	struct file_error error = {0};
	const char *where = in->path;
	for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
		if (!run_analyse(w, in, r, &analysis))
			return;
		if (analysis.file_count == 0 || write_files(w, in, &analysis, r, &where, &error)) {
			finish(w, in, &analysis, analysis.file_count > 0, r);
			return;
		}
		if (!error.changed || strcmp(where, in->path) == 0)
			break;
	}
	unroot_error failure = {0};
	snprintf(failure.message, sizeof failure.message, "%s", error.message);
	run_fail(w, in, r, where, &failure);
}

/* An editor may hand over a file that is excluded: it gets it back. */
static void pass_through(struct worker *w, const struct input *in, struct result *r)
{
	struct analysis untouched = {0};
	r->outcome = OUTCOME_SILENT;
	if (is_filter(w->run->options, in) && run_read(w, in, r, &untouched))
		print_document(&untouched);
}

static void fix_one(struct worker *w, const struct input *in, struct result *r)
{
	const struct options *o = w->run->options;
	struct analysis analysis;
	if (in->left_out) {
		pass_through(w, in, r);
		return;
	}
	if (!o->diff && !o->check && !in->standard_input) {
		fix_in_place(w, in, r);
		return;
	}
	if (!run_analyse(w, in, r, &analysis))
		return;
	if (o->diff)
		print_diffs(w, in, &analysis, r);
	else if (o->check)
		list_files(w, in, &analysis, r);
	else
		print_document(&analysis);
	finish(w, in, &analysis, false, r);
}

static bool reads_standard_input(const struct options *o)
{
	return o->path_count == 1 && strcmp(o->paths[0], "-") == 0;
}

int cmd_fix(struct arena *a, int argc, char **argv)
{
	struct options o;
	int code = options_read(&o, a, FOR_FIX, argc, argv, help);
	if (code != OPTIONS_GO)
		return code;
	bool filter = reads_standard_input(&o) && !o.diff && !o.check;
	struct run run = {.options = &o,
			  .each = fix_one,
			  .changed = o.diff || o.check ? "would be fixed" : "fixed",
			  .found_is_failure = o.diff || o.check,
			  .judge = o.check && !o.diff,
			  .sweep = !o.diff && !o.check,
			  .summary = !filter || o.verbose};
	if (o.format || o.output_file)
		run.format = o.format ? o.format : &report_text;
	if (run.format && !o.output_file && (o.diff || o.check || filter)) {
		fputs("unroot: --output-format needs --output-file here: standard output is taken\n", stderr);
		return EXIT_FAILED;
	}
	run.colour_out = terminal_wants_colour(o.colour, STDOUT_FILENO);
	run.colour_err = terminal_wants_colour(o.colour, STDERR_FILENO);
	run.colour_report = run.colour_out && !o.output_file;
	return run_all(&run);
}
