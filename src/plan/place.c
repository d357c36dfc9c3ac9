/* Where the account is made: nothing may be named before it exists. */
#include "base/path.h"
#include "plan/plan.h"

static bool root_at(const struct facts *f, uint32_t ins)
{
	size_t low = 0, high = f->users.n;
	while (high - low > 1) { /* the last USER above it */
		size_t middle = low + (high - low) / 2;
		if (f->users.at[middle].ins < ins)
			low = middle;
		else
			high = middle;
	}
	return f->users.at[low].kind != USER_OTHER;
}

static bool names_owner(struct str chown, struct str name)
{
	return str_starts(chown, name) && (chown.n == name.n || chown.p[name.n] == ':');
}

/* Above which instruction the owner is needed first. */
static uint32_t first_need(const struct plan *p)
{
	const struct facts *f = p->f;
	uint32_t first = INS_NONE;
	for (size_t i = 0; i < p->chown_copies.n; i++)
		if (f->copies.at[p->chown_copies.at[i]].ins < first)
			first = f->copies.at[p->chown_copies.at[i]].ins;
	for (size_t i = 0; i < p->handovers.n; i++) {
		const struct handover *h = &p->handovers.at[i];
		/* The step that makes the account of the file cannot need it. */
		if (!h->later && h->ins < first && h->ins != p->owner.ins)
			first = h->ins;
	}
	for (size_t i = 0; i < f->copies.n; i++)
		if (p->owner.kind == OWNER_NEW && f->copies.at[i].ins < first && f->copies.at[i].dest.n &&
		    path_within(f->copies.at[i].dest, p->owner.home))
			first = f->copies.at[i].ins;
	for (size_t i = 0; i < f->workdirs.n; i++)
		if (p->owner.kind == OWNER_NEW && f->workdirs.at[i].ins < first && f->workdirs.at[i].path.n &&
		    path_within(f->workdirs.at[i].path, p->owner.home))
			first = f->workdirs.at[i].ins;
	if (p->owner.kind == OWNER_NEW && p->home_step < first)
		first = p->home_step;
	/* A --chown of the file's own that names the account, which nobody has made so far. */
	for (size_t i = 0; i < f->copies.n; i++)
		if (p->owner.kind == OWNER_NEW && f->copies.at[i].ins < first && names_owner(f->copies.at[i].flags->chown, p->owner.name))
			first = f->copies.at[i].ins;
	return first;
}

/* Where nothing needs it earlier: right below the working directory that is handed over, and below the
   file's own account. */
static uint32_t below_handovers(const struct plan *p)
{
	uint32_t last = INS_NONE;
	for (size_t i = 0; i < p->handovers.n; i++)
		if (p->handovers.at[i].later && (last == INS_NONE || p->handovers.at[i].ins > last))
			last = p->handovers.at[i].ins;
	if (last != INS_NONE && p->owner.ins != INS_NONE && p->owner.ins >= last)
		last = p->owner.ins + 1;
	return last;
}

/* USER stands below every step that is added. */
static void lower_user(struct plan *p)
{
	const struct stage *stage = &p->f->stages->at[p->f->target];
	uint32_t last = p->account_at != INS_NONE ? p->account_at : 0;
	for (size_t i = 0; i < p->handovers.n; i++)
		if (p->handovers.at[i].how == HAND_STEP && p->handovers.at[i].ins > last)
			last = p->handovers.at[i].ins;
	if (p->user_before == INS_NONE || last <= p->user_before)
		return;
	p->user_before = INS_NONE;
	p->user_after = stage->end - 1;
}

void plan_place_account(struct plan *p)
{
	struct facts *f = p->f;
	uint32_t first = first_need(p);
	if (first == INS_NONE)
		first = below_handovers(p);
	if (p->wishes->early && p->user_after != INS_NONE && first > p->user_after)
		first = p->user_after + 1;
	p->account_at = first;
	for (size_t i = 0; i < p->handovers.n; i++) {
		struct handover *h = &p->handovers.at[i];
		if (h->how == HAND_STEP && (h->ins == first || (h->later && h->ins < first)))
			h->how = HAND_WITH_ACCOUNT;
		if (!root_at(f, h->how == HAND_WITH_ACCOUNT ? first : h->ins))
			plan_reason(p, UNROOT_UNSAFE, h->ins, STR("a directory would have to be handed over where USER is not root"));
	}
	lower_user(p);
	if (p->owner.kind == OWNER_NEW && first != INS_NONE && !root_at(f, first))
		plan_reason(p, UNROOT_UNSAFE, first, STR("the account would have to be made where USER is not root"));
}
