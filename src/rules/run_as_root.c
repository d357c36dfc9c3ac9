/* The target stage ends as root: it gets an account, and USER above what it starts. */
#include "fix/rule.h"

static const char *administrator(const struct facts *f)
{
	return f->family == FAMILY_WINDOWS ? "ContainerAdministrator" : "root";
}

static void run(struct rule_context *ctx)
{
	const struct plan *p = ctx->plan;
	struct facts *f = ctx->facts;
	const struct user *user = facts_user(f);
	if (!p->wanted || p->move_user != INS_NONE || f->start.verdict == VERDICT_ROOT)
		return;
	if (p->explained) {
		rule_find(ctx, INS_NONE, UNROOT_DISPLAY,
			  arena_printf(ctx->arena, "the container %s as %s, and that is left as it is:%.*s",
				       user->kind == USER_UNKNOWN ? "may run" : "runs", administrator(f), STR_ARG(rule_reasons(ctx))));
		return;
	}
	struct str message = user->kind == USER_UNKNOWN ? STR("the container may run as root")
			     : user->ins != INS_NONE	? STR("the container runs as root (USER says so)")
							: STR("the container runs as root");
	struct finding *finding = rule_find_part(
		ctx, user->ins != INS_NONE && user->kind == USER_ROOT ? user->ins : f->start.ins, arena_printf(ctx->arena, "%.*s; %.*s: USER %.*s%s%.*s", STR_ARG(message), STR_ARG(p->owner.why),
						STR_ARG(p->owner.user), p->cls < UNROOT_INTERFACE ? "; not sure because" : "",
						STR_ARG(rule_reasons(ctx))));
	finding->follow = p->follow;
	rule_add_user(ctx, finding);
}

const struct rule rule_run_as_root = {"run-as-root", false, run};
