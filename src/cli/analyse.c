/* One Dockerfile: read, judged, reported. */
#include <stdio.h>
#include <unistd.h>

#include "api/engine_run.h"
#include "cli/run.h"
#include "syntax/source.h"

static unroot_engine *engine_for(struct worker *w, const struct config *config, unroot_error *error)
{
	struct engine_of *entry;
	if (w->first)
		return config->engine;
	for (size_t i = w->engines.n; i > 0; i--)
		if (w->engines.at[i - 1].config == config)
			return w->engines.at[i - 1].engine;
	entry = VEC_PUSH(&w->arena, w->engines);
	entry->config = config;
	if (unroot_engine_new(&entry->engine, &config->options, error) == 0)
		return entry->engine;
	w->engines.n--;
	return NULL;
}

static struct report_item item_of(const struct worker *w, const struct input *in, const struct analysis *analysis)
{
	return (struct report_item){.path = in->path,
				    .bytes = analysis->bytes,
				    .findings = analysis->findings,
				    .finding_count = analysis->finding_count,
				    .files = analysis->files,
				    .file_count = analysis->file_count,
				    .source = w->run->options->verbose,
				    .colour = w->run->colour_report};
}

static void add_item(const struct worker *w, const struct report_item *item, struct result *r)
{
	const struct report_format *format = w->run->format;
	if (!format)
		return;
	if (!format->file(&r->arena, item, &r->report))
		r->no_memory = true;
	if (item->error && format->note && !format->note(&r->arena, item, &r->notes))
		r->no_memory = true;
}

void run_report(const struct worker *w, const struct input *in, const struct analysis *analysis, bool written,
		struct result *r)
{
	struct report_item item = item_of(w, in, analysis);
	item.written = written;
	add_item(w, &item, r);
}

void run_fail(const struct worker *w, const struct input *in, struct result *r, const char *path,
	      const unroot_error *error)
{
	struct report_item item = {.path = in->path, .error = error};
	const char *message = error->message[0] ? error->message : "out of memory";
	report_error(&r->err, path, error->line, error->column, message);
	r->outcome = OUTCOME_FAILED;
	add_item(w, &item, r);
}

bool run_read(struct worker *w, const struct input *in, struct result *r, struct analysis *out)
{
	struct file_error error;
	bool ok = in->standard_input ? file_read_fd(STDIN_FILENO, SOURCE_MAX_BYTES, true, &w->bytes, &out->id, &error)
				     : file_read(in->path, SOURCE_MAX_BYTES, &w->bytes, &out->id, &error);
	if (!ok) {
		unroot_error failure = {0};
		snprintf(failure.message, sizeof failure.message, "%s", error.message);
		run_fail(w, in, r, in->path, &failure);
		return false;
	}
	out->bytes = (struct str){w->bytes.p, w->bytes.n};
	return true;
}

static int judge(struct worker *w, const struct input *in, unroot_engine *engine, const unroot_provider *provider,
		 struct analysis *out, unroot_error *error)
{
	unroot_report_free(w->report);
	w->report = NULL;
	bool once = w->run->judge && !(w->run->format && w->run->format->edits);
	int code = once ? engine_judge(&w->report, engine, in->path, out->bytes, provider, error)
			: unroot_run(&w->report, engine, in->path, out->bytes.p, out->bytes.n, provider, error);
	if (code != 0)
		return code;
	out->findings = unroot_findings(w->report, &out->finding_count);
	out->files = unroot_files(w->report, &out->file_count);
	return 0;
}

bool run_analyse(struct worker *w, const struct input *in, struct result *r, struct analysis *out)
{
	unroot_provider provider, *given = NULL;
	unroot_error error = {0};
	*out = (struct analysis){0};
	if (in->config->broken) {
		r->outcome = OUTCOME_FAILED; /* the configuration's own line says why */
		return false;
	}
	if (!run_read(w, in, r, out))
		return false;
	if (!in->standard_input || w->run->options->stdin_name) {
		provider_open(&w->files, in->path, &in->beside, &provider);
		provider.only_dockerfile = in->standard_input; /* a filter gives back one document */
		given = &provider;
	}
	unroot_engine *engine = engine_for(w, in->config, &error);
	int code = engine ? judge(w, in, engine, given, out, &error) : error.code;
	if (code == 0 && engine)
		return true;
	run_fail(w, in, r, in->path, &error);
	return false;
}

bool run_needs_review(const struct analysis *analysis)
{
	for (size_t i = 0; i < analysis->finding_count; i++)
		if (!analysis->findings[i].fixed && analysis->findings[i].cls != UNROOT_DISPLAY)
			return true;
	return false;
}
