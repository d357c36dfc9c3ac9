/* Steps that mind who owns the tree they run in: nothing may change hands before the last of them. */
#include "base/path.h"
#include "plan/plan.h"

uint32_t plan_last_minding(const struct plan *p)
{
	const struct facts *f = p->f;
	/* npm up to version 8 runs scripts as the owner of the directory. */
	bool npm_minds = !f->image || !(f->image->traits & TRAIT_NEW_NPM);
	for (size_t i = f->runs.n; i > 0; i--) {
		const struct run *run = &f->runs.at[i - 1];
		bool minds = (run->flags & RUN_MINDS_OWNER) || ((run->flags & RUN_NPM) && npm_minds);
		if (minds && f->users.at[run->user].kind != USER_OTHER)
			return run->ins;
	}
	return INS_NONE;
}
