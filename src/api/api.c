/* The public functions: options in, report out. Everything below works in arenas; running out of memory comes back here. */
#include "unroot/unroot.h"

#include "api/engine_run.h"
#include "api/inspect.h"
#include "api/provider.h"
#include "fix/diff.h"
#include "fix/run.h"
#include "fix/templates.h"
#include "model/consumers.h"

#include <stdio.h>

struct unroot_engine {
	struct allocator allocator;
	struct arena own;     /* options and tables; patterns are compiled into it */
	struct arena work;    /* one round of one document */
	struct arena scratch; /* one instruction */
	struct tables tables;
	struct run_options options;
	struct templates templates;
};

struct unroot_report {
	struct allocator allocator;
	struct arena arena;
	unroot_finding *findings;
	size_t finding_count;
	unroot_file *files;
	size_t file_count;
};

static int fail(unroot_error *error, int code, struct position at, struct str message)
{
	if (error) {
		error->code = code;
		error->line = at.line;
		error->column = at.column;
		snprintf(error->message, sizeof error->message, "%.*s", STR_ARG(message));
	}
	return code;
}

static int fail_plain(unroot_error *error, int code, struct str message)
{
	return fail(error, code, (struct position){0, 0}, message);
}

static int no_memory(unroot_error *error)
{
	return fail_plain(error, UNROOT_ENOMEM, STR("out of memory"));
}

static int too_big(unroot_error *error)
{
	return fail_plain(error, UNROOT_ETOOBIG, STR("the file is larger than 1 GiB"));
}

const char *unroot_version(void)
{
	return UNROOT_VERSION;
}

const char *unroot_rule_id(size_t index)
{
	return index < rules_count ? rules[index]->id : NULL;
}

const char *unroot_rule_page(const char *id)
{
	for (size_t i = 0; i < rule_pages_count; i++)
		if (strcmp(rule_pages[i].path, id) == 0)
			return rule_pages[i].bytes;
	return NULL;
}

static struct str copied(struct arena *a, const char *text)
{
	return text ? arena_str(a, str_of(text)) : (struct str){"", 0};
}

static const unroot_pair *copy_pairs(struct arena *a, const unroot_pair *pairs, size_t *count)
{
	size_t n = 0;
	while (pairs && pairs[n].name)
		n++;
	unroot_pair *copy = ARENA_ARRAY(a, unroot_pair, n + 1);
	for (size_t i = 0; i < n; i++)
		copy[i] = (unroot_pair){copied(a, pairs[i].name).p, copied(a, pairs[i].value).p};
	*count = n;
	return copy;
}

static bool set_rules(bool *enabled, const char *const *names, bool value, struct str *unknown)
{
	for (; names && *names; names++) {
		size_t i = 0;
		while (i < rules_count && strcmp(rules[i]->id, *names) != 0)
			i++;
		if (i == rules_count) {
			*unknown = str_of(*names);
			return false;
		}
		enabled[i] = value;
	}
	return true;
}

static bool choose_rules(unroot_engine *engine, const unroot_options *o, struct str *unknown)
{
	bool *enabled = ARENA_ARRAY(&engine->own, bool, rules_count);
	for (size_t i = 0; i < rules_count; i++)
		enabled[i] = !o->select && !rules[i]->opt_in;
	engine->options.enabled = enabled;
	return set_rules(enabled, o->select, true, unknown) && set_rules(enabled, o->ignore, false, unknown);
}

static bool is_enabled(const unroot_engine *engine, const char *id)
{
	for (size_t i = 0; i < rules_count; i++)
		if (strcmp(rules[i]->id, id) == 0)
			return engine->options.enabled[i];
	return false;
}

static bool read_port_map(unroot_engine *engine, const unroot_pair *pairs, struct str *why)
{
	struct wishes *w = &engine->options.wishes;
	size_t n = 0;
	while (pairs && pairs[n].name)
		n++;
	struct port_wish *map = ARENA_ARRAY(&engine->own, struct port_wish, n);
	for (size_t i = 0; i < n; i++) {
		bool ok = str_to_u32(str_of(pairs[i].name), &map[i].from) && str_to_u32(str_of(pairs[i].value), &map[i].to) &&
			  map[i].from > 0 && map[i].from < 1024 && map[i].to >= 1024 && map[i].to < 65536;
		for (size_t k = 0; k < i; k++)
			ok = ok && map[k].to != map[i].to;
		if (!ok) {
			*why = arena_printf(&engine->own,
					    "%s to %s: a port below 1024 moves to one of its own from 1024 to 65535", pairs[i].name,
					    pairs[i].value);
			return false;
		}
	}
	w->port_map = map;
	w->nport_map = n;
	return true;
}

static int read_options(unroot_engine *engine, const unroot_options *o, unroot_error *error)
{
	struct arena *a = &engine->own;
	struct run_options *r = &engine->options;
	struct str why = STR("");
	size_t ignored;
	r->least = o->least ? o->least : UNROOT_INTERFACE;
	r->target = copied(a, o->target);
	r->all_targets = o->all_targets != 0;
	r->wishes = (struct wishes){.user = copied(a, o->user),
				    .group = copied(a, o->group),
				    .uid = o->uid,
				    .gid = o->gid,
				    .numeric = o->numeric != 0,
				    .early = o->early != 0,
				    .minimal = o->minimal_ownership != 0,
				    .keep_ports = o->keep_ports != 0};
	if ((o->user && !str_is_account_name(r->wishes.user)) || (o->group && !str_is_account_name(r->wishes.group)))
		return fail_plain(error, UNROOT_EINVAL,
				  STR("a user or group name has letters, digits, '_', '.' and '-', begins with a letter or '_', and is at most 31 long"));
	if (!choose_rules(engine, o, &why))
		return fail_plain(error, UNROOT_EINVAL, arena_printf(a, "there is no rule %.*s", STR_ARG(why)));
	if (!read_port_map(engine, o->port_map, &why))
		return fail_plain(error, UNROOT_EINVAL, why);
	const unroot_pair *args = copy_pairs(a, o->build_args, &r->nbuild_args);
	struct build_arg *build_args = ARENA_ARRAY(a, struct build_arg, r->nbuild_args);
	for (size_t i = 0; i < r->nbuild_args; i++)
		build_args[i] = (struct build_arg){str_of(args[i].name), str_of(args[i].value)};
	r->build_args = build_args;
	engine->templates.given = copy_pairs(a, o->templates, &ignored);
	if (!templates_check(&engine->templates, a, &why) ||
	    !tables_read(a, &engine->tables, templates_text, &engine->templates, copied(a, o->images), &why))
		return fail(error, UNROOT_EINVAL, (struct position){engine->tables.faulty_image, 0}, why);
	r->wishes.no_user = !is_enabled(engine, "run-as-root");
	r->wishes.no_chown_copy = !is_enabled(engine, "copy-without-chown");
	r->wishes.no_handover = !is_enabled(engine, "unwritable-path");
	r->wishes.no_ports = !is_enabled(engine, "privileged-port");
	return 0;
}

static void arm(unroot_engine *engine, jmp_buf *place)
{
	arena_arm(&engine->own, place);
	arena_arm(&engine->work, place);
	arena_arm(&engine->scratch, place);
}

/* Memory that runs out in here comes back as UNROOT_ENOMEM. */
static int fill_engine(unroot_engine *engine, const unroot_options *options, unroot_error *error)
{
	jmp_buf place;
	if (setjmp(place))
		return no_memory(error);
	arm(engine, &place);
	return read_options(engine, options, error);
}

int unroot_engine_new(unroot_engine **out, const unroot_options *options, unroot_error *error)
{
	static const unroot_options none;
	struct allocator allocator = allocator_default;
	*out = NULL;
	if (!options)
		options = &none;
	if (options->alloc && options->release)
		allocator = (struct allocator){.ctx = options->alloc_ctx, .alloc = options->alloc, .release = options->release};
	unroot_engine *engine = allocator.alloc(allocator.ctx, sizeof *engine);
	if (!engine)
		return no_memory(error);
	*engine = (unroot_engine){.allocator = allocator};
	arena_init(&engine->own, &engine->allocator, 0);
	arena_init(&engine->work, &engine->allocator, 0);
	arena_init(&engine->scratch, &engine->allocator, 0);
	int code = fill_engine(engine, options, error);
	if (code) {
		unroot_engine_free(engine);
		return code;
	}
	*out = engine;
	return 0;
}

void unroot_engine_free(unroot_engine *engine)
{
	if (!engine)
		return;
	struct allocator allocator = engine->allocator;
	arena_free(&engine->own);
	arena_free(&engine->work);
	arena_free(&engine->scratch);
	allocator.release(allocator.ctx, engine);
}

static void report_findings(unroot_report *report, struct run_result *result, unroot_class least)
{
	struct arena *a = &report->arena;
	report->findings = ARENA_ARRAY(a, unroot_finding, result->finding_count);
	report->finding_count = result->finding_count;
	for (size_t i = 0; i < result->finding_count; i++) {
		const struct run_finding *f = &result->findings[i];
		struct position start = source_position(a, &result->source, f->span.start);
		struct position end = source_position(a, &result->source, f->span.end);
		report->findings[i] = (unroot_finding){
			.rule = f->rule,
			.cls = f->cls,
			.message = f->message,
			.detail = f->detail,
			.follow = f->follow,
			.start = f->span.start,
			.end = f->span.end,
			.line = start.line,
			.column = start.column,
			.end_line = end.line,
			.end_column = end.column,
			.fixable = f->fixable,
			.fixed = f->fixable && f->cls >= least && f->cls != UNROOT_DISPLAY,
			.bundle = f->bundle,
		};
	}
}

static void report_files(unroot_report *report, struct run_result *result)
{
	struct arena *a = &report->arena;
	report->files = ARENA_ARRAY(a, unroot_file, result->files);
	for (uint32_t k = 0; k < 2 * result->files; k++) {
		uint32_t i = k % result->files;
		const struct workspace_file *file = &result->workspace.at[i];
		if (file->consumer != (k >= result->files))
			continue;
		struct edits edits = edits_trim(a, &result->edits[i], file->original);
		if (edits.n == 0)
			continue;
		unroot_edit *copy = ARENA_ARRAY(a, unroot_edit, edits.n);
		for (size_t e = 0; e < edits.n; e++)
			copy[e] = (unroot_edit){edits.at[e].start, edits.at[e].end, edits.at[e].text.p, edits.at[e].text.n};
		report->files[report->file_count++] =
			(unroot_file){arena_str(a, file->path).p, file->original.p, file->original.n, file->current.p,
				      file->current.n,		  copy,		    edits.n};
	}
}

static int no_target(const unroot_engine *engine, struct arena *a, unroot_error *error)
{
	return fail_plain(error, UNROOT_EINVAL, arena_printf(a, "there is no stage %.*s", STR_ARG(engine->options.target)));
}

static int run(unroot_report *report, unroot_engine *engine, const char *name, const char *text, size_t length,
	       const unroot_provider *provider, struct run_options options, unroot_error *error)
{
	struct str bytes = {text, length};
	struct run_memory memory = {&report->arena, &engine->work, &engine->scratch};
	struct run_result *result = ARENA_NEW(&report->arena, struct run_result);
	struct provider p = provider_of(&report->arena, provider);
	run_document(&memory, &engine->tables, &options, name, bytes, provider ? &p : NULL, result);
	switch (result->status) {
	case RUN_SYNTAX: {
		struct position at = source_position(&report->arena, &result->source, result->error.offset);
		return fail(error, UNROOT_ESYNTAX, at, result->error.message);
	}
	case RUN_UNSTABLE: return fail_plain(error, UNROOT_EUNSTABLE, STR("the fixes do not settle; the file is left as it is"));
	case RUN_NO_TARGET: return no_target(engine, &report->arena, error);
	default: break;
	}
	report_findings(report, result, engine->options.least);
	report_files(report, result);
	return 0;
}

static int run_guarded(unroot_report **out, unroot_engine *engine, const char *name, const char *bytes, size_t length,
		       const unroot_provider *provider, struct run_options options, unroot_error *error)
{
	*out = NULL;
	if (length > SOURCE_MAX_BYTES)
		return too_big(error);
	unroot_report *report = engine->allocator.alloc(engine->allocator.ctx, sizeof *report);
	if (!report)
		return no_memory(error);
	*report = (unroot_report){.allocator = engine->allocator};
	/* A report is small where there is nothing to say. */
	arena_init(&report->arena, &report->allocator, 4096);
	jmp_buf place;
	if (setjmp(place)) {
		unroot_report_free(report);
		arena_reset(&engine->work);
		arena_reset(&engine->scratch);
		return no_memory(error);
	}
	arm(engine, &place);
	arena_arm(&report->arena, &place);
	int code = run(report, engine, name, bytes, length, provider, options, error);
	arena_reset(&engine->work);
	arena_reset(&engine->scratch);
	if (code)
		unroot_report_free(report);
	else
		*out = report;
	return code;
}

int unroot_run(unroot_report **out, unroot_engine *engine, const char *name, const char *bytes, size_t length,
	       const unroot_provider *provider, unroot_error *error)
{
	return run_guarded(out, engine, name, bytes, length, provider, engine->options, error);
}

int engine_judge(unroot_report **out, unroot_engine *engine, const char *name, struct str bytes,
		 const unroot_provider *provider, unroot_error *error)
{
	struct run_options options = engine->options;
	options.once = true;
	return run_guarded(out, engine, name, bytes.p, bytes.n, provider, options, error);
}

int engine_fix_one(unroot_report **out, unroot_engine *engine, const char *name, struct str bytes,
		   const unroot_provider *provider, const unroot_finding *only, unroot_error *error)
{
	struct run_options options = engine->options;
	options.least = UNROOT_UNSAFE;
	options.only = only;
	return run_guarded(out, engine, name, bytes.p, bytes.n, provider, options, error);
}

static int inspect(unroot_engine *engine, const char *name, struct str bytes, const unroot_provider *provider,
		   inspect_visit *visit, void *ctx, unroot_error *error)
{
	struct arena *a = &engine->work;
	const struct run_options *o = &engine->options;
	struct provider p = provider_of(a, provider);
	struct document doc;
	struct workspace workspace;
	struct stages stages;
	VEC(const struct plan *) plans = {0};
	document_parse(a, &doc, name, bytes);
	if (doc.error.message.n)
		return fail(error, UNROOT_ESYNTAX, source_position(a, &doc.source, doc.error.offset), doc.error.message);
	workspace_init(&workspace, a, provider ? &p : NULL, str_of(name), bytes);
	stages_read_built(a, &engine->scratch, &doc, &workspace, o->build_args, o->nbuild_args, &stages);
	uint32_t target = stages_target(&stages, o->target);
	if (target == STAGE_NONE)
		return no_target(engine, a, error);
	for (uint32_t i = 0; i < stages.n; i++) {
		bool unused = stages.at[i].children == 0 && !stages.at[i].copied_from;
		if (o->all_targets ? !unused : i != target)
			continue;
		*VEC_PUSH(a, plans) =
			plan_target(a, &engine->scratch, &doc, &workspace, &engine->tables, &stages, i, &o->wishes);
	}
	visit(ctx, plans.at, plans.n);
	return 0;
}

int engine_inspect(unroot_engine *engine, const char *name, struct str bytes, const unroot_provider *provider,
		   inspect_visit *visit, void *ctx, unroot_error *error)
{
	jmp_buf place;
	int code;
	if (bytes.n > SOURCE_MAX_BYTES)
		return too_big(error);
	if (setjmp(place)) {
		code = no_memory(error);
	} else {
		arm(engine, &place);
		code = inspect(engine, name, bytes, provider, visit, ctx, error);
	}
	arena_reset(&engine->work);
	arena_reset(&engine->scratch);
	return code;
}

void unroot_report_free(unroot_report *report)
{
	if (!report)
		return;
	struct allocator allocator = report->allocator;
	arena_free(&report->arena);
	allocator.release(allocator.ctx, report);
}

const unroot_finding *unroot_findings(const unroot_report *report, size_t *count)
{
	*count = report->finding_count;
	return report->findings;
}

const unroot_file *unroot_files(const unroot_report *report, size_t *count)
{
	*count = report->file_count;
	return report->files;
}

static const char *diff_of(struct arena *a, const unroot_file *file, const char *path, size_t *length)
{
	struct edits edits = {0};
	struct buf out = buf_new(a);
	for (size_t i = 0; i < file->edit_count; i++) {
		const unroot_edit *e = &file->edits[i];
		*VEC_PUSH(a, edits) = (struct edit){0, (uint32_t)e->start, (uint32_t)e->end, 0, {e->text, e->length}};
	}
	diff_text(&out, str_of(path), (struct str){file->original, file->original_length}, &edits);
	*length = out.n;
	buf_char(&out, '\0');
	return out.p;
}

const char *unroot_diff(unroot_report *report, const unroot_file *file, const char *path, size_t *length)
{
	jmp_buf place;
	if (setjmp(place))
		return NULL;
	arena_arm(&report->arena, &place);
	return diff_of(&report->arena, file, path, length);
}
