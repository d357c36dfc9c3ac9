/* Steps that mind who owns the tree they run in: nothing may change hands before the last of them. */
#include "base/path.h"
#include "plan/plan.h"

static uint32_t leading_number(struct str *text)
{
	uint32_t value = 0;
	size_t n = 0;
	while (n < text->n && ascii_digit(text->p[n]))
		n++;
	str_to_u32(str_sub(*text, 0, n), &value);
	*text = str_sub(*text, n, text->n);
	return value;
}

/* npm up to version 8 runs scripts as the owner of the directory; Node has a later one since 18.14. */
static bool old_npm(const struct facts *f)
{
	struct image_ref ref = image_ref_of(f->image_name);
	if (!str_eq(path_last(ref.repository), STR("node")))
		return true; /* which npm it is, nobody knows */
	if (ref.tag.n == 0 || !ascii_digit(ref.tag.p[0]))
		return false; /* latest, lts */
	uint32_t major = leading_number(&ref.tag);
	if (major != 18 || !str_starts(ref.tag, STR(".")))
		return major < 18;
	ref.tag = str_sub(ref.tag, 1, ref.tag.n);
	return leading_number(&ref.tag) < 14;
}

uint32_t plan_last_minding(const struct plan *p)
{
	const struct facts *f = p->f;
	bool npm_minds = old_npm(f);
	for (size_t i = f->runs.n; i > 0; i--) {
		const struct run *run = &f->runs.at[i - 1];
		bool minds = (run->flags & RUN_MINDS_OWNER) || ((run->flags & RUN_NPM) && npm_minds);
		if (minds && f->users.at[run->user].kind != USER_OTHER)
			return run->ins;
	}
	return INS_NONE;
}
