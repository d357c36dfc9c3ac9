/* One HTTP request to a container. */
#ifndef UNROOT_VERIFY_HTTP_H
#define UNROOT_VERIFY_HTTP_H

#include "process/process.h"

/* What is asked: "PATH", "METHOD PATH" or "METHOD PATH BODY". */
struct http_request {
	struct str method, path, body;
	const char *given; /* as the user wrote it */
};

/* False, with what is wrong in `*expected`, when it cannot be asked: a path that does not begin with '/', control
 * characters. */
bool http_parse(const char *text, struct http_request *out, const char **expected);

/* Where the container is reached. */
struct http_place {
	long pid;	     /* of a process whose network is entered, and its own loopback asked; or 0 */
	const char *address; /* otherwise: an IPv4 address */
	uint32_t port;
};

struct http_answer {
	bool answered; /* there was an HTTP answer */
	unsigned status;
	struct str body; /* bounded; transfer encodings as they are */
	const char *why; /* when there was none: "connection refused", "no HTTP", … */
};

/* Asks once, and waits for at most `timeout` milliseconds. */
void http_ask(struct arena *a, struct signals *signals, const struct http_place *place,
	      const struct http_request *request, long timeout, struct http_answer *out);

/* Reads an answer as it came. */
void http_read(struct str text, struct http_answer *out);

#endif
