/* A package manager below USER: the image does not build. */
#include "fix/rule.h"

static struct str user_line(struct rule_context *ctx, struct str user)
{
	return arena_printf(ctx->arena, "%.*s%.*s", STR_ARG(style_keyword(ctx->style, KW_USER)), STR_ARG(user));
}

/* The file says that the base is root's, the table that it is not: USER root holds in either case. */
static void default_user(struct rule_context *ctx)
{
	const struct user *doubted = &ctx->facts->doubted;
	if (!ctx->plan->wanted || ctx->plan->explained || doubted->ins == INS_NONE ||
	    doubted->ins < ctx->facts->stages->at[ctx->facts->target].from)
		return;
	struct finding *finding = rule_find_part(
		ctx, doubted->ins, arena_printf(ctx->arena, "it needs root, and the base may run as %.*s", STR_ARG(doubted->text)));
	style_insert_above(ctx->style, &finding->edits, doubted->ins, user_line(ctx, STR("root")));
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
		rule_add_user(ctx, finding);
		return;
	}
	default_user(ctx);
	for (size_t i = 0; i < p->brackets.n; i++) {
		const struct bracket *b = &p->brackets.at[i];
		struct finding *finding = rule_find(ctx, b->first, b->cls,
						    arena_printf(ctx->arena, "it needs root, and runs as %.*s%s%.*s", STR_ARG(b->user),
								 b->why.n ? "; not sure because\n  " : "", STR_ARG(b->why)));
		style_insert_above(ctx->style, &finding->edits, b->first, user_line(ctx, STR("root")));
		style_insert_below(ctx->style, &finding->edits, b->last, user_line(ctx, b->user));
	}
}

const struct rule rule_root_step_after_user = {"root-step-after-user", false, run};
