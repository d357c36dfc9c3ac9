/* /root has mode 0700: what the app uses there moves to its own home. */
#include "fix/rule.h"

static void set_variables(struct rule_context *ctx, const struct tool_home *tool)
{
	struct finding *finding =
		rule_find_part(ctx, tool->ins,
			       arena_printf(ctx->arena, "%.*s leaves in /root what the user looks for: %.*s",
					    STR_ARG(tool->tool), STR_ARG(tool->variables)));
	finding->detail = tool->directory;
	style_insert_above(ctx->style, &finding->edits, tool->ins,
			   arena_printf(ctx->arena, "%.*s%.*s", STR_ARG(style_keyword(ctx->style, KW_ENV)),
					STR_ARG(tool->variables)));
	if (tool->make)
		style_insert_above(ctx->style, &finding->edits, tool->ins,
				   arena_printf(ctx->arena, "%.*smkdir -p %.*s",
						STR_ARG(style_keyword(ctx->style, KW_RUN)), STR_ARG(tool->directory)));
}

static void run(struct rule_context *ctx)
{
	const struct plan *p = ctx->plan;
	const struct document *doc = ctx->facts->doc;
	for (size_t i = 0; p->wanted && !p->explained && i < p->tools.n; i++)
		set_variables(ctx, &p->tools.at[i]);
	for (size_t i = 0; p->wanted && !p->explained && i < p->moves.n; i++) {
		const struct text_edit *move = &p->moves.at[i];
		size_t ins = document_instruction_at(doc, move->span.start);
		if (ins == STR_NONE)
			continue;
		struct finding *finding =
			rule_find_part(ctx, (uint32_t)ins,
				       arena_printf(ctx->arena, "/root can be entered by root alone: %.*s in its place",
						    STR_ARG(move->text)));
		finding->detail = move->text;
		*VEC_PUSH(ctx->arena, finding->edits) =
			(struct edit){0, move->span.start, move->span.end, 0, move->text};
	}
}

const struct rule rule_home_in_root = {"home-in-root", false, run};
