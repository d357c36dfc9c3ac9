/* What starts as root on purpose, or cannot do without: explained, never changed. */
#include "fix/rule.h"

static void run(struct rule_context *ctx)
{
	const struct plan *p = ctx->plan;
	const struct start *start = &ctx->facts->start;
	if (!p->wanted || start->verdict != VERDICT_ROOT)
		return;
	struct str instead = start->instead.n ? start->instead
					      : STR("A USER would break it. What helps: --cap-drop=ALL with the few capabilities it needs added "
						    "back, user namespaces (userns-remap), or a rootless engine");
	rule_find(ctx, start->ins, UNROOT_DISPLAY, arena_printf(ctx->arena, "%.*s\n  %.*s", STR_ARG(start->why), STR_ARG(instead)));
}

const struct rule rule_starts_as_root = {"starts-as-root", false, run};
