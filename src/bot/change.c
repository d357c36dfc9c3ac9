#include "bot/change.h"

#include <stdio.h>

#include "api/inspect.h"
#include "base/file.h"
#include "base/path.h"
#include "bot/spawn.h"
#include "project/provider.h"
#include "report/facts.h"
#include "report/report.h"

enum { LARGEST = 1 << 20, VERIFY_SECONDS = 3600, VERIFY_OUTPUT = 1 << 20 };

/* What is needed for one Dockerfile. */
struct judge {
	struct arena *arena;
	const struct input *in;
	struct file_bytes bytes;
	struct file_id id;
	struct provider_files files;
	unroot_provider provider;
	unroot_report *report;
	struct change change;
	struct buf *errors;
};

void texts_add(struct arena *a, struct texts *texts, struct str text)
{
	for (size_t i = 0; i < texts->n; i++)
		if (str_eq(texts->at[i], text))
			return;
	if (text.n)
		*VEC_PUSH(a, *texts) = arena_str(a, text);
}

static struct str copy(const struct judge *j, struct str s)
{
	return arena_str(j->arena, s);
}

static void split_numbers(struct change_stage *stage, struct str numbers)
{
	uint32_t value;
	size_t colon = str_find_char(numbers, ':', 0);
	struct str uid = colon == STR_NONE ? numbers : str_sub(numbers, 0, colon);
	struct str gid = colon == STR_NONE ? uid : str_sub(numbers, colon + 1, numbers.n);
	if (str_to_u32(uid, &value))
		stage->uid = uid;
	if (str_to_u32(gid, &value))
		stage->gid = gid;
}

static void read_base(const struct judge *j, const struct facts *f, struct change_stage *stage)
{
	stage->base = copy(j, f->image_name);
	stage->shell = f->image ? f->image->has_shell : f->family != FAMILY_SCRATCH && f->family != FAMILY_DISTROLESS;
	if (f->image)
		stage->evidence = copy(j, f->image->evidence);
	if (f->start.verdict != VERDICT_RUNS)
		return;
	stage->starts = copy(j, f->start.program);
	if (f->start.recipe.n)
		stage->start_why = copy(j, facts_start_why(j->arena, &f->start));
}

static void read_plan(struct judge *j, const struct plan *plan)
{
	const struct facts *f = plan->f;
	struct change_stage *stage = VEC_PUSH(j->arena, j->change.stages);
	struct from from;
	stages_from(j->arena, f->stages, f->doc, f->target, &from);
	stage->name = copy(j, from.name);
	read_base(j, f, stage);
	if (plan->wanted) {
		const struct owner *owner = &plan->owner;
		struct str numbers = owner->numeric.n ? owner->numeric : owner->user;
		if (owner->kind == OWNER_NEW)
			numbers = arena_printf(j->arena, "%u:%u", owner->uid, owner->gid);
		stage->user = copy(j, owner->user);
		stage->why = copy(j, owner->why);
		split_numbers(stage, copy(j, numbers));
	} else {
		stage->user = copy(j, facts_user(f)->text);
	}
	for (size_t i = 0; i < f->volumes.n; i++)
		if (f->volumes.at[i].path.n)
			*VEC_PUSH(j->arena, stage->volumes) = copy(j, f->volumes.at[i].path);
	for (size_t i = 0; i < plan->ports.n; i++)
		*VEC_PUSH(j->arena, stage->ports) = (struct change_port){plan->ports.at[i].from, plan->ports.at[i].to};
	j->change.context = copy(j, facts_context_source(f, STR(".")));
}

static void read_plans(void *ctx, const struct plan *const *plans, size_t n)
{
	for (size_t i = 0; i < n; i++)
		read_plan(ctx, plans[i]);
}

static bool complain(struct judge *j, unsigned line, unsigned column, const char *message)
{
	report_error(j->errors, j->in->path, line, column, *message ? message : "out of memory");
	return false;
}

static void read_findings(struct judge *j)
{
	size_t n;
	const unroot_finding *findings = unroot_findings(j->report, &n);
	struct change *c = &j->change;
	c->least = UNROOT_SAFE;
	for (size_t i = 0; i < n; i++) {
		if (!findings[i].fixed)
			continue;
		c->least = findings[i].cls < c->least ? findings[i].cls : c->least;
		texts_add(j->arena, &c->rules, str_of(findings[i].rule));
		texts_add(j->arena, &c->reasons, str_of(findings[i].message));
		texts_add(j->arena, &c->follow, str_of(findings[i].follow));
	}
}

static const char *place_of(struct judge *j, const unroot_file *file)
{
	return strcmp(file->path, j->in->path) == 0 ? j->in->path : provider_path(&j->files, file->path);
}

/* The Dockerfile comes last: as long as it is the old one, the next run finds the same fix. */
static bool write_files(struct judge *j, const unroot_file *files, size_t n)
{
	for (size_t i = n; i > 0; i--) {
		const unroot_file *file = &files[i - 1];
		struct file_replacement replacement;
		struct file_error error = {0};
		bool itself = strcmp(file->path, j->in->path) == 0;
		const struct file_id *id = itself ? &j->id : provider_id(&j->files, file->path);
		if (!id)
			return complain(j, 0, 0, "a file that it changes was never read");
		if (!file_stage(&replacement, place_of(j, file), id, (struct str){file->fixed, file->fixed_length},
				false, &error) ||
		    !file_commit(&replacement, &error))
			return complain(j, 0, 0, error.message);
		if (!itself)
			texts_add(j->arena, &j->change.others, path_join(j->arena, STR(""), str_of(place_of(j, file))));
	}
	return true;
}

static struct str last_line(struct str text)
{
	struct str line, last = {0};
	while (str_split(&text, '\n', &line))
		last = str_trim(line).n ? str_trim(line) : last;
	return last;
}

/* unroot verify builds and runs the old and the new file by itself: the tree is still the old one. */
static void try_out(struct judge *j, const struct change_trial *trial)
{
	struct text_list argv = {0};
	const char *context = arena_printf(j->arena, "./%.*s", STR_ARG(j->change.context)).p;
	const char *const last[] = {"--context", context, "--", j->in->path, NULL};
	struct spawn_result r;
	*VEC_PUSH(j->arena, argv) = trial->program;
	*VEC_PUSH(j->arena, argv) = "verify";
	for (const char *const *s = trial->settings; s && *s; s++)
		*VEC_PUSH(j->arena, argv) = *s;
	for (size_t i = 0; i < sizeof last / sizeof *last; i++)
		*VEC_PUSH(j->arena, argv) = last[i];
	spawn_run(j->arena,
		  &(struct spawn){.argv = argv.at,
				  .directory = trial->directory,
				  .limit = VERIFY_OUTPUT,
				  .seconds = VERIFY_SECONDS},
		  &r);
	j->change.said = last_line(r.err.n ? r.err : r.out);
	j->change.verified = r.code == 0 ? CHANGE_VERIFIED : r.code == 1 ? CHANGE_REFUTED : CHANGE_NOT_VERIFIED;
}

static bool describe(struct judge *j, unroot_engine *engine)
{
	unroot_error error = {0};
	struct str directory = directory_of(str_of(j->in->path));
	j->change.path = copy(j, str_of(j->in->path));
	read_findings(j);
	if (engine_inspect(engine, j->in->path, (struct str){j->bytes.p, j->bytes.n}, &j->provider, read_plans, j,
			   &error) != 0)
		return complain(j, error.line, error.column, error.message);
	j->change.context = path_join(j->arena, directory, j->change.context);
	return true;
}

static bool make(struct judge *j, unroot_engine *engine, const struct change_trial *trial, struct changes *out)
{
	struct file_error failure;
	unroot_error error = {0};
	size_t n;
	if (!file_read(j->in->path, LARGEST, &j->bytes, &j->id, &failure))
		return complain(j, 0, 0, failure.message);
	provider_open(&j->files, j->in->path, &j->in->beside, &j->provider);
	if (unroot_run(&j->report, engine, j->in->path, j->bytes.p, j->bytes.n, &j->provider, &error) != 0)
		return complain(j, error.line, error.column, error.message);
	const unroot_file *files = unroot_files(j->report, &n);
	if (n == 0)
		return true;
	if (!describe(j, engine))
		return false;
	if (trial->program)
		try_out(j, trial);
	if (j->change.verified == CHANGE_REFUTED) {
		report_error(
			j->errors, j->in->path, 0, 0,
			arena_printf(j->arena, "left out, unroot verify refutes it: %.*s", STR_ARG(j->change.said)).p);
		return true;
	}
	if (!write_files(j, files, n))
		return false;
	*VEC_PUSH(j->arena, *out) = j->change;
	return true;
}

bool change_make(struct arena *a, struct configs *configs, const struct input *in, const struct change_trial *trial,
		 struct changes *out, struct buf *errors)
{
	struct judge j = {.arena = a, .in = in, .errors = errors};
	bool ok = false;
	provider_init(&j.files, NULL);
	arena_arm(&j.files.arena, a->out_of_memory);
	if (config_prepare(configs, in->config))
		ok = make(&j, in->config->engine, trial, out);
	unroot_report_free(j.report);
	provider_free(&j.files);
	file_bytes_free(&j.bytes);
	return ok;
}
