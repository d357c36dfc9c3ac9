#include "lsp/worker.h"

#include "api/engine_run.h"
#include "base/path.h"
#include "lsp/uri.h"
#include "project/walk.h"

void worker_init(struct worker *w, const struct worker_options *options)
{
	*w = (struct worker){.options = options};
	arena_init(&w->arena, NULL, 0);
	arena_init(&w->lasting, NULL, 0);
}

static void forget_surroundings(struct worker *w)
{
	for (size_t i = 0; i < w->prepared.n; i++)
		unroot_engine_free(w->prepared.at[i]->safe);
	if (w->configured)
		configs_free(&w->configs);
	arena_free(&w->lasting);
	*w = (struct worker){.options = w->options, .arena = w->arena, .lasting = w->lasting};
}

void worker_free(struct worker *w)
{
	forget_surroundings(w);
	arena_free(&w->arena);
}

static void configure(struct worker *w, unsigned generation)
{
	if (w->configured && w->generation == generation)
		return;
	forget_surroundings(w);
	w->generation = generation;
	w->errors = buf_new(&w->lasting);
	w->configured = true;
	configs_init(&w->configs, &w->lasting, w->options->settings, w->options->config, w->options->isolated,
		     &w->errors);
	configs_confine_each(&w->configs); /* opening a file is no trust in its repository */
}

static const struct prepared *prepare(struct worker *w, struct config *config)
{
	for (size_t i = 0; i < w->prepared.n; i++)
		if (w->prepared.at[i]->config == config)
			return w->prepared.at[i];
	struct prepared *prepared = ARENA_NEW(&w->lasting, struct prepared);
	*VEC_PUSH(&w->lasting, w->prepared) = prepared;
	prepared->config = config;
	if (config_prepare(&w->configs, config)) {
		unroot_options options = config->options;
		options.least = UNROOT_SAFE;
		unroot_engine_new(&prepared->safe, &options, NULL);
	}
	/* What was said since the last one is about this one. */
	prepared->fault = arena_str(&w->lasting, str_trim(buf_str(&w->errors))).p;
	w->errors.n = 0;
	return prepared;
}

static const struct surroundings *surroundings_of(struct worker *w, struct str path)
{
	struct surroundings *around = map_get(&w->by_path, path);
	if (around)
		return around;
	struct arena *a = &w->lasting;
	around = ARENA_NEW(a, struct surroundings);
	path = arena_str(a, path);
	if (path.n) {
		struct location location = location_of(a, arena_str(a, directory_of(path)).p);
		struct config *config = config_upward(&w->configs, &location);
		struct walk walk = {.arena = a, .configs = &w->configs, .exclude = &w->options->settings->exclude};
		around->prepared = prepare(w, config);
		around->left_out = walk_leaves_out(&walk, path.p, config, &location);
	} else {
		around->prepared = prepare(w, w->configs.plain);
	}
	*map_put(a, &w->by_path, path) = around;
	return around;
}

const struct document_open *subject_open_at(const struct subject *s, struct str path)
{
	for (size_t i = 0; i < s->open.n; i++)
		if (str_eq(s->open.at[i].path, path))
			return s->open.at[i].document;
	return NULL;
}

static bool read_unsaved(void *ctx, struct str path, struct str *text)
{
	const struct document_open *document = subject_open_at(ctx, path);
	if (document)
		*text = text_str(document->text);
	return document;
}

static void find_open_files(struct worker *w, const struct job *job, struct subject *s)
{
	for (const struct document_open *d = job->open.first; d; d = d->next) {
		struct str path = uri_path(&w->arena, str_of(d->uri));
		if (path.n)
			*VEC_PUSH(&w->arena, s->open) = (struct open_file){path_join(&w->arena, STR(""), path), d};
	}
	s->files.unsaved = read_unsaved;
	s->files.unsaved_ctx = s;
}

static void open_subject(struct worker *w, const struct job *job, struct subject *s)
{
	struct str uri = str_of(job->uri), path = uri_path(&w->arena, uri);
	const struct surroundings *around = surroundings_of(w, path);
	s->text = text_str(job->text);
	s->lines = lines_of(&w->arena, s->text, job->client->encoding);
	s->name = path.n ? path.p : job->uri;
	s->prepared = around->prepared;
	s->other = job->other;
	s->left_out = around->left_out || job->other;
	if (path.n) {
		find_open_files(w, job, s);
		provider_open(&s->files, path.p, NULL, &s->provider);
		s->given = &s->provider;
	}
}

static void run_guarded(struct worker *w, struct job *job, struct subject *subject)
{
	jmp_buf place;
	arena_arm(&w->arena, &place);
	arena_arm(&w->lasting, &place);
	arena_arm(&subject->files.arena, &place);
	if (setjmp(place) == 0) {
		configure(w, job->generation);
		open_subject(w, job, subject);
		job->task->run(w, job, subject);
	} else {
		job->error = ERROR_INTERNAL;
		job->message = "out of memory";
		w->generation = job->generation - 1; /* what was half made is made anew */
	}
}

void worker_run(struct worker *w, struct job *job)
{
	struct subject subject = {0};
	provider_init(&subject.files, w->options->context);
	run_guarded(w, job, &subject);
	for (size_t i = 0; i < w->analyses.n; i++)
		unroot_report_free(w->analyses.at[i]->report);
	w->analyses.n = w->analyses.cap = 0;
	w->analyses.at = NULL;
	provider_free(&subject.files);
	arena_reset(&w->arena);
}

struct analysis *subject_analyse(struct worker *w, const struct subject *s, unroot_engine *engine,
				 const unroot_provider *provider, const unroot_finding *only)
{
	struct analysis *out = ARENA_NEW(&w->arena, struct analysis);
	*VEC_PUSH(&w->arena, w->analyses) = out;
	int code = only ? engine_fix_one(&out->report, engine, s->name, s->text, provider, only, &out->error)
			: unroot_run(&out->report, engine, s->name, s->text.p, s->text.n, provider, &out->error);
	if (code != 0)
		return out;
	out->findings = unroot_findings(out->report, &out->finding_count);
	out->files = unroot_files(out->report, &out->file_count);
	return out;
}

const unroot_file *analysis_own_file(const struct analysis *analysis, const struct subject *s)
{
	bool own = analysis->file_count > 0 && strcmp(analysis->files[0].path, s->name) == 0;
	return own ? &analysis->files[0] : NULL;
}
