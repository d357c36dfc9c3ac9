#include "plan/plan.h"

enum { MAX_REASONS = 20, SHORT_NAME = 80 }; /* more reasons are of no use to anybody */

void plan_reason(struct plan *p, unroot_class cls, uint32_t ins, struct str text)
{
	if (cls < p->cls)
		p->cls = cls;
	if (p->reasons.n == MAX_REASONS)
		return;
	for (size_t i = 0; i < p->reasons.n; i++)
		if (str_eq(p->reasons.at[i].text, text))
			return;
	*VEC_PUSH(p->f->arena, p->reasons) = (struct reason){cls, text, ins};
}

struct str plan_short(struct str name)
{
	return str_sub(name, 0, name.n < SHORT_NAME ? name.n : SHORT_NAME);
}

void plan_follow(struct plan *p, struct str text)
{
	p->follow = p->follow.n ? arena_printf(p->f->arena, "%.*s; %.*s", STR_ARG(p->follow), STR_ARG(text)) : text;
}

bool plan_reasons_full(const struct plan *p)
{
	return p->reasons.n == MAX_REASONS && p->cls <= UNROOT_UNSAFE;
}

bool plan_has_stage(const struct plan *p, struct str target)
{
	const struct facts *f = p->f;
	uint32_t stage = stages_target(f->stages, target);
	for (uint32_t i = 0; i < f->nchain; i++)
		if (f->chain[i] == stage)
			return true;
	return false;
}

static bool shell_is_posix(const struct facts *f)
{
	static const char *const shells[] = {"sh", "bash", "ash", "dash", "zsh", "ksh"};
	struct args args;
	instruction_args(f->scratch, f->doc, f->shell.ins, &args);
	for (size_t i = 0; args.nwords && i < sizeof shells / sizeof *shells; i++)
		if (str_eq(command_name(args.words[0].text), str_of(shells[i])))
			return true;
	return false;
}

static void judge_knowledge(struct plan *p)
{
	struct facts *f = p->f;
	const struct user *user = facts_user(f);
	const struct workdir *workdir = facts_workdir(f);
	if (user->kind == USER_UNKNOWN)
		plan_reason(p, UNROOT_UNSAFE, user->ins,
			    arena_printf(f->arena, "whether it runs as root is not known: %.*s", STR_ARG(user->why)));
	if (f->doubted.ins != INS_NONE)
		plan_reason(p, UNROOT_UNSAFE, f->doubted.ins,
			    arena_printf(f->arena, "it needs root, though %.*s is known to run as %.*s; an older tag may not",
					 STR_ARG(f->image_name), STR_ARG(f->doubted.text)));
	if (user->by_variable)
		plan_reason(p, UNROOT_UNSAFE, user->ins, STR("USER is a variable: whoever builds the image may choose"));
	if (f->start.verdict == VERDICT_UNKNOWN)
		plan_reason(p, UNROOT_UNSAFE, f->start.ins, f->start.why);
	if (f->triggered != INS_NONE)
		plan_reason(p, UNROOT_UNSAFE, f->triggered, STR("what is ONBUILD there runs in the stage as well, and nothing can be added to it"));
	if (!workdir->known && workdir->ins != INS_NONE)
		plan_reason(p, UNROOT_UNSAFE, workdir->ins, STR("the working directory depends on a variable that has no value here"));
	if (!workdir->known && workdir->ins == INS_NONE && f->start.ins != INS_NONE && !p->recipe)
		plan_reason(p, UNROOT_UNSAFE, f->start.ins,
			    STR("the working directory of the base is not known, and the app may write there"));
	if (f->shell.ins != INS_NONE && !shell_is_posix(f))
		plan_reason(p, UNROOT_UNSAFE, f->shell.ins, STR("SHELL is none that steps can be added for"));
	for (size_t i = 0; i < f->runs.n; i++)
		if (f->runs.at[i].flags & (RUN_OPAQUE | RUN_UNREADABLE))
			plan_reason(p, UNROOT_UNSAFE, f->runs.at[i].ins,
				    arena_printf(f->arena, "what %.*s does is not known", STR_ARG(f->runs.at[i].words->opaque)));
}

/* The first instruction of the trailing start command, when only metadata follows it. */
static uint32_t first_start(const struct facts *f)
{
	uint32_t first = INS_NONE;
	const struct last *lasts[] = {&f->cmd, &f->entrypoint};
	for (int i = 0; i < 2; i++) {
		uint32_t ins = lasts[i]->ins;
		if (ins != INS_NONE && lasts[i]->stage == f->target && (f->last_step == INS_NONE || ins > f->last_step) && ins < first)
			first = ins;
	}
	return first;
}

/* Below the last step that needs root or may, and below the working directory, which has to be handed over. */
static uint32_t early_place(const struct facts *f, uint32_t from)
{
	uint32_t last = f->last_root_step != INS_NONE && f->last_root_step > from ? f->last_root_step : from;
	uint32_t workdir = facts_workdir(f)->ins;
	return workdir != INS_NONE && workdir > last ? workdir : last;
}

/* Right above the final ENTRYPOINT or CMD; below the last step where one follows them. */
static void place_user(struct plan *p)
{
	struct facts *f = p->f;
	const struct user *user = facts_user(f);
	const struct stage *stage = &f->stages->at[f->target];
	bool own_user = user->ins != INS_NONE && user->ins > stage->from && user->ins < stage->end;
	p->user_before = p->user_after = p->user_replace = INS_NONE;
	if (own_user && user->kind == USER_ROOT && (f->last_step == INS_NONE || user->ins > f->last_step)) {
		p->user_replace = user->ins; /* USER root with nothing to do below it */
		return;
	}
	if (p->wishes->early) {
		p->user_after = early_place(f, stage->from);
		return;
	}
	p->user_before = first_start(f);
	if (p->user_before != INS_NONE && own_user && user->ins > p->user_before)
		p->user_before = INS_NONE; /* CMD, then USER root: below that one */
	if (p->user_before == INS_NONE)
		p->user_after = stage->end - 1;
}

static void make(struct plan *p, struct facts *f, const struct wishes *wishes)
{
	*p = (struct plan){.f = f, .wishes = wishes, .cls = UNROOT_SAFE, .account_at = INS_NONE, .home_step = INS_NONE, .move_user = f->moved.ins};
	plan_brackets(p);
	if (facts_user(f)->kind == USER_OTHER)
		return;
	if (facts_user(f)->kind == USER_UNKNOWN && facts_user(f)->ins != INS_NONE)
		return; /* USER by a variable without value: whoever builds it chooses */
	p->wanted = true;
	plan_purpose(p);
	if (p->wishes->no_user && f->start.verdict != VERDICT_ROOT)
		p->wanted = false; /* without USER the other parts make no sense */
	if (p->explained || !p->wanted)
		return;
	judge_knowledge(p);
	place_user(p);
	plan_owner(p);
	if (!p->recipe)
		plan_home(p);
	facts_app_text(f);
	plan_ownership(p);
	plan_ports(p);
	plan_run_time(p);
}

struct plan *plan_target(struct arena *keep, struct arena *scratch, const struct document *doc, struct workspace *workspace,
			 const struct tables *tables, struct stages *stages, uint32_t target, const struct wishes *wishes)
{
	struct facts *f = ARENA_NEW(keep, struct facts);
	struct plan *p = ARENA_NEW(keep, struct plan);
	facts_read(f, keep, scratch, doc, workspace, tables, stages, target, INS_NONE);
	uint32_t moved = plan_user_to_move(f);
	if (moved != INS_NONE) {
		facts_read(f, keep, scratch, doc, workspace, tables, stages, target, moved);
		make(p, f, wishes);
		if (p->wanted && !p->explained)
			return p;
		/* Nothing is started that USER could stand above: the steps are bracketed instead. */
		facts_read(f, keep, scratch, doc, workspace, tables, stages, target, INS_NONE);
	}
	make(p, f, wishes);
	return p;
}
