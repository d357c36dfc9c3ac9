/* A temporary directory: the fixed Dockerfile, and a build context of its own where a fix changes the context's files.
 * The user's files are only read. */
#ifndef UNROOT_VERIFY_WORKPLACE_H
#define UNROOT_VERIFY_WORKPLACE_H

#include "base/arena.h"
#include "base/file.h"

struct workplace {
	struct arena *arena;
	const char *directory; /* absolute; NULL: not made */
};

/* A file of the build context with other bytes. */
struct changed_file {
	const char *path; /* seen from the context */
	struct str bytes;
};

/* Makes the directory, below $TMPDIR or /tmp. */
bool workplace_make(struct workplace *w, struct file_error *error);

/* Removes it and all that is in it. */
void workplace_remove(struct workplace *w);

/* Writes a Dockerfile under the name of `original`, with a copy of ORIGINAL.dockerignore, which the builder looks for
   beside it. Gives its path, or NULL. */
const char *workplace_dockerfile(struct workplace *w, const char *original, struct str bytes, struct file_error *error);

/* A copy of the build context with some files changed: hard links where that can be, so that it costs little. Gives its
   path, or NULL. */
const char *workplace_context(struct workplace *w, const char *context, const struct changed_file *files, size_t n,
			      struct file_error *error);

#endif
