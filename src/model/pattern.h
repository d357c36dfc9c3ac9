/* The wildcard patterns of ${x#p}, ${x%p} and ${x/p/r}: * and ?, and a backslash before what is meant literally. */
#ifndef UNROOT_MODEL_PATTERN_H
#define UNROOT_MODEL_PATTERN_H

#include "base/buf.h"

struct pattern;

/* Reads a pattern; NULL when it is not valid: a backslash stands before something else than * ? \ } or /. */
const struct pattern *pattern_read(struct arena *a, struct str text);

/* The number of steps one of the functions below may need for a value of `n` bytes, and of bytes it takes. */
size_t pattern_cost(const struct pattern *p, size_t n);

/* Whether a wildcard would have to say if it matches a line end in `value`; BuildKit's do not. */
bool pattern_unsure(const struct pattern *p, struct str value);

/* `value` without the longest or shortest beginning, or end, that matches. Shares value's bytes. */
struct str pattern_cut_prefix(struct arena *a, const struct pattern *p, struct str value, bool longest);
struct str pattern_cut_suffix(struct arena *a, const struct pattern *p, struct str value, bool longest);

/* Appends `value` with the first match, or with every match, replaced; matches are the leftmost and longest. Gives
   the number of replacements. `scratch` may be the arena of `out`. */
size_t pattern_replace(struct arena *scratch, const struct pattern *p, struct str value, struct str replacement,
		       bool all, struct buf *out);

#endif
