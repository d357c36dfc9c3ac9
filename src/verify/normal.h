/* What containers print, made comparable: process numbers, times, ports and the names of users differ for good reasons.
 */
#ifndef UNROOT_VERIFY_NORMAL_H
#define UNROOT_VERIFY_NORMAL_H

#include "base/arena.h"

/* Words that stand for the user of a run: "root", "app". */
struct normal_names {
	const struct str *at;
	size_t n;
};

/* The line with every number as '#', identifiers in hexadecimal as '#', names as '~', homes as "/~", colours and blanks
 * at the ends gone. */
struct str normal_line(struct arena *a, struct str line, struct normal_names names);

struct normal_lines {
	struct str *at; /* as printed */
	size_t n, cap;
};

/* The lines of `text` whose normal form does not occur in `other`, each form once, at most `most`. */
struct normal_lines normal_missing(struct arena *a, struct str text, struct str other, struct normal_names names,
				   size_t most);

/* Whether both are alike, line by line, in their normal form. */
bool normal_same(struct arena *a, struct str text, struct str other, struct normal_names names);

/* Whether a line tells that something was refused for want of rights: "Permission denied", EACCES, … */
bool normal_is_refusal(struct str line);

/* The path that such a line names, or empty. */
struct str normal_path(struct str line);

#endif
