#include "fix/rule.h"

#include "base/buf.h"

struct finding *rule_find(struct rule_context *ctx, uint32_t ins, unroot_class cls, struct str message)
{
	const struct facts *f = ctx->facts;
	struct finding *finding = VEC_PUSH(ctx->arena, *ctx->findings);
	if (ins == INS_NONE)
		ins = f->stages->at[f->target].from;
	const struct instruction *instruction = &f->doc->instructions.at[ins];
	*finding = (struct finding){.rule = ctx->rule,
				    .cls = cls,
				    .span = {instruction->start, instruction->text_end},
				    .scope = f->doc->instructions.at[f->stages->at[f->target].from].start,
				    .message = message};
	return finding;
}

struct finding *rule_find_part(struct rule_context *ctx, uint32_t ins, struct str message)
{
	struct finding *finding = rule_find(ctx, ins, ctx->plan->cls, message);
	finding->bundle = ctx->facts->target + 1;
	return finding;
}

struct str rule_reasons(struct rule_context *ctx)
{
	struct buf b = buf_new(ctx->arena);
	for (size_t i = 0; i < ctx->plan->reasons.n; i++) {
		const struct reason *reason = &ctx->plan->reasons.at[i];
		buf_add(&b, STR("\n  "));
		if (reason->ins != INS_NONE)
			buf_printf(&b, "line %u: ", ctx->facts->doc->instructions.at[reason->ins].line);
		buf_add(&b, reason->text);
	}
	return buf_str(&b);
}
