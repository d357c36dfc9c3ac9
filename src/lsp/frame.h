/* The frames of the base protocol (LSP 3.17, "Base Protocol"): header lines, an empty line, Content-Length bytes. */
#ifndef UNROOT_LSP_FRAME_H
#define UNROOT_LSP_FRAME_H

#include "base/str.h"

enum { FRAME_LARGEST = 256 << 20 };

enum frame_status {
	FRAME_NONE,	/* more bytes are needed */
	FRAME_BODY,	/* a message */
	FRAME_TOO_LARGE /* one of more than FRAME_LARGEST bytes, which are passed over as they come */
};

/* Zero-initialise; give back with frames_free(). */
struct frames {
	char *p; /* what has come and is not used yet: p[from..n) */
	size_t from, n, cap;
	size_t length, skip;	  /* of the body whose header was read; still to be passed over */
	bool has_length, in_body; /* the header gave a length; it is over */
};
void frames_free(struct frames *f);

/* Room for at least one more byte: where, and how many. NULL when memory runs out. What frames_next() gave is gone. */
char *frames_room(struct frames *f, size_t *room);

/* `n` bytes were put there. */
void frames_add(struct frames *f, size_t n);

/* The next message. Its body may be changed, and is valid until the next call of any function. Lines that are no
   header, and headers without a length, are passed over until there is one with a length: a client that printed
   something else is understood again. */
enum frame_status frames_next(struct frames *f, char **body, size_t *n);

#endif
