/* The edits that every way to a USER has in common: the account's step, and USER itself. */
#include "fix/rule.h"

/* Whether the step belongs to the instruction above it, whose directory it hands over. */
static bool follows(const struct plan *p, uint32_t at)
{
	for (size_t i = 0; i < p->handovers.n; i++)
		if (p->handovers.at[i].how == HAND_WITH_ACCOUNT && p->handovers.at[i].ins == at && !p->handovers.at[i].make)
			return true;
	return false;
}

/* Above `at`; where USER goes below the instruction before that one, right above USER. */
static void insert(struct rule_context *ctx, struct edits *e, uint32_t at, struct str text)
{
	const struct plan *p = ctx->plan;
	if ((p->user_after != INS_NONE && at == p->user_after + 1) || follows(p, at))
		style_insert_below(ctx->style, e, at - 1, text);
	else
		style_insert_at(ctx->style, e, at, text);
}

static uint32_t stage_of(const struct facts *f, uint32_t ins)
{
	uint32_t i = 0;
	while (i + 1 < f->nchain && f->stages->at[f->chain[i]].end < ins)
		i++;
	return f->chain[i];
}

static void claim(struct rule_context *ctx, struct finding *finding, uint32_t at, struct str step)
{
	const struct facts *f = ctx->facts;
	struct account_claim *claim = ARENA_NEW(ctx->arena, struct account_claim);
	*claim = (struct account_claim){stage_of(f, at), f->chain, f->nchain, step, at};
	finding->account = claim;
}

static void add_account(struct rule_context *ctx, struct finding *finding)
{
	const struct plan *p = ctx->plan;
	struct edits *e = &finding->edits;
	struct commands commands = {0};
	uint32_t at = p->account_at != INS_NONE ? p->account_at : p->user_before != INS_NONE ? p->user_before : p->user_replace;
	if (p->owner.kind == OWNER_NEW)
		account_commands(ctx->arena, ctx->facts->tables, p, &commands);
	for (size_t i = 0; i < p->ports.n; i++)
		for (size_t c = 0; c < p->ports.at[i].commands.n; c++)
			*VEC_PUSH(ctx->arena, commands) = p->ports.at[i].commands.at[c];
	for (size_t i = 0; i < p->setup.n; i++)
		*VEC_PUSH(ctx->arena, commands) = p->setup.at[i];
	for (size_t i = 0; i < p->handovers.n; i++)
		if (p->handovers.at[i].how == HAND_WITH_ACCOUNT)
			handover_add(ctx->arena, p, &p->handovers.at[i], &commands);
	if (at == INS_NONE)
		at = p->user_after + 1;
	if (commands.n) {
		struct str step = style_run(ctx->style, at, commands.at, (uint32_t)commands.n);
		insert(ctx, e, at, step);
		if (p->owner.kind == OWNER_NEW)
			claim(ctx, finding, at, step);
	}
	for (size_t i = 0; i < p->ports.n; i++)
		if (p->ports.at[i].variable.n)
			insert(ctx, e, at,
			       arena_printf(ctx->arena, "%.*s%.*s", STR_ARG(style_keyword(ctx->style, KW_ENV)),
					    STR_ARG(p->ports.at[i].variable)));
	struct str ports = STR("");
	for (size_t i = 0; i < p->ports.n; i++)
		if (p->ports.at[i].expose)
			ports = arena_printf(ctx->arena, "%.*s %u", STR_ARG(ports), p->ports.at[i].to);
	if (ports.n)
		insert(ctx, e, at, arena_printf(ctx->arena, "%.*s%.*s", STR_ARG(style_keyword(ctx->style, KW_EXPOSE)), STR_ARG(str_trim(ports))));
}

static void add_user(struct rule_context *ctx, struct edits *e)
{
	const struct plan *p = ctx->plan;
	struct str comments = p->move_user != INS_NONE ? style_comments(ctx->style, p->move_user) : STR("");
	struct str text = arena_printf(ctx->arena, "%.*s%.*s%.*s", STR_ARG(comments), STR_ARG(style_keyword(ctx->style, KW_USER)),
				       STR_ARG(p->owner.user));
	if (p->user_replace != INS_NONE) {
		struct args args;
		instruction_args(ctx->arena, ctx->facts->doc, p->user_replace, &args);
		*VEC_PUSH(ctx->arena, *e) = (struct edit){0, args.rest.start, args.rest.end, 0, p->owner.user};
	} else if (p->user_before != INS_NONE) {
		if (comments.n && style_comments(ctx->style, p->user_before).n) /* two comments, two paragraphs */
			text = arena_printf(ctx->arena, "%.*s%.*s", STR_ARG(text), STR_ARG(ctx->style->eol));
		style_insert_above(ctx->style, e, p->user_before, text);
	} else {
		style_insert_below(ctx->style, e, p->user_after, text);
	}
	e->at[e->n - 1].rank = 1; /* below what root has to do at the same place */
}

void rule_add_user(struct rule_context *ctx, struct finding *finding)
{
	add_account(ctx, finding);
	add_user(ctx, &finding->edits);
}
