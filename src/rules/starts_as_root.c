/* What starts as root on purpose, or cannot do without: explained, never changed. */
#include "fix/rule.h"

static void run(struct rule_context *ctx)
{
	const struct plan *p = ctx->plan;
	const struct facts *f = ctx->facts;
	if (!p->wanted || f->start.verdict != VERDICT_ROOT)
		return;
	rule_find(ctx, f->start.ins, UNROOT_DISPLAY,
		  arena_printf(ctx->arena,
			       "%.*s\n  A USER would break it. At run time: --user where the program allows it, --cap-drop=ALL with the few "
			       "capabilities it needs, user namespaces (userns-remap) or a rootless engine",
			       STR_ARG(f->start.why)));
}

const struct rule rule_starts_as_root = {"starts-as-root", false, run};
