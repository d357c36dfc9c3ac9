/* "did you mean": the word of a list that is nearest to one that is not in it. */
#ifndef UNROOT_PROJECT_NEAREST_H
#define UNROOT_PROJECT_NEAREST_H

#include "base/str.h"

struct nearest {
	struct str wanted;
	const char *word; /* the best so far, or NULL when none was near */
	unsigned distance;
};

static inline struct nearest nearest_to(struct str wanted)
{
	return (struct nearest){.wanted = wanted, .distance = wanted.n < 4 ? 2 : 3}; /* below this is near */
}

/* Considers one word of the list. */
void nearest_try(struct nearest *n, const char *word);

#endif
