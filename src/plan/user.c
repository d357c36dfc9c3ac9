/* Steps that need root where USER is somebody else: such a file does not build. */
#include "plan/plan.h"

/* A package manager without sudo fails as any other user; of other commands that is not as sure. */
static bool fails(const struct facts *f, const struct run *run)
{
	return (run->flags & RUN_INSTALLS) && f->users.at[run->user].kind == USER_OTHER;
}

static bool relies_on_user(const struct facts *f, const struct run *run)
{
	return f->users.at[run->user].kind == USER_OTHER && (run->flags & (RUN_HOME | RUN_OPAQUE | RUN_UNREADABLE | RUN_SUDO));
}

uint32_t plan_user_to_move(const struct facts *f)
{
	uint32_t others = 0, ins = INS_NONE;
	bool failing = false;
	const struct stage *stage = &f->stages->at[f->target];
	for (size_t i = 0; i < f->users.n; i++)
		if (f->users.at[i].kind != USER_ROOT) {
			others++;
			ins = facts_user_is_written(f, &f->users.at[i]) ? f->users.at[i].ins : INS_NONE;
		}
	/* One USER in the target stage itself, on an image that is root's. */
	if (others != 1 || f->users.at[0].kind != USER_ROOT || ins == INS_NONE || ins < stage->from || facts_user(f)->ins != ins)
		return INS_NONE;
	for (size_t i = 0; i < f->runs.n; i++) {
		if (relies_on_user(f, &f->runs.at[i]))
			return INS_NONE;
		failing |= fails(f, &f->runs.at[i]);
	}
	return failing ? ins : INS_NONE;
}

/* What speaks against steps that run as the same user as one that fails: root would own what they make, or what they
   need is not known. */
static struct str doubt_about(const struct facts *f, uint32_t user)
{
	if (f->users.at[user].ins == INS_NONE)
		return arena_printf(f->arena, "that the base runs as %.*s may not hold for its tag", STR_ARG(f->users.at[user].text));
	for (size_t i = 0; i < f->runs.n; i++) {
		const struct run *run = &f->runs.at[i];
		uint32_t line = f->doc->instructions.at[run->ins].line;
		if (run->user != user)
			continue;
		if (run->flags & (RUN_OPAQUE | RUN_UNREADABLE))
			return arena_printf(f->arena, "whether line %u needs root as well is not known (%.*s)", line,
					    STR_ARG(run->words->opaque));
		if ((run->flags & RUN_RESERVED) && !fails(f, run))
			return arena_printf(f->arena, "line %u makes something that the user may have to write (%.*s)", line,
					    STR_ARG(run->words->root_command));
	}
	return (struct str){"", 0};
}

static void bracket(struct plan *p, const struct run *run, struct str doubt)
{
	struct bracket *last = p->brackets.n ? &p->brackets.at[p->brackets.n - 1] : NULL;
	if (last && last->last + 1 == run->ins)
		last->last = run->ins;
	else
		*VEC_PUSH(p->f->arena, p->brackets) =
			(struct bracket){run->ins, run->ins, p->f->users.at[run->user].text, doubt.n ? UNROOT_UNSAFE : UNROOT_SAFE, doubt};
}

void plan_brackets(struct plan *p)
{
	struct facts *f = p->f;
	const struct stage *stage = &f->stages->at[f->target];
	bool *failing = ARENA_ARRAY(f->scratch, bool, f->users.n);
	struct str *doubts = ARENA_ARRAY(f->scratch, struct str, f->users.n);
	for (size_t i = 0; i < f->runs.n; i++) {
		uint32_t user = f->runs.at[i].user;
		if (f->runs.at[i].ins < stage->from || failing[user] || !fails(f, &f->runs.at[i]))
			continue;
		failing[user] = true;
		doubts[user] = doubt_about(f, user);
	}
	for (size_t i = 0; i < f->runs.n; i++) {
		const struct run *run = &f->runs.at[i];
		bool alone = (run->flags & RUN_RESERVED) && !relies_on_user(f, run);
		if (run->ins >= stage->from && failing[run->user] && (fails(f, run) || alone))
			bracket(p, run, doubts[run->user]);
	}
}
