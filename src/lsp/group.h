/* Which findings are fixed together. */
#ifndef UNROOT_LSP_GROUP_H
#define UNROOT_LSP_GROUP_H

#include "lsp/worker.h"

/* By index of a finding. A finding that is fixed alone is a group of one. */
struct groups {
	const size_t *lead;  /* the one that stands for the group: that of the user, else the first */
	const size_t *first; /* of the group */
	const size_t *next;  /* the next one of the group, or STR_NONE */
};

/* Linear. */
struct groups groups_of(struct arena *a, const struct analysis *analysis);

#endif
