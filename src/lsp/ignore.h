/* The comment that switches a rule off for one instruction (src/fix/pragma.h). */
#ifndef UNROOT_LSP_IGNORE_H
#define UNROOT_LSP_IGNORE_H

#include "base/arena.h"

struct insertion {
	size_t at;
	struct str text;
};

/* What to insert so that `rule` is ignored for the instruction that begins at `start`: a line above it, as far
   indented, or the rule in the comment that is there. */
struct insertion ignore_comment(struct arena *a, struct str text, size_t start, const char *rule);

#endif
