/* The file switches to a user, then back to root and stays there. The fix is run-as-root's: its owner is that user. */
#include "fix/rule.h"

static void run(struct rule_context *ctx)
{
	const struct plan *p = ctx->plan;
	const struct facts *f = ctx->facts;
	const struct user *last = facts_user(f);
	bool other = false;
	for (size_t i = 0; i + 1 < f->users.n; i++)
		other |= f->users.at[i].kind == USER_OTHER;
	if (!p->wanted || p->explained || !other || last->ins == INS_NONE)
		return;
	rule_find_part(ctx, last->ins, arena_printf(ctx->arena, "USER %.*s is never switched back to %.*s", STR_ARG(last->text), STR_ARG(p->owner.user)));
}

const struct rule rule_root_user_last = {"root-user-last", false, run};
