#include "fix/run.h"

#include "fix/choose.h"
#include "fix/generated.h"
#include "fix/limit.h"
#include "fix/pragma.h"
#include "model/consumers.h"

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
	stages_read_built(m->work, m->scratch, doc, workspace, options->build_args, options->nbuild_args,
			  &stages);
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
	generated_apply(m->work, doc, findings);
	pragma_apply(m->work, doc, findings);
	limit_apply(m->work, m->scratch, doc, findings);
	arena_reset(m->scratch);
	return true;
}

/* A copy that lasts; many findings follow each other with the same text, which is copied once. */
struct kept {
	struct str text, copy;
};

static struct str keep(struct arena *a, struct kept *last, struct str text)
{
	if (text.p != last->text.p || text.n != last->text.n)
		*last = (struct kept){text, arena_str(a, text)};
	return last->copy;
}

/* From here on the edits need nothing of the round. */
static void keep_texts(struct arena *a, struct edits *edits)
{
	struct kept text = {{"", 0}, {"", 0}};
	for (size_t i = 0; i < edits->n; i++)
		edits->at[i].text = keep(a, &text, edits->at[i].text);
}

/* The edits of one file; they stand together. */
static struct edits of_file(const struct edits *all, uint32_t file)
{
	size_t first = 0, last;
	while (first < all->n && all->at[first].file != file)
		first++;
	for (last = first; last < all->n && all->at[last].file == file; last++)
		;
	return (struct edits){all->at + first, last - first, last - first};
}

static int by_place(const void *left, const void *right)
{
	const struct run_finding *a = left, *b = right;
	if (a->span.start != b->span.start)
		return a->span.start < b->span.start ? -1 : 1;
	return strcmp(a->rule, b->rule);
}

/* What the report keeps of the first round. */
static void keep_findings(struct arena *a, struct run_result *result, const struct findings *findings, const struct bundles *bundles)
{
	struct kept message = {{"", 0}, {"", 0}}, detail = message, follow = message;
	result->findings = ARENA_ARRAY(a, struct run_finding, findings->n);
	for (size_t i = 0; i < findings->n; i++) {
		const struct finding *f = &findings->at[i];
		if (f->ignored)
			continue;
		result->findings[result->finding_count++] = (struct run_finding){
			.rule = f->rule,
			.message = keep(a, &message, f->message).p,
			.detail = keep(a, &detail, f->detail).p,
			.follow = keep(a, &follow, f->follow).p,
			.span = f->span,
			.cls = f->cls,
			.bundle = f->bundle & 0x7fffffff,
			.fixable = bundles_fixable(bundles, f),
		};
	}
	if (result->finding_count)
		qsort(result->findings, result->finding_count, sizeof *result->findings, by_place);
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
		struct edits round = of_file(accepted, i);
		if (round.n == 0)
			continue;
		w->at[i].current = edits_apply(m->keep, &round, i, w->at[i].current);
		result->edits[i] = result->edits[i].n ? edits_compose(m->keep, &result->edits[i], &round) : round;
	}
}

static bool is_finding(const struct finding *f, const unroot_finding *wanted)
{
	return f->span.start == wanted->start && f->span.end == wanted->end && strcmp(f->rule, wanted->rule) == 0 &&
	       str_eq(f->message, str_of(wanted->message));
}

/* All findings but one and its bundle are as if a comment had switched them off; all when it is not there or NULL. */
static void leave_only(struct findings *findings, const unroot_finding *wanted)
{
	const struct finding *left = NULL;
	for (size_t i = 0; wanted && i < findings->n && !left; i++)
		if (!findings->at[i].ignored && is_finding(&findings->at[i], wanted))
			left = &findings->at[i];
	for (size_t i = 0; i < findings->n; i++) {
		struct finding *f = &findings->at[i];
		f->ignored |= !left || (f != left && (f->bundle == 0 || f->bundle != left->bundle));
	}
}

static bool reaches_further(const struct finding *f)
{
	for (size_t i = 0; i < f->edits.n; i++)
		if (f->edits.at[i].file != 0)
			return true;
	return false;
}

/* Takes the fixes away that other files belong to, a bundle's all together. */
static void drop_other_files(struct arena *a, struct findings *findings)
{
	bool *further = ARENA_ARRAY(a, bool, (size_t)findings_last_bundle(findings) + 1);
	for (size_t i = 0; i < findings->n; i++)
		further[findings->at[i].bundle] |= findings->at[i].bundle && reaches_further(&findings->at[i]);
	for (size_t i = 0; i < findings->n; i++)
		if (further[findings->at[i].bundle] || reaches_further(&findings->at[i]))
			findings->at[i].edits.n = 0;
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
		result->workspace.consumers = NULL;
		result->workspace.stage_lookups = 0;
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
		if (options->only)
			leave_only(&findings, round == 0 ? options->only : NULL);
		if (provider && provider->only_dockerfile)
			drop_other_files(m->work, &findings);
		struct bundles bundles = bundles_of(m->work, &findings);
		struct edits accepted = choose_edits(m->keep, m->scratch, &findings, &bundles, options->least);
		arena_reset(m->scratch);
		if (round == 0)
			keep_findings(m->keep, result, &findings, &bundles);
		if (accepted.n == 0) {
			result->status = RUN_DONE;
			arena_reset(m->work);
			return;
		}
		keep_texts(m->keep, &accepted);
		arena_reset(m->work);
		apply_round(m, result, &accepted);
		if (options->once) {
			result->status = RUN_DONE;
			return;
		}
	}
}
