/* The files around a Dockerfile, for the engine: never outside of its repository or its explicit build context. */
#ifndef UNROOT_PROJECT_PROVIDER_H
#define UNROOT_PROJECT_PROVIDER_H

#include "base/file.h"
#include "base/map.h"
#include "project/consumers.h"
#include "project/location.h"
#include "project/walk.h"
#include "unroot/unroot.h"

/* Opens nothing before it is asked. What is found out about a directory is kept for the next Dockerfile in it. */
struct provider_files {
	struct arena arena, scratch; /* the directory's; one question's */
	struct str directory;	     /* of the Dockerfile, as the user wrote it */
	int opened;		     /* the directory, or -1 */
	struct listing listing;	     /* of the directory */
	long long buffer[1024];	     /* for that, which has to be aligned */
	bool located;		     /* `location` is known; what lies below the directory does not need it */
	struct location location;
	/* The directory above, which is that of its siblings, too. */
	struct arena around;
	struct str above; /* as the user wrote it; p is NULL at first */
	struct location above_location;
	const char *context_option; /* --context, seen from the current directory; or NULL */
	struct str context;	    /* the same, absolute */
	const char *context_path;   /* the same, seen from the directory */
	struct map read;	    /* path as asked -> struct file_id: what was read */
	/* NULL, or: gives what a file that is there holds in an editor that has not saved it. */
	bool (*unsaved)(void *ctx, struct str path, struct str *text);
	void *unsaved_ctx;
	struct arena answer; /* lists and YAML nodes, until the next question */
	/* The repository's consumers, for all Dockerfiles in it. */
	struct arena tree;
	struct str tree_top;
	struct consumers_found found;
};

void provider_init(struct provider_files *p, const char *context_option);
void provider_free(struct provider_files *p);

/* Turns to the Dockerfile at `path`; `out` is valid until the next call. `beside` is what its directory holds, or NULL
   where nobody looked yet; it lasts as long as `out`. */
void provider_open(struct provider_files *p, const char *path, const struct listing *beside, unroot_provider *out);

/* Where the file is that the engine knows as `path`, from the current directory; and the state in which
   it was read, or NULL when it was not. */
const char *provider_path(struct provider_files *p, const char *path);
const struct file_id *provider_id(const struct provider_files *p, const char *path);

#endif
