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
			ins = f->users.at[i].ins;
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

void plan_brackets(struct plan *p)
{
	struct facts *f = p->f;
	const struct stage *stage = &f->stages->at[f->target];
	for (size_t i = 0; i < f->runs.n; i++) {
		const struct run *run = &f->runs.at[i];
		if (!fails(f, run) || run->ins < stage->from)
			continue;
		struct bracket *last = p->brackets.n ? &p->brackets.at[p->brackets.n - 1] : NULL;
		if (last && last->last + 1 == run->ins)
			last->last = run->ins;
		else
			*VEC_PUSH(f->arena, p->brackets) = (struct bracket){run->ins, run->ins, f->users.at[run->user].text};
	}
}
