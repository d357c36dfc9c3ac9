/* Recursive chowns that give copied files a second layer, and that COPY --chown can take the place of. */
#ifndef UNROOT_PLAN_DOUBLED_H
#define UNROOT_PLAN_DOUBLED_H

#include "model/facts.h"

struct doubled {
	struct str owner;     /* what --chown gets: "app:app", "1001:0", "app:root" */
	VEC(uint32_t) copies; /* indexes in facts.copies of those that get it, in the file's order */
	VEC(struct str) keep; /* directories and empty files that go on being handed over one by one */
};

/* What a `chown -R owner` in step `run` (index in facts.runs) can give up to COPY and ADD. facts.made[first] and the
   `n` - 1 that follow are its paths. False when a single file could end up with another owner, or be seen by a step
   with another owner that minds. */
bool doubled_find(struct facts *f, uint32_t run, size_t first, size_t n, struct doubled *out);

#endif
