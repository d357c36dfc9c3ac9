#include "fix/choose.h"

#include <stdlib.h>

struct bundles bundles_of(struct arena *a, const struct findings *findings)
{
	uint32_t last = findings_last_bundle(findings);
	uint32_t *first = ARENA_ARRAY(a, uint32_t, (size_t)last + 1);
	uint32_t *next = ARENA_ARRAY(a, uint32_t, findings->n);
	bool *edited = ARENA_ARRAY(a, bool, (size_t)last + 1);
	for (size_t i = findings->n; i > 0; i--) {
		uint32_t bundle = findings->at[i - 1].bundle;
		if (bundle == 0)
			continue;
		next[i - 1] = first[bundle];
		first[bundle] = (uint32_t)i;
		edited[bundle] |= findings->at[i - 1].edits.n > 0;
	}
	return (struct bundles){next, edited};
}

/* An edit that may be taken. */
struct candidate {
	const struct edit *edit;
	uint32_t index; /* in the order of the findings */
};

struct choice {
	struct arena *keep, *scratch;
	const struct findings *findings;
	const struct bundles *bundles;
	unroot_class least;
	struct candidate *sorted; /* by place and text */
	uint32_t n;
	uint32_t *first; /* by finding: index of its first candidate */
	uint32_t *rank;	 /* by index: where it is in `sorted` */
	uint32_t *twin;	 /* by index: the first in `sorted` that asks for the same */
	bool *done;	 /* by twin: it was taken */
	/* A Fenwick tree over `sorted`: the highest end of what was taken among the first ones. */
	uint64_t *highest;
	VEC(uint32_t) pending; /* of the bundle that is being taken */
	bool *seen;	       /* by finding */
	struct edits accepted;
	/* By stage: the account that is made in it; one that a target made through it has. */
	const struct account_claim **made_in, **made_for;
};

/* Places in all files, in one order. */
static uint64_t place_of(uint32_t file, uint32_t offset)
{
	return (uint64_t)file << 32 | offset;
}

static uint64_t start_of(const struct edit *e)
{
	return place_of(e->file, e->start);
}

static uint64_t end_of(const struct edit *e)
{
	return place_of(e->file, e->end);
}

static int compare_numbers(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int compare_edits(const struct edit *a, const struct edit *b)
{
	int order = compare_numbers(start_of(a), start_of(b));
	if (order == 0)
		order = compare_numbers(a->end, b->end);
	if (order == 0)
		order = compare_numbers(a->text.n, b->text.n);
	return order || a->text.n == 0 ? order : memcmp(a->text.p, b->text.p, a->text.n);
}

static int compare_candidates(const void *left, const void *right)
{
	const struct candidate *a = left, *b = right;
	int order = compare_edits(a->edit, b->edit);
	return order ? order : compare_numbers(a->index, b->index);
}

static bool is_wanted(const struct choice *c, const struct finding *f)
{
	return !f->ignored && f->cls != UNROOT_DISPLAY && f->cls >= c->least;
}

static void list_candidates(struct choice *c)
{
	const struct findings *findings = c->findings;
	size_t n = 0;
	for (size_t i = 0; i < findings->n; i++)
		n += is_wanted(c, &findings->at[i]) ? findings->at[i].edits.n : 0;
	if (n == 0)
		return;
	c->first = ARENA_ARRAY(c->scratch, uint32_t, findings->n);
	c->sorted = ARENA_ARRAY(c->scratch, struct candidate, n);
	c->rank = ARENA_ARRAY(c->scratch, uint32_t, n);
	c->twin = ARENA_ARRAY(c->scratch, uint32_t, n);
	c->done = ARENA_ARRAY(c->scratch, bool, n);
	c->highest = ARENA_ARRAY(c->scratch, uint64_t, n + 1);
	for (size_t i = 0; i < findings->n; i++) {
		const struct finding *f = &findings->at[i];
		c->first[i] = c->n;
		for (size_t e = 0; is_wanted(c, f) && e < f->edits.n; e++, c->n++)
			c->sorted[c->n] = (struct candidate){&f->edits.at[e], c->n};
	}
	qsort(c->sorted, n, sizeof *c->sorted, compare_candidates);
	for (uint32_t i = 0; i < c->n; i++) {
		bool same = i && compare_edits(c->sorted[i - 1].edit, c->sorted[i].edit) == 0;
		c->rank[c->sorted[i].index] = i;
		c->twin[c->sorted[i].index] = same ? c->twin[c->sorted[i - 1].index] : i;
	}
}

/* How many candidates begin before `place`. */
static uint32_t count_before(const struct choice *c, uint64_t place)
{
	uint32_t low = 0, high = c->n;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (start_of(c->sorted[middle].edit) < place)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* As edit_conflicts() with any that was taken. */
static bool conflicts(const struct choice *c, const struct edit *edit)
{
	for (uint32_t i = count_before(c, end_of(edit)); i > 0; i -= i & (0 - i))
		if (c->highest[i] > start_of(edit))
			return true;
	return false;
}

static void mark_taken(struct choice *c, uint32_t index)
{
	uint64_t end = end_of(c->sorted[c->rank[index]].edit);
	c->done[c->twin[index]] = true;
	for (uint32_t i = c->rank[index] + 1; i <= c->n; i += i & (0 - i))
		if (c->highest[i] < end)
			c->highest[i] = end;
}

/* Two targets may ask for the same change in the stage that they share: it is made once. */
static bool take_finding(struct choice *c, size_t i)
{
	const struct finding *f = &c->findings->at[i];
	for (uint32_t e = 0; is_wanted(c, f) && e < f->edits.n; e++) {
		uint32_t index = c->first[i] + e;
		if (c->done[c->twin[index]])
			continue;
		if (conflicts(c, &f->edits.at[e]))
			return false;
		*VEC_PUSH(c->scratch, c->pending) = index;
	}
	return true;
}

static bool same_account(const struct account_claim *a, const struct account_claim *b)
{
	return !a || (a->at == b->at && str_eq(a->step, b->step));
}

/* The targets that share a stage have one account: the next round finds it in the file. */
static bool account_clashes(const struct choice *c, const struct finding *f)
{
	const struct account_claim *account = f->account;
	if (!account || !is_wanted(c, f))
		return false;
	bool clashes = !same_account(c->made_for[account->stage], account);
	for (uint32_t i = 0; i < account->nchain && !clashes; i++)
		clashes = !same_account(c->made_in[account->chain[i]], account);
	return clashes;
}

static void claim_account(struct choice *c, const struct account_claim *account)
{
	c->made_in[account->stage] = account;
	for (uint32_t i = 0; i < account->nchain; i++)
		c->made_for[account->chain[i]] = account;
}

static void make_room_for_accounts(struct choice *c)
{
	uint32_t stages = 0;
	for (size_t i = 0; i < c->findings->n; i++) {
		const struct account_claim *account = c->findings->at[i].account;
		if (account && account->chain[account->nchain - 1] >= stages)
			stages = account->chain[account->nchain - 1] + 1; /* the target: the last of its chain */
	}
	c->made_in = ARENA_ARRAY(c->scratch, const struct account_claim *, stages);
	c->made_for = ARENA_ARRAY(c->scratch, const struct account_claim *, stages);
}

/* A finding, or its whole bundle: all edits, or none when one conflicts with what was taken before. */
static void take(struct choice *c, size_t first)
{
	bool whole = true;
	c->pending.n = 0;
	for (size_t i = first + 1; i > 0; i = c->bundles->next[i - 1]) {
		c->seen[i - 1] = true;
		whole = whole && !account_clashes(c, &c->findings->at[i - 1]) && take_finding(c, i - 1);
	}
	for (size_t i = first + 1; whole && i > 0; i = c->bundles->next[i - 1])
		if (c->findings->at[i - 1].account && is_wanted(c, &c->findings->at[i - 1]))
			claim_account(c, c->findings->at[i - 1].account);
	for (size_t i = 0; whole && i < c->pending.n; i++) {
		*VEC_PUSH(c->keep, c->accepted) = *c->sorted[c->rank[c->pending.at[i]]].edit;
		mark_taken(c, c->pending.at[i]);
	}
}

/* Members of a bundle may ask for the same replacement. */
static void drop_repeated(struct edits *e)
{
	size_t kept = 0;
	for (size_t i = 0; i < e->n; i++) {
		const struct edit *last = kept ? &e->at[kept - 1] : NULL, *edit = &e->at[i];
		if (!last || edit->start == edit->end || compare_edits(last, edit) != 0)
			e->at[kept++] = *edit;
	}
	e->n = kept;
}

struct edits choose_edits(struct arena *keep, struct arena *scratch, const struct findings *findings,
			  const struct bundles *bundles, unroot_class least)
{
	struct arena_mark mark = arena_mark(scratch);
	struct choice c = {.keep = keep, .scratch = scratch, .findings = findings, .bundles = bundles, .least = least};
	list_candidates(&c);
	if (c.n == 0)
		return c.accepted;
	c.seen = ARENA_ARRAY(scratch, bool, findings->n);
	make_room_for_accounts(&c);
	for (size_t i = 0; i < findings->n; i++)
		if (!c.seen[i] && is_wanted(&c, &findings->at[i]))
			take(&c, i);
	arena_rewind(scratch, mark); /* sorting needs as much again */
	edits_sort(scratch, &c.accepted);
	drop_repeated(&c.accepted);
	return c.accepted;
}
