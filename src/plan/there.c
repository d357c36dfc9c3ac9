/* Which directories are there, and from when on. */
#include "base/path.h"
#include "plan/plan.h"

static bool installs_packages(const struct facts *f)
{
	for (size_t i = 0; i < f->runs.n; i++)
		if (f->runs.at[i].flags & RUN_INSTALLS)
			return true;
	return false;
}

bool plan_base_may_bring(const struct facts *f, struct str path)
{
	const struct workdir *base = &f->workdirs.at[0];
	enum holding holding = tables_holds(f->tables, path);
	bool brings = holding == HOLDS_PACKAGES ? installs_packages(f) : holding != HOLDS_NOTHING;
	brings = brings || (base->ins == INS_NONE && path_within(base->path, path));
	for (uint32_t i = 0; f->image && i < f->image->naccounts && !brings; i++)
		brings = path_within(f->image->accounts[i].home, path);
	return brings;
}

bool plan_is_given(const struct plan *p, struct str dir)
{
	return plan_base_may_bring(p->f, dir) || str_eq(dir, p->owner.home) || str_in_list(plan_base_writes(p), dir);
}

bool plan_there_after(const struct plan *p, struct str dir, uint32_t ins)
{
	const struct facts *f = p->f;
	bool there = plan_is_given(p, dir);
	for (size_t i = 0; i < f->workdirs.n && !there; i++)
		there = f->workdirs.at[i].ins < ins && path_within(f->workdirs.at[i].path, dir);
	for (size_t i = 0; i < f->copies.n && !there; i++) {
		const struct copy *copy = &f->copies.at[i];
		there = copy->dest.n && copy->ins < ins &&
			(path_within(copy->dest, dir) || path_within(dir, copy->dest));
	}
	for (size_t i = 0; i < f->made.n && !there; i++) {
		const struct made *m = &f->made.at[i];
		there = m->run != RUN_START && m->kind < MADE_OWNER && f->runs.at[m->run].ins <= ins &&
			(path_within(m->path, dir) || (m->kind != MADE_DIRECTORY && path_within(dir, m->path)));
	}
	return there;
}

bool plan_made_by_workdir(const struct facts *f, struct str path)
{
	for (size_t i = 0; i < f->workdirs.n; i++)
		if (f->workdirs.at[i].ins != INS_NONE && path_within(f->workdirs.at[i].path, path))
			return true;
	return false;
}
