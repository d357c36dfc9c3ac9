/* What unroot changes in a work tree, and what people want to know about it. */
#ifndef UNROOT_BOT_CHANGE_H
#define UNROOT_BOT_CHANGE_H

#include "base/buf.h"
#include "project/walk.h"

enum change_verified {
	CHANGE_NOT_BUILT,    /* --verify was not given */
	CHANGE_VERIFIED,     /* both images were built and run: alike */
	CHANGE_NOT_VERIFIED, /* nobody could tell: `said` */
	CHANGE_REFUTED	     /* they were not alike: left out */
};

struct change_port {
	uint32_t from, to;
};

/* A target stage. */
struct change_stage {
	struct str name;      /* empty: it has none */
	struct str user;      /* as USER has it */
	struct str uid, gid;  /* decimal; empty where not known */
	struct str base;      /* its image; empty when not known */
	struct str why;	      /* this user: "node:20 brings the user node" */
	struct str starts;    /* the program; empty when not known */
	struct str start_why; /* how it can do without root; empty: any program can */
	struct str evidence;  /* of what is known of the base */
	bool shell;	      /* the base has one */
	VEC(struct str) volumes;
	VEC(struct change_port) ports;
};

struct texts {
	struct str *at;
	size_t n, cap;
};

/* A Dockerfile that changes. All paths are seen from the top of the tree. */
struct change {
	struct str path, context; /* context: "." is the top */
	VEC(struct change_stage) stages;
	struct texts others;  /* files that change along with it */
	struct texts rules;   /* that are fixed, each once */
	struct texts reasons; /* messages of what is fixed, each once */
	struct texts follow;  /* what has to follow outside, each once */
	unroot_class least;   /* of what is fixed, the least sure */
	enum change_verified verified;
	struct str said;
};

struct changes {
	struct change *at;
	size_t n, cap;
};

/* Adds a text that is not there yet. */
void texts_add(struct arena *a, struct texts *texts, struct str text);

/* How the new Dockerfiles are tried out; `settings` are options for it. */
struct change_trial {
	const char *program;	     /* NULL: not at all */
	const char *directory;	     /* of the tree */
	const char *const *settings; /* ended by NULL; NULL: none */
};

/* Judges one Dockerfile, whose path is seen from the current directory, the top of the tree; writes what changes into
   the tree, and adds it to `out`. False, with a line in `errors`, when it could not be judged or written. */
bool change_make(struct arena *a, struct configs *configs, const struct input *in, const struct change_trial *trial,
		 struct changes *out, struct buf *errors);

#endif
