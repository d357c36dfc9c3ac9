/* Where a directory lies: in which repository, if any. */
#ifndef UNROOT_PROJECT_LOCATION_H
#define UNROOT_PROJECT_LOCATION_H

#include "base/arena.h"

struct location {
	struct str directory;  /* its absolute path without links; empty when there is no such directory */
	struct str repository; /* the nearest ancestor, or itself, that holds .git; empty when none does */
};

/* Asks the file system: for each ancestor once. */
struct location location_of(struct arena *a, const char *directory);

/* The same for the directory `path`, which is `name` in one whose location is known: whether it is a link, unless that is
   known (NULL), and whether it is a repository's top, where it may be. False where it cannot be told so quickly, as for a
   link. */
bool location_below(struct arena *a, const struct location *above, const char *path, struct str name, bool may_be_top,
		    struct location *out);

/* The directory part of a path as the user wrote it: "" for a file of the current directory. */
struct str directory_of(struct str path);

/* Whether `directory` holds `name`. */
bool location_holds(struct arena *a, struct str directory, const char *name);

/* "/a" and "b" give "/a/b"; "/" and "b" give "/b"; "" and "b" give "b". NUL-terminated. */
struct str location_join(struct arena *a, struct str directory, struct str name);

#endif
