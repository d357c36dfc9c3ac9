/* What starts as root on purpose, or cannot do without: explained, never changed. */
#include "fix/rule.h"

static void run(struct rule_context *ctx)
{
	const struct plan *p = ctx->plan;
	const struct facts *f = ctx->facts;
	if (!p->wanted || f->start.verdict != VERDICT_ROOT)
		return;
	const char *advice = f->start.drops
				     ? "A USER would break first starts on fresh volumes. To refuse root outright, run it with --user on a volume "
				       "that this user owns"
				     : "A USER would break it. What helps at run time: --cap-drop=ALL with the few capabilities it needs added "
				       "back, user namespaces (userns-remap), or a rootless engine";
	rule_find(ctx, f->start.ins, UNROOT_DISPLAY, arena_printf(ctx->arena, "%.*s\n  %s", STR_ARG(f->start.why), advice));
}

const struct rule rule_starts_as_root = {"starts-as-root", false, run};
