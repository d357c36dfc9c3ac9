/* unroot verify: builds the original and the fixed Dockerfile, runs both, compares. */
#ifndef UNROOT_VERIFY_VERIFY_H
#define UNROOT_VERIFY_VERIFY_H

#include "base/buf.h"
#include "verify/compare.h"
#include "verify/workplace.h"

struct verify_request {
	const char *path;		  /* as the user wrote it */
	const char *dockerfile, *context; /* absolute, without links */
	struct str fixed;		  /* the fixed Dockerfile */
	const struct changed_file *files; /* of the context, that the fix changes as well */
	size_t file_count;
	struct port_moves moves; /* those that the fix tells of */
	const char *engine;	 /* name or path; NULL: the first that answers */
	const char *target, *network, *build_network;
	const unroot_pair *build_args;
	const struct http_request *requests;
	size_t request_count;
	const char *const *command, *const *check; /* ended by NULL; or NULL */
	long timeout, build_timeout;		   /* milliseconds */
	bool strict, keep;
	/* Told what is going on: a step, and a line that the engine printed (or an empty one). Or NULL. */
	void (*progress)(void *ctx, const char *step, struct str line);
	void *ctx;
};

enum verdict_kind {
	VERIFY_SAME,
	VERIFY_DIFFERS,
	VERIFY_UNPROVED /* nothing can be said */
};

/* One of both Dockerfiles. */
struct verify_side {
	bool built, run;
	const char *tag;
	struct str printed; /* the end of what the engine printed, when it did not build */
	struct observation seen;
};

struct verify_result {
	enum verdict_kind verdict;
	struct str reason;  /* in one line */
	int signal;	    /* that stopped it, or 0 */
	const char *engine; /* its name; NULL: none was found */
	struct str version;
	const char *id; /* the value of the label */
	struct verify_side original, fixed;
	struct port_moves moves;
	struct differences differences;
	const char *leftover; /* the label of what could not be removed, or was kept; NULL: nothing */
};

/* Memory comes from `a`. Whatever happens, running out of memory included, what was made is removed unless it is kept.
 */
void verify(struct arena *a, const struct verify_request *request, struct verify_result *result);

/* The result for people and for machines; false when memory ran out. */
void verify_text(struct arena *a, const struct verify_request *request, const struct verify_result *result,
		 struct buf *out);
bool verify_json(struct arena *a, const struct verify_request *request, const struct verify_result *result,
		 struct buf *out);

#endif
