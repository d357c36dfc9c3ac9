/* Finding the Dockerfiles that a command is about. */
#ifndef UNROOT_PROJECT_WALK_H
#define UNROOT_PROJECT_WALK_H

#include "project/config.h"
#include "project/ignore.h"

/* A directory's entries as the kernel gives them (getdents64), all of them. */
struct listing {
	const void *entries; /* aligned; NULL: not known */
	size_t bytes;
	bool entered; /* the directory's own name is no link */
};

struct input {
	const char *path; /* as it is shown and opened; for standard input the name given to it */
	struct config *config;
	struct listing beside; /* of its directory, where that is small */
	uint64_t inode;	       /* 0: not known */
	bool link;	/* a symbolic link */
	bool explicit;	/* named on the command line */
	bool standard_input;
	bool left_out; /* standard input only: its name is excluded, it goes through as it is */
};

struct walk {
	struct arena *arena;
	struct configs *configs;
	const struct text_list *exclude; /* the command line's */
	const struct location *location; /* of the one path, where it is known already; or NULL */
	bool (*wanted)(struct str name); /* which names are taken; NULL: those of Dockerfiles */
	size_t most;			 /* directories that are entered at most; 0: all */
	bool cut;			 /* there were more */
	bool sweep;			 /* remove what a dead run left behind */
	struct buf *errors;		 /* a line for each path that could not be read or held nothing */
	bool failed;
	struct {
		struct input *at;
		size_t n, cap;
	} found;
	const char *last_directory; /* of an explicit path, and where it is */
	struct location last_location;
};

/* Adds the files of `paths` (the current directory when there are none) to w->found, sorted by path, each once. */
void walk_paths(struct walk *w, char *const *paths, size_t n);

/* Whether an explicit path is left out under --force-exclude. */
bool walk_leaves_out(struct walk *w, const char *path, const struct config *config, const struct location *location);

#endif
