/* The files a run may look at: the Dockerfile itself, and others that the core asks a provider for. */
#ifndef UNROOT_MODEL_WORKSPACE_H
#define UNROOT_MODEL_WORKSPACE_H

#include "model/yaml.h"
#include "base/map.h"

enum provided {
	PROVIDED_UNKNOWN, /* cannot be known here (standard input, editor): never a proof of absence */
	PROVIDED_NO,	  /* there is no such file */
	PROVIDED_FILE,
	PROVIDED_DIRECTORY
};

struct str_list {
	struct str *at;
	size_t n, cap;
};

/* How the core asks for files. Paths are relative to the Dockerfile's directory, use '/', and may
   begin with "../"; the driver answers PROVIDED_NO for what lies outside of the repository (or outside of an explicit
   --context), and never follows a symbolic link out of it. */
struct provider {
	void *ctx;
	enum provided (*stat)(void *ctx, struct str path, uint32_t *mode); /* mode: permission bits */
	/* Gives the bytes in `a`; files above 1 MiB count as PROVIDED_UNKNOWN. */
	enum provided (*read)(void *ctx, struct arena *a, struct str path, struct str *bytes);
	bool only_dockerfile; /* no other file may change */
	struct str context; /* --context relative to the Dockerfile's directory, or empty: to be found */
	/* What follows may be NULL. */
	bool (*list)(void *ctx, struct arena *a, struct str path, struct str_list *names);
	/* `directory`: the Dockerfile's, seen from the repository's top. */
	bool (*consumers)(void *ctx, struct arena *a, struct str_list *paths, struct str *directory);
	bool (*dockerfiles)(void *ctx, struct arena *a, struct str_list *paths); /* of the repository */
	bool (*yaml)(void *ctx, struct arena *a, struct str bytes, struct yaml *out); /* false: there is no such reader */
};

struct workspace_file {
	struct str path;
	struct str original; /* as the provider gave it */
	struct str current;  /* with the edits of the rounds so far */
	bool consumer;	     /* it says how the image is run: see model/consumers.h */
};

struct consumers;

struct workspace {
	struct arena *arena;
	const struct provider *provider; /* NULL: everything but file 0 is unknown */
	struct workspace_file *at;	 /* 0 is the Dockerfile */
	uint32_t n, cap;
	struct map by_path; /* struct workspace_answer *, private to workspace.c */
	uint32_t stage_lookups;	     /* files that were looked for in other stages; bounded */
	struct consumers *consumers; /* of this round: see model/consumers.h */
};

/* Starts with the Dockerfile alone: `path` is its name, relative to its own directory. */
void workspace_init(struct workspace *w, struct arena *a, const struct provider *p, struct str path, struct str bytes);

/* A file's index for edits; its text is w->at[*index].current. The provider is asked once for each path, "./a//b/../c"
   being the same as "a/c", and the answer is remembered, whatever it was. `index` is set for PROVIDED_FILE alone. */
enum provided workspace_read(struct workspace *w, struct str path, uint32_t *index);

/* What stands at `path`; `mode` may be NULL, and is set for a file or directory. Remembered in the same way. */
enum provided workspace_stat(struct workspace *w, struct str path, uint32_t *mode);

/* The names in a directory, directories with a slash behind; false when they cannot be known. */
bool workspace_list(struct workspace *w, struct arena *a, struct str path, struct str_list *names);

#endif
