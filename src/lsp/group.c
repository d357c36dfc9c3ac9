#include "lsp/group.h"

static bool is_about_user(const unroot_finding *f)
{
	return strcmp(f->rule, "run-as-root") == 0 || strcmp(f->rule, "root-user-last") == 0;
}

struct bundle {
	bool met;
	size_t first, last, lead;
};

struct groups groups_of(struct arena *a, const struct analysis *analysis)
{
	const unroot_finding *findings = analysis->findings;
	size_t n = analysis->finding_count, bundles = 0;
	for (size_t i = 0; i < n; i++)
		bundles = findings[i].bundle > bundles ? findings[i].bundle : bundles;
	struct bundle *all = ARENA_ARRAY(a, struct bundle, bundles + 1);
	size_t *lead = ARENA_ARRAY(a, size_t, n), *first = ARENA_ARRAY(a, size_t, n), *next = ARENA_ARRAY(a, size_t, n);
	for (size_t i = 0; i < n; i++) {
		struct bundle *bundle = &all[findings[i].bundle];
		next[i] = STR_NONE;
		if (findings[i].bundle == 0)
			continue;
		if (bundle->met)
			next[bundle->last] = i;
		else
			*bundle = (struct bundle){true, i, i, i};
		bundle->last = i;
		if (is_about_user(&findings[i]) && !is_about_user(&findings[bundle->lead]))
			bundle->lead = i;
	}
	for (size_t i = 0; i < n; i++) {
		first[i] = findings[i].bundle ? all[findings[i].bundle].first : i;
		lead[i] = findings[i].bundle ? all[findings[i].bundle].lead : i;
	}
	return (struct groups){lead, first, next};
}
