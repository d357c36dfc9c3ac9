/* Which paths a walk leaves out: .gitignore, .git/info/exclude, --exclude. */
#ifndef UNROOT_PROJECT_IGNORE_H
#define UNROOT_PROJECT_IGNORE_H

#include "base/arena.h"

struct ignore_rule {
	struct str pattern;
	bool negated, directory, anchored; /* !x, x/, a/x */
};

/* The rules of one file. `base` is the directory it lies in, as the length of a path's beginning: 0 for the top,
   otherwise with its slash. */
struct ignore_list {
	const struct ignore_list *outer; /* asked when no rule here matches */
	size_t base;
	VEC(struct ignore_rule) rules;
};

/* Adds a line of an ignore file; comments and blank lines add nothing. The text is kept, not copied. */
void ignore_add(struct arena *a, struct ignore_list *list, struct str line);

/* The rules of a whole file. */
struct ignore_list *ignore_read(struct arena *a, const struct ignore_list *outer, size_t base, struct str text);

/* Whether the innermost rule that matches says so. `path` is seen from the top and all lists' bases are
   beginnings of it. What lies in an ignored directory is not asked: a walk does not go there. */
bool ignore_matches(const struct ignore_list *list, struct str path, bool directory);

#endif
