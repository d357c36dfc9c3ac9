/* A package manager below USER: the image does not build. */
#include "fix/rule.h"

static struct str user_line(struct rule_context *ctx, struct str user)
{
	return arena_printf(ctx->arena, "%.*s%.*s", STR_ARG(style_keyword(ctx->style, KW_USER)), STR_ARG(user));
}

static void run(struct rule_context *ctx)
{
	const struct plan *p = ctx->plan;
	if (p->move_user != INS_NONE) {
		struct finding *finding = rule_find_part(
			ctx, p->move_user, arena_printf(ctx->arena, "steps below need root, and USER %.*s stands above them%.*s", STR_ARG(ctx->facts->moved.text),
						   STR_ARG(rule_reasons(ctx))));
		finding->follow = p->follow;
		style_remove_whole(ctx->style, &finding->edits, p->move_user);
		rule_add_user(ctx, &finding->edits);
		return;
	}
	for (size_t i = 0; i < p->brackets.n; i++) {
		const struct bracket *b = &p->brackets.at[i];
		struct finding *finding = rule_find(
			ctx, b->first, UNROOT_SAFE, arena_printf(ctx->arena, "it needs root, and runs as %.*s", STR_ARG(b->user)));
		style_insert_above(ctx->style, &finding->edits, b->first, user_line(ctx, STR("root")));
		style_insert_below(ctx->style, &finding->edits, b->last, user_line(ctx, b->user));
	}
}

const struct rule rule_root_step_after_user = {"root-step-after-user", false, run};
