/* Who builds and runs the image, as far as the repository's compose files and Kubernetes manifests tell
 * (compose-spec.io, "05-services", "build"; kubernetes.io API reference). */
#ifndef UNROOT_MODEL_CONSUMERS_H
#define UNROOT_MODEL_CONSUMERS_H

#include "model/stage.h"
#include "model/workspace.h"

/* A compose file or manifest that was read. */
struct consumer_file {
	struct str path;      /* as the workspace knows it */
	struct str directory; /* from the repository's top, with a slash before it */
	uint32_t file;	      /* index in the workspace */
	bool compose;
	struct yaml yaml;
	/* Private to consumers.c. */
	bool env_read;
	struct map env; /* struct str * by name, of the file .env beside it */
};

enum whose {
	SERVICE_OTHERS,
	SERVICE_DOUBT, /* which Dockerfile it builds, or which image it runs, is not known */
	SERVICE_OURS
};

/* A service of a compose file. */
struct service {
	uint32_t file; /* index in consumers.files */
	uint32_t node;
	struct str name;
	struct str image;      /* without its tag; empty without one */
	bool builds;	       /* it has a build section of its own */
	struct str dockerfile; /* absolute, seen from the repository's top; empty when not known */
	struct str context;    /* the same as the workspace is asked for it */
	struct str target;
	enum whose whose;
};

struct consumers {
	bool known;	       /* false: nobody could be asked */
	bool unknown;	       /* there was somebody to ask, who did not know */
	struct str dockerfile; /* its own path, absolute from the repository's top */
	struct str context;    /* the build context that all services which build it agree on; else empty */
	VEC(struct consumer_file) files;
	VEC(struct service) services;
	VEC(struct str) images; /* names of the image that compose files give it */
	/* Private to consumers.c. */
	struct str_list manifests; /* paths that were not read so far */
	struct str_list others;	   /* the same of compose files: they cannot mean the Dockerfile by its path */
	struct str here;	   /* the Dockerfile's directory, absolute from the repository's top */
	struct map by_file;	   /* struct service * that can be extended, by file and name: the last of a name */
	struct map ours;	   /* "directory" and "directory\nname" of services that are */
};

/* Those of the Dockerfile that is file 0; read when first asked for in a round. */
struct consumers *consumers_of(struct workspace *w, struct arena *a);

/* Adds the manifests that hold `text` somewhere to the files. */
void consumers_read_manifests(struct consumers *c, struct workspace *w, struct arena *a, struct str text);

/* The same for compose files that neither build the Dockerfile nor name its image: an image may go by another name. */
void consumers_read_others(struct consumers *c, struct workspace *w, struct arena *a, struct str text);

/* As stages_read(), with the build arguments that all of them agree on for those that are not given. */
void stages_read_built(struct arena *a, struct arena *scratch, const struct document *d, struct workspace *w,
		       const struct build_arg *given, size_t ngiven, struct stages *out);

/* An image's name without tag and digest. */
struct str consumers_image_name(struct str image);

/* Whether the image is the Dockerfile's. */
bool consumers_are_ours(const struct consumers *c, struct str image);

/* NAME and value of an entry of environment, labels or args, which may be a mapping's or a list's ("NAME=value").
   False for an entry that has no value of its own. `at` is the offset of the value in the node's text. */
bool consumers_pair(const struct yaml *y, uint32_t item, struct str *name, struct str *value, uint32_t *at);

#endif
