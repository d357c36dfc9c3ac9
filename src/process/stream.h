/* What a program prints, as far as it is kept. */
#ifndef UNROOT_PROCESS_STREAM_H
#define UNROOT_PROCESS_STREAM_H

#include "base/arena.h"

enum { STREAM_LINE = 512 }; /* bytes of a line that are told of */

/* The memory is malloc's: running out of it must not leave a program behind. */
struct stream {
	int fd; /* not blocking; -1: closed */
	size_t limit;
	bool tail; /* keeps the last bytes, not the first */
	void (*line)(void *ctx, struct str line);
	void *ctx;
	/* What came of it. */
	char *bytes;
	size_t n, cap;
	bool truncated;
	char pending[STREAM_LINE];
	size_t pending_length;
};

/* Reads once; closes it at its end. */
void stream_read(struct stream *s);

/* Reads what is there already, and closes it. */
void stream_end(struct stream *s);

/* What was kept, NUL-terminated, moved to the arena. */
struct str stream_take(struct stream *s, struct arena *a);

#endif
