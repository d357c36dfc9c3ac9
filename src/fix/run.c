#include "fix/run.h"

#include "fix/pragma.h"

#include <stdlib.h>

enum { MAX_ROUNDS = 10 };

static void run_rules(struct run_memory *m, struct facts *f, const struct plan *plan, const struct file_style *style,
		      const struct run_options *options, struct findings *findings)
{
	struct rule_context ctx = {.arena = m->work, .facts = f, .plan = plan, .style = style, .findings = findings};
	for (size_t i = 0; i < rules_count; i++) {
		if (!options->enabled[i])
			continue;
		ctx.rule = rules[i]->id;
		rules[i]->run(&ctx);
	}
}

static void analyse_target(struct run_memory *m, const struct tables *tables, const struct run_options *options,
			   const struct document *doc, struct workspace *workspace, struct stages *stages, uint32_t target,
			   const struct file_style *style, struct findings *findings)
{
	const struct plan *plan = plan_target(m->work, m->scratch, doc, workspace, tables, stages, target, &options->wishes);
	run_rules(m, plan->f, plan, style, options, findings);
	arena_reset(m->scratch);
}

/* Findings of one round; false when there is no such target. */
static bool analyse(struct run_memory *m, const struct tables *tables, const struct run_options *options,
		    const struct document *doc, struct workspace *workspace, struct findings *findings)
{
	struct stages stages;
	struct file_style style;
	stages_read(m->work, doc, options->build_args, options->nbuild_args, &stages);
	style_read(&style, m->work, doc);
	uint32_t target = stages_target(&stages, options->target);
	if (target == STAGE_NONE)
		return false;
	if (!options->all_targets) {
		analyse_target(m, tables, options, doc, workspace, &stages, target, &style, findings);
	} else {
		for (uint32_t i = 0; i < stages.n; i++)
			if (stages.at[i].children == 0 && !stages.at[i].copied_from)
				analyse_target(m, tables, options, doc, workspace, &stages, i, &style, findings);
	}
	pragma_apply(doc, findings);
	return true;
}

static bool conflicts(const struct edits *accepted, const struct edit *edit)
{
	for (size_t i = 0; i < accepted->n; i++)
		if (edit_conflicts(&accepted->at[i], edit))
			return true;
	return false;
}

/* Two targets may ask for the same change in the stage that they share. */
static bool repeats(const struct edits *accepted, const struct edit *edit)
{
	for (size_t i = 0; i < accepted->n; i++) {
		const struct edit *other = &accepted->at[i];
		if (other->file == edit->file && other->start == edit->start && other->end == edit->end && str_eq(other->text, edit->text))
			return true;
	}
	return false;
}

static bool wanted(const struct finding *f, const struct run_options *options)
{
	return !f->ignored && f->cls != UNROOT_DISPLAY && f->cls >= options->least;
}

static bool has_edits(const struct findings *findings, const struct finding *f)
{
	for (size_t i = 0; f->bundle && i < findings->n; i++)
		if (findings->at[i].bundle == f->bundle && findings->at[i].edits.n)
			return true;
	return f->edits.n > 0;
}

/* Takes the edits of a finding, or of its whole bundle: all of them, or none when one conflicts with what was taken before. */
static void take(struct arena *a, struct findings *findings, size_t index, const struct run_options *options, struct edits *accepted,
		 bool *taken)
{
	uint32_t bundle = findings->at[index].bundle;
	size_t before = accepted->n;
	struct edits others = {accepted->at, before, accepted->cap};
	for (size_t i = index; i < findings->n; i++) {
		const struct finding *f = &findings->at[i];
		if (i != index && (bundle == 0 || f->bundle != bundle))
			continue;
		taken[i] = true;
		if (!wanted(f, options))
			continue;
		for (size_t e = 0; e < f->edits.n; e++) {
			if (repeats(&others, &f->edits.at[e]))
				continue;
			if (conflicts(&others, &f->edits.at[e])) {
				accepted->n = before;
				return;
			}
			*VEC_PUSH(a, *accepted) = f->edits.at[e];
			others.at = accepted->at;
		}
	}
}

/* Members of a bundle may ask for the same replacement. */
static void drop_repeated(struct edits *e)
{
	size_t kept = 0;
	for (size_t i = 0; i < e->n; i++) {
		const struct edit *last = kept ? &e->at[kept - 1] : NULL, *edit = &e->at[i];
		bool repeated = last && edit->start < edit->end && last->file == edit->file && last->start == edit->start &&
				last->end == edit->end && str_eq(last->text, edit->text);
		if (!repeated)
			e->at[kept++] = *edit;
	}
	e->n = kept;
}

static struct edits choose(struct run_memory *m, struct findings *findings, const struct run_options *options)
{
	struct edits accepted = {0};
	bool *taken = ARENA_ARRAY(m->work, bool, findings->n);
	for (size_t i = 0; i < findings->n; i++)
		if (!taken[i] && wanted(&findings->at[i], options))
			take(m->work, findings, i, options, &accepted, taken);
	edits_sort(m->work, &accepted);
	drop_repeated(&accepted);
	return accepted;
}

static struct edits of_file(struct arena *a, const struct edits *all, uint32_t file)
{
	struct edits e = {0};
	for (size_t i = 0; i < all->n; i++)
		if (all->at[i].file == file) {
			struct edit *copy = VEC_PUSH(a, e);
			*copy = all->at[i];
			copy->text = arena_str(a, copy->text);
		}
	return e;
}

static int by_place(const void *left, const void *right)
{
	const struct finding *a = left, *b = right;
	if (a->span.start != b->span.start)
		return a->span.start < b->span.start ? -1 : 1;
	return strcmp(a->rule, b->rule);
}

/* What the report keeps of the first round. */
static void keep_findings(struct arena *a, struct findings *result, const struct findings *findings)
{
	for (size_t i = 0; i < findings->n; i++) {
		struct finding f = findings->at[i];
		if (f.ignored)
			continue;
		f.message = arena_str(a, f.message);
		f.detail = arena_str(a, f.detail);
		f.follow = arena_str(a, f.follow);
		f.fixable = has_edits(findings, &findings->at[i]);
		*VEC_PUSH(a, *result) = f;
	}
	if (result->n)
		qsort(result->at, result->n, sizeof *result->at, by_place);
}

static void apply_round(struct run_memory *m, struct run_result *result, const struct edits *accepted)
{
	struct workspace *w = &result->workspace;
	if (result->files < w->n) {
		struct edits *more = ARENA_ARRAY(m->keep, struct edits, w->n);
		if (result->files)
			memcpy(more, result->edits, result->files * sizeof *more);
		result->edits = more;
		result->files = w->n;
	}
	for (uint32_t i = 0; i < w->n; i++) {
		struct edits round = of_file(m->keep, accepted, i);
		if (round.n == 0)
			continue;
		w->at[i].current = edits_apply(m->keep, &round, i, w->at[i].current);
		result->edits[i] = result->edits[i].n ? edits_compose(m->keep, &result->edits[i], &round) : round;
	}
}

void run_document(struct run_memory *m, const struct tables *tables, const struct run_options *options, const char *name,
		  struct str bytes, const struct provider *provider, struct run_result *result)
{
	*result = (struct run_result){.status = RUN_UNSTABLE};
	source_init(&result->source, name, bytes);
	workspace_init(&result->workspace, m->keep, provider, str_of(name), bytes);
	for (int round = 0; round < MAX_ROUNDS; round++) {
		struct document doc;
		struct findings findings = {0};
		document_parse(m->work, &doc, name, result->workspace.at[0].current);
		if (doc.error.message.n) {
			result->status = round ? RUN_UNSTABLE : RUN_SYNTAX;
			result->error = doc.error;
			result->error.message = arena_str(m->keep, doc.error.message);
			arena_reset(m->work);
			return;
		}
		if (!analyse(m, tables, options, &doc, &result->workspace, &findings)) {
			result->status = RUN_NO_TARGET;
			return;
		}
		if (round == 0)
			keep_findings(m->keep, &result->findings, &findings);
		struct edits accepted = choose(m, &findings, options);
		if (accepted.n == 0) {
			result->status = RUN_DONE;
			arena_reset(m->work);
			return;
		}
		apply_round(m, result, &accepted);
		arena_reset(m->work);
	}
}
