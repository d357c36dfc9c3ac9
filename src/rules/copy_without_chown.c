/* COPY and ADD give files to root, whatever USER says. */
#include "fix/rule.h"

static void run(struct rule_context *ctx)
{
	const struct plan *p = ctx->plan;
	if (!p->wanted || p->explained)
		return;
	for (size_t i = 0; i < p->chown_copies.n; i++) {
		const struct copy *copy = &ctx->facts->copies.at[p->chown_copies.at[i]];
		uint32_t ins = copy->ins;
		/* With --link names cannot be looked up: numbers (BuildKit issue 2987). */
		struct str owner = copy->link ? p->owner.numeric : p->owner.chown;
		struct finding *finding = rule_find_part(
			ctx, ins, arena_printf(ctx->arena, "what is copied to %.*s belongs to root", STR_ARG(copy->dest)));
		style_insert_flag(ctx->style, &finding->edits, ins, arena_printf(ctx->arena, "--chown=%.*s", STR_ARG(owner)));
	}
}

const struct rule rule_copy_without_chown = {"copy-without-chown", false, run};
