/* Directories that the app writes are handed over in the layer that makes them. */
#include "fix/rule.h"

static uint32_t end_of_run(struct rule_context *ctx, uint32_t ins)
{
	const struct run *run = facts_run_at(ctx->facts, ins);
	return run ? run->end : ctx->facts->doc->instructions.at[ins].text_end;
}

static bool same_place(const struct handover *a, const struct handover *b)
{
	return a->how == b->how && a->ins == b->ins;
}

/* Everything that goes to one place becomes one text. */
static bool first_of_place(const struct plan *p, size_t index)
{
	return index == 0 || !same_place(&p->handovers.at[index - 1], &p->handovers.at[index]);
}

static void place(struct rule_context *ctx, size_t index, struct edits *e)
{
	const struct plan *p = ctx->plan;
	const struct handover *first = &p->handovers.at[index];
	struct commands commands = {0};
	bool make = false;
	for (size_t i = index; i < p->handovers.n && same_place(first, &p->handovers.at[i]); i++) {
		make |= p->handovers.at[i].make && !p->handovers.at[i].bare;
		handover_add(ctx->arena, p, &p->handovers.at[i], &commands);
	}
	if (first->how == HAND_APPEND) {
		for (size_t i = 0; i < commands.n; i++)
			style_append_command(ctx->style, e, first->ins, end_of_run(ctx, first->ins), commands.at[i]);
		return;
	}
	struct str text = style_run(ctx->style, first->ins, commands.at, (uint32_t)commands.n);
	if (make)
		style_insert_at(ctx->style, e, first->ins, text); /* above VOLUME */
	else
		style_insert_below(ctx->style, e, first->ins - 1, text); /* it belongs to the step that made the directory */
}

static void run(struct rule_context *ctx)
{
	const struct plan *p = ctx->plan;
	if (!p->wanted || p->explained)
		return;
	for (size_t i = 0; i < p->handovers.n; i++) {
		const struct handover *h = &p->handovers.at[i];
		struct finding *finding =
			rule_find_part(ctx, h->how == HAND_APPEND ? h->ins : h->ins - 1, arena_printf(ctx->arena, "%.*s belongs to root, and the app may have to write there", STR_ARG(h->path)));
		finding->detail = h->path;
		if (h->how != HAND_WITH_ACCOUNT && first_of_place(p, i))
			place(ctx, i, &finding->edits);
	}
}

const struct rule rule_unwritable_path = {"unwritable-path", false, run};
