/* What is left of the handovers, and in which order they stand. */
#include "base/path.h"
#include "plan/plan.h"

#include <stdlib.h>

enum { MAX_TRIES = 16 }; /* handovers of one path that are compared */

/* Whether `above`, on the path itself or a directory above it, takes `h` along. */
static bool covers(const struct handover *above, const struct handover *h, bool same_path)
{
	bool same_place = above->how == h->how && (above->how == HAND_WITH_ACCOUNT || above->ins == h->ins);
	if (above == h || h->make)
		return false;
	if (h->later && (same_path || above->recursive) && !above->later && !(h->recursive && !above->recursive))
		return above->ins >= h->ins || (same_path && above->how == HAND_APPEND); /* the step that made it hands it over */
	if (!same_place || !above->recursive)
		return false;
	return same_path ? !h->recursive || above < h : !above->adopt || h->adopt || !h->recursive;
}

/* What another handover takes along goes. */
static void drop_covered(struct plan *p)
{
	struct map first = {0}; /* index of the first handover of a path + 1; the others follow in `next` */
	size_t n = p->handovers.n, kept = 0;
	size_t *next = ARENA_ARRAY(p->f->scratch, size_t, n);
	bool *covered = ARENA_ARRAY(p->f->scratch, bool, n);
	for (size_t i = n; i > 0; i--) {
		void **place = map_put(p->f->scratch, &first, p->handovers.at[i - 1].path);
		next[i - 1] = (uintptr_t)*place;
		*place = (void *)(uintptr_t)i;
	}
	for (size_t i = 0; i < n; i++) {
		const struct handover *h = &p->handovers.at[i];
		for (struct str dir = h->path; dir.n > 1 && !covered[i]; dir = path_parent(dir))
			for (size_t k = (uintptr_t)map_get(&first, dir), tries = 0; k && tries < MAX_TRIES && !covered[i]; k = next[k - 1], tries++)
				covered[i] = !covered[k - 1] && covers(&p->handovers.at[k - 1], h, dir.n == h->path.n);
	}
	for (size_t i = 0; i < n; i++)
		if (!covered[i])
			p->handovers.at[kept++] = p->handovers.at[i];
	p->handovers.n = kept;
}

static int by_place(const void *left, const void *right)
{
	const struct handover *a = left, *b = right;
	if (a->how != b->how)
		return a->how < b->how ? -1 : 1;
	if (a->ins != b->ins && a->how != HAND_WITH_ACCOUNT)
		return a->ins < b->ins ? -1 : 1;
	if (a->bare != b->bare)
		return a->bare ? -1 : 1;
	return a->order < b->order ? -1 : 1;
}

void plan_sort_handovers(struct plan *p)
{
	drop_covered(p);
	for (size_t i = 0; i < p->handovers.n; i++)
		p->handovers.at[i].order = (uint32_t)i;
	if (p->handovers.n)
		qsort(p->handovers.at, p->handovers.n, sizeof *p->handovers.at, by_place);
}
