/* Files that were put into the program when it was built (cmake/embed.cmake). */
#ifndef UNROOT_BASE_EMBEDDED_H
#define UNROOT_BASE_EMBEDDED_H

#include <stddef.h>

struct embedded {
	const char *path;
	const char *bytes; /* followed by a NUL that does not count */
	size_t length;
};

/* The files below templates/, sorted by their path there ("debian/account"). */
extern const struct embedded templates_embedded[];
extern const size_t templates_embedded_count;

/* The pages of the rules, golden/<rule>/README.md, in the order of rules[]; `path` is the rule's id. */
extern const struct embedded rule_pages[];
extern const size_t rule_pages_count;

#endif
