/* Running one image for a bounded time, and what was seen of it. */
#ifndef UNROOT_VERIFY_OBSERVE_H
#define UNROOT_VERIFY_OBSERVE_H

#include "verify/engine.h"
#include "verify/host.h"
#include "verify/http.h"

struct observe_wish {
	const char *tag, *name, *network;
	const char *const *command; /* ended by NULL; or NULL: the image's own */
	const char *const *check;   /* run inside when it has settled; or NULL */
	bool strict, keep;
	long timeout;	       /* milliseconds that it runs at most before it is asked */
	long least;	       /* and at least, unless it ends */
	const uint32_t *ports; /* TCP ports that are waited for */
	size_t port_count;
	const struct http_request *requests;
	size_t request_count;
};

/* A process that was seen at least once. */
struct seen_process {
	long pid;
	char name[32];
	uint32_t uids[4];
	long first, last; /* milliseconds after the start */
	bool at_end;
};

struct seen_answer {
	uint32_t port;
	size_t request;
	struct http_answer answer;
};

/* What a command in the container gave. */
struct seen_check {
	bool run;
	int code; /* -1: it took too long */
	struct str printed;
};

struct observation {
	struct engine_image image;
	const char *id;
	bool started;
	struct str why; /* it did not start, or the engine stopped to answer */
	bool lost;	/* the latter */
	bool running, out_of_memory;
	int exit_code;
	long time;	    /* milliseconds until it was asked, or had ended */
	const char *source; /* of the processes: "/proc", "top", or "" when none could be seen */
	VEC(struct seen_process) processes;
	bool ports_known; /* false: only ports that answer are among them */
	struct host_ports ports;
	VEC(struct seen_answer) answers;
	struct seen_check health, check;
	struct str log;
	bool log_truncated;
};

/* Runs the image, and removes its container. False when a signal came. `scratch` is emptied. */
bool observe(struct engine *e, struct arena *scratch, const struct observe_wish *wish, struct observation *out);

/* The user that the image starts as, by its own word, is root. */
bool observe_declares_root(const struct observation *o);

/* Reads the text of `top`: a head, and lines of pid, uid and name. */
void observe_read_top(struct arena *a, struct str text, struct host_processes *out);

#endif
