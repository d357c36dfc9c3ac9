#define _GNU_SOURCE
#include "bot/suggest.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "bot/body.h"
#include "bot/lines.h"
#include "bot/mark.h"
#include "project/provider.h"
#include "project/walk.h"
#include "report/report.h"

enum { LARGEST = 1 << 20 };

/* What becomes of one request. */
struct review {
	struct job *job;
	struct forge_ranges ranges;
	VEC(struct forge_suggestion) suggestions;
	struct buf rest;  /* diffs of files whose lines the request does not all show */
	struct buf diffs; /* all of them: what the review is about */
	size_t files;
};

static bool is_shown(const struct review *r, struct str path, const struct lines_change *lines)
{
	for (size_t i = 0; i < r->ranges.n; i++) {
		const struct forge_range *range = &r->ranges.at[i];
		if (str_eq(range->path, path) && range->first <= lines->first && lines->last <= range->last)
			return true;
	}
	return false;
}

static bool is_touched(const struct review *r, struct str path)
{
	for (size_t i = 0; i < r->ranges.n; i++)
		if (str_eq(r->ranges.at[i].path, path))
			return true;
	return false;
}

/* A fence that the text cannot end. */
static void fence(struct buf *out, const char *kind, struct str text)
{
	size_t run = 0, longest = 2;
	for (size_t i = 0; i < text.n; i++) {
		run = text.p[i] == '`' ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	for (size_t i = 0; i <= longest; i++)
		buf_char(out, '`');
	buf_printf(out, "%s\n", kind);
	buf_add(out, text);
	buf_add(out, text.n && text.p[text.n - 1] == '\n' ? STR("") : STR("\n"));
	for (size_t i = 0; i <= longest; i++)
		buf_char(out, '`');
	buf_char(out, '\n');
}

/* The fixes of a file stand or fall together: they are suggested when the request shows all of their lines. */
static void add_file(struct review *r, const char *path, const unroot_file *files, size_t n, struct str diff)
{
	struct arena *a = r->job->arena;
	struct lines_changes lines = {0};
	bool all = n == 1;
	lines_of_edits(a, (struct str){files->original, files->original_length}, files->edits, files->edit_count,
		       &lines);
	for (size_t i = 0; i < lines.n && all; i++)
		all = is_shown(r, str_of(path), &lines.at[i]);
	r->files++;
	buf_add(&r->diffs, diff);
	if (!all) {
		buf_add(&r->rest, STR("\n"));
		body_code(&r->rest, str_of(path), false);
		buf_add(&r->rest,
			STR(" (not all of its lines are part of this request; `unroot fix` makes the change):\n\n"));
		fence(&r->rest, "diff", diff);
		return;
	}
	for (size_t i = 0; i < lines.n; i++) {
		struct buf comment = buf_new(a);
		fence(&comment, "suggestion", lines.at[i].text);
		*VEC_PUSH(a, r->suggestions) =
			(struct forge_suggestion){arena_str(a, str_of(path)), lines.at[i].first, lines.at[i].last,
						  arena_str(a, buf_str(&comment))};
	}
}

static void judge(struct review *r, struct configs *configs, const struct input *in)
{
	struct arena *a = r->job->arena;
	struct provider_files files;
	struct file_bytes bytes = {0};
	struct file_error failure;
	unroot_provider provider;
	unroot_report *report = NULL;
	unroot_error error = {0};
	size_t n = 0;
	provider_init(&files, NULL);
	arena_arm(&files.arena, a->out_of_memory);
	if (!config_prepare(configs, in->config)) {
		r->job->totals->failed++;
	} else if (!file_read(in->path, LARGEST, &bytes, NULL, &failure)) {
		run_fail(r->job, arena_printf(a, "%s: %s", in->path, failure.message));
	} else {
		provider_open(&files, in->path, &in->beside, &provider);
		if (unroot_run(&report, in->config->engine, in->path, bytes.p, bytes.n, &provider, &error) != 0)
			run_fail(r->job, arena_printf(a, "%s:%u: %s", in->path, error.line, error.message));
	}
	const unroot_file *changed = report ? unroot_files(report, &n) : NULL;
	struct buf diff = buf_new(a);
	for (size_t i = 0; i < n; i++) {
		struct str part;
		const char *name =
			strcmp(changed[i].path, in->path) == 0 ? in->path : provider_path(&files, changed[i].path);
		part.p = unroot_diff(report, &changed[i], name, &part.n);
		buf_add(&diff, part.p ? part : STR(""));
	}
	if (n)
		add_file(r, in->path, changed, n, arena_str(a, buf_str(&diff)));
	unroot_report_free(report);
	provider_free(&files);
	file_bytes_free(&bytes);
}

static bool send(struct review *r)
{
	struct job *job = r->job;
	struct arena *a = job->arena;
	struct buf body = buf_new(a), mark = buf_new(a);
	mark_write(&mark, &(struct mark){.hash = mark_hash(a, buf_str(&r->diffs))}, STR(""));
	buf_add(&body, STR("Containers of these Dockerfiles run as root. "));
	if (r->suggestions.n)
		buf_add(&body,
			STR("The suggestions make them run as an ordinary user; those of one file belong together (add "
			    "them to one batch). "));
	buf_add(&body, STR("`unroot explain run-as-root` tells why; `# unroot ignore=run-as-root # why` above the FROM "
			   "switches "
			   "it off.\n"));
	buf_add(&body, buf_str(&r->rest));
	buf_printf(&body, "\n%.*s\n", STR_ARG(buf_str(&mark)));
	return job->forge->kind->suggest(job->forge, &job->target, job->options->suggest, job->base_commit,
					 r->suggestions.at, r->suggestions.n, arena_str(a, buf_str(&body)),
					 arena_str(a, buf_str(&mark)));
}

static void review_tree(struct review *r)
{
	struct job *job = r->job;
	const struct bot_options *o = job->options;
	struct buf errors = buf_new(job->arena);
	struct configs configs;
	configs_init(&configs, job->arena, &o->settings, o->config, o->isolated, &errors);
	configs_confine(&configs, ".");
	struct walk walk = {
		.arena = job->arena, .configs = &configs, .exclude = &o->settings.exclude, .errors = &errors};
	walk_paths(&walk, NULL, 0);
	for (size_t i = 0; i < walk.found.n; i++)
		if (!walk.found.at[i].link && is_touched(r, str_of(walk.found.at[i].path)))
			judge(r, &configs, &walk.found.at[i]);
	if (configs.failed)
		run_fail(job, str_trim(buf_str(&errors)));
	configs_free(&configs);
	if (r->files == 0) {
		job->totals->nothing++;
		printf("%s: nothing to suggest\n", job->name);
	} else if (!send(r)) {
		run_fail(job, job->forge->error);
	} else {
		job->totals->updated++;
		printf("%s: %zu suggestions for %zu files\n", job->name, r->suggestions.n, r->files);
	}
}

static void review(struct job *job)
{
	struct git *g = &job->git;
	struct review r = {.job = job, .rest = buf_new(job->arena), .diffs = buf_new(job->arena)};
	struct str head = arena_printf(job->arena, "refs/pull/%u/head", job->options->suggest);
	g->remote = job->base_remote;
	if (!job->forge->kind->changed_lines(job->forge, &job->target, job->options->suggest, &r.ranges)) {
		run_fail(job, job->forge->error);
		return;
	}
	if (!git_fetch(g, head, (struct str){0}, false)) {
		run_fail(job, g->error);
		return;
	}
	job->base_commit = git_commit_of(g, GIT_BASE_REF);
	if (!git_checkout(g, job->base_commit))
		run_fail(job, g->error);
	else if (run_enter(job)) {
		review_tree(&r);
		run_leave(job);
	}
}

void suggest_run(const struct bot_options *o, struct forge *forge, const char *path, bool remote, struct totals *totals)
{
	struct arena arena;
	struct job job;
	run_init(&job, &arena, o, forge, path, totals);
	if (!forge->kind->suggest)
		run_fail(&job,
			 arena_printf(&arena, "%s has no suggestions that this program knows", forge->kind->title));
	else if (run_open(&job, path, remote))
		review(&job);
	run_close(&job);
}
