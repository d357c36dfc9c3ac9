/* Which edits are made: those of the findings that are wanted, a bundle's all together or not at all. */
#ifndef UNROOT_FIX_CHOOSE_H
#define UNROOT_FIX_CHOOSE_H

#include "fix/finding.h"

/* The findings of each bundle. */
struct bundles {
	const uint32_t *next; /* by finding: index + 1 of the next one of its bundle, or 0 */
	const bool *edited;   /* by bundle: whether it has edits */
};
struct bundles bundles_of(struct arena *a, const struct findings *findings);

/* Whether something would be done about the finding. */
static inline bool bundles_fixable(const struct bundles *b, const struct finding *f)
{
	return f->edits.n > 0 || (f->bundle && b->edited[f->bundle]);
}

/* The edits of the findings that are not ignored and of class `least` or better, sorted and without conflict: the
   findings that come first win. They lie in `keep`; `scratch` is only needed meanwhile. */
struct edits choose_edits(struct arena *keep, struct arena *scratch, const struct findings *findings,
			  const struct bundles *bundles, unroot_class least);

#endif
