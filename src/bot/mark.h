/* What the bot leaves in its requests and commits, to know them again. */
#ifndef UNROOT_BOT_MARK_H
#define UNROOT_BOT_MARK_H

#include "base/buf.h"

enum { MARK_DIGITS = 16 };

/* A number for what a change does: the same as long as it takes away and adds the same lines of the same files,
   wherever they stand. `diff` is a unified diff. */
struct str mark_hash(struct arena *a, struct str diff);

/* In the body of a request: a comment that is not shown. */
struct mark {
	struct str hash;
	bool obsolete; /* the bot closed it, because there was nothing left to do */
};
void mark_write(struct buf *out, const struct mark *mark, struct str rules);

/* False when the body holds none. The last one counts. */
bool mark_read(struct str body, struct mark *out);

/* In the message of a commit: "Unroot-Change: HASH TREE". A commit is the bot's own as long as it holds the very tree
   that it was made with: nobody amended it, and nobody put a commit above or below it. */
void mark_trailer(struct buf *out, struct str hash, struct str tree);

/* The hash that the trailer of a message names when the tree is its own; else empty. */
struct str mark_of_commit(struct str message, struct str tree);

#endif
