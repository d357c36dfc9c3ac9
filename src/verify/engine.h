/* The engine: docker, podman or buildah, through its command line. What it prints is data: bounded, parsed as JSON or
 * taken as text, never given to a shell.
 *
 * Everything made carries the label org.unroot.verify=<id>, and is found by it when it is removed. */
#ifndef UNROOT_VERIFY_ENGINE_H
#define UNROOT_VERIFY_ENGINE_H

#include "unroot/unroot.h"
#include "process/process.h"

#define ENGINE_LABEL "org.unroot.verify"

struct engine {
	struct arena *arena;
	struct signals *signals;
	const char *name;    /* docker, podman, buildah */
	const char *program; /* absolute path */
	struct str version;
	bool runs;	/* false: buildah, which only builds */
	const char *id; /* of this verification: the label's value */
	/* Told what the engine prints while it builds, or NULL. */
	void (*line)(void *ctx, struct str line);
	void *ctx;
};

/* Finds an engine that answers: the one of that name or path, or with NULL the first of docker, podman and buildah. On
   failure false, with what was tried in `*why`. */
bool engine_find(struct engine *e, const char *wanted, struct str *why);

struct engine_build {
	const char *dockerfile, *context; /* absolute */
	const char *target, *network;	  /* or NULL */
	const unroot_pair *args;	  /* ended by a NULL name, or NULL */
	const char *tag;
	long timeout;
};

/* Builds. On failure false, with the end of what the engine printed in `*printed`, and whether it ran out of time. */
bool engine_build(struct engine *e, const struct engine_build *build, struct str *printed, bool *late);

/* What an image says of itself. */
struct engine_image {
	struct str user;
	VEC(uint32_t) ports;	   /* TCP, sorted */
	const char *const *health; /* the arguments of its check, ended by NULL; or NULL */
	bool has_start;		   /* it has an entrypoint or a command */
};
bool engine_image(struct engine *e, const char *tag, struct engine_image *out, struct str *why);

struct engine_run {
	const char *tag, *name, *network;
	const char *const *command; /* ended by NULL; or NULL: the image's own */
	bool strict;		    /* no capabilities, no new privileges, low ports closed */
	const uint32_t *publish;    /* ports to publish on this machine's loopback */
	size_t publish_count;
};

/* Starts a container and gives its full id; false with what the engine said. */
bool engine_start(struct engine *e, const struct engine_run *wish, const char **id, struct str *why);

/* A port of the container, and where this machine has it. */
struct engine_published {
	uint32_t port, host;
};

struct engine_state {
	bool running, out_of_memory;
	int exit_code;
	long pid;
	struct str address; /* IPv4, or empty */
	VEC(struct engine_published) published;
};
/* Its memory comes from `a`. */
bool engine_state(struct engine *e, struct arena *a, const char *id, struct engine_state *out);

/* What the container printed, bounded. */
struct str engine_logs(struct engine *e, const char *id, bool *truncated);

/* Runs a command in the container as its user: the exit code, or -1 when it ended otherwise; what it printed. */
int engine_exec(struct engine *e, const char *id, const char *const *command, long timeout, struct str *printed);

/* The text of `top -eo pid,uid,comm`, for processes that this machine does not show. */
bool engine_top(struct engine *e, const char *id, struct str *text);

/* Removes a container, with its anonymous volumes. */
void engine_remove(struct engine *e, const char *id);

/* Removes everything that carries the label. False when something may have been left. */
bool engine_clean(struct engine *e);

#endif
