/* COPY and ADD give files to root, whatever USER says. */
#include "fix/rule.h"

static void run(struct rule_context *ctx)
{
	const struct plan *p = ctx->plan;
	if (!p->wanted || p->explained)
		return;
	struct str dest = STR(""), message = STR("");
	struct str by_name = style_chown(ctx->style, p->owner.chown),
		   by_number = style_chown(ctx->style, p->owner.numeric);
	for (size_t i = 0; i < p->chown_copies.n; i++) {
		const struct copy *copy = &ctx->facts->copies.at[p->chown_copies.at[i]];
		if (i == 0 || !str_eq(copy->dest, dest))
			message =
				arena_printf(ctx->arena, "what is copied to %.*s belongs to root", STR_ARG(copy->dest));
		dest = copy->dest;
		struct finding *finding = rule_find_part(ctx, copy->ins, message);
		/* With --link names cannot be looked up: numbers (BuildKit issue 2987). */
		style_insert_flag(ctx->style, &finding->edits, copy->ins, copy->link ? by_number : by_name);
	}
}

const struct rule rule_copy_without_chown = {"copy-without-chown", false, run};
