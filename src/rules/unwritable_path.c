/* Directories that the app writes are handed over in the layer that makes them. */
#include "fix/rule.h"

static uint32_t end_of_run(struct rule_context *ctx, uint32_t ins)
{
	for (size_t i = 0; i < ctx->facts->runs.n; i++)
		if (ctx->facts->runs.at[i].ins == ins)
			return ctx->facts->runs.at[i].end;
	return ctx->facts->doc->instructions.at[ins].text_end;
}

/* Everything that goes to one place becomes one text. */
static bool first_of_place(const struct plan *p, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (p->handovers.at[i].how == p->handovers.at[index].how && p->handovers.at[i].ins == p->handovers.at[index].ins)
			return false;
	return true;
}

static void place(struct rule_context *ctx, size_t index, struct edits *e)
{
	const struct plan *p = ctx->plan;
	const struct handover *first = &p->handovers.at[index];
	struct commands commands = {0};
	for (size_t i = index; i < p->handovers.n; i++)
		if (p->handovers.at[i].how == first->how && p->handovers.at[i].ins == first->ins)
			handover_add(ctx->arena, p, &p->handovers.at[i], &commands);
	if (first->how == HAND_APPEND) {
		for (size_t i = 0; i < commands.n; i++)
			style_append_command(ctx->style, e, first->ins, end_of_run(ctx, first->ins), commands.at[i]);
		return;
	}
	style_insert_at(ctx->style, e, first->ins, style_run(ctx->style, commands.at, (uint32_t)commands.n));
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
