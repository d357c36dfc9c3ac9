/* Ports below 1024, which only root may bind everywhere: all places that name one move together. */
#include "fix/rule.h"

static void run(struct rule_context *ctx)
{
	const struct plan *p = ctx->plan;
	if (!p->wanted || p->explained)
		return;
	for (size_t i = 0; i < p->stuck.n; i++)
		rule_find(ctx, p->stuck.at[i].ins, UNROOT_DISPLAY,
			  arena_printf(ctx->arena, "port %u is below 1024, and stays: what binds it is not known here, or cannot be edited",
				       p->stuck.at[i].port));
	for (size_t i = 0; i < p->ports.n; i++) {
		const struct port_change *change = &p->ports.at[i];
		size_t first = change->edits.n && change->edits.at[0].file == 0
				       ? document_instruction_at(ctx->facts->doc, change->edits.at[0].span.start)
				       : STR_NONE;
		uint32_t ins = change->ins == INS_NONE && first != STR_NONE ? (uint32_t)first : change->ins;
		struct finding *finding =
			rule_find_part(ctx, ins, arena_printf(ctx->arena, "port %u is below 1024: %u in its place", change->from, change->to));
		finding->detail = arena_printf(ctx->arena, "%u → %u", change->from, change->to);
		finding->follow = arena_printf(ctx->arena, "publish with -p %u:%u", change->from, change->to);
		for (size_t e = 0; e < change->edits.n; e++)
			*VEC_PUSH(ctx->arena, finding->edits) =
				(struct edit){.file = change->edits.at[e].file,
					      .start = change->edits.at[e].span.start,
					      .end = change->edits.at[e].span.end,
					      .text = change->edits.at[e].text};
	}
}

const struct rule rule_privileged_port = {"privileged-port", false, run};
