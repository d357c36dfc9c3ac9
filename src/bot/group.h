/* A request: the Dockerfiles it is about, on a branch of its own. */
#ifndef UNROOT_BOT_GROUP_H
#define UNROOT_BOT_GROUP_H

#include "bot/change.h"
#include "bot/run.h"

struct group {
	struct str branch;
	const struct input *inputs;
	size_t n; /* 0: a branch that nothing needs any more */
};

struct groups {
	struct group *at;
	size_t n, cap;
};

/* What the requests of one repository share. */
struct group_context {
	struct job *job;
	struct configs *configs;
	bool conventional;
	bool sure; /* every configuration could be read */
};

/* The groups that the Dockerfiles of a tree make, and those that earlier runs made and that are left over. */
void groups_make(struct job *job, const struct input *inputs, size_t n, struct groups *out);

/* Does what is to be done for one. The current directory is the top of the work tree. */
void group_run(struct group_context *context, const struct group *group);

#endif
