/* Paths inside an image or a tree: pure text, '/' only. */
#ifndef UNROOT_BASE_PATH_H
#define UNROOT_BASE_PATH_H

#include "base/arena.h"

/* Linux knows no longer ones (PATH_MAX); the file's own texts about them would be many times the file. */
#define PATH_LONGEST 4096

/* `path` seen from `dir`, without ".", "..", doubled or trailing slashes. An absolute path stays absolute and never
   climbs above "/"; a relative `dir` keeps leading "..". The result of nothing is "." (or "/"). */
struct str path_join(struct arena *a, struct str dir, struct str path);

/* Whether `path` is `dir` or lies below it; both normalised. */
bool path_within(struct str path, struct str dir);

/* "/a/b" -> "/a", "/a" -> "/", "a" -> ".". */
struct str path_parent(struct str path);

/* "/a/b" -> "b". */
struct str path_last(struct str path);

/* Whether COPY takes it for a pattern (Go's filepath.Match): it holds *, ? or [. */
bool path_is_pattern(struct str path);

#endif
