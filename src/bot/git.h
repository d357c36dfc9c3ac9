/* The git command: the user's identity, credentials, hooks and signing. Nothing of a repository is ever an argument
   that git could take for an option, or run. */
#ifndef UNROOT_BOT_GIT_H
#define UNROOT_BOT_GIT_H

#include "bot/spawn.h"
#include "bot/secret.h"

/* Where what the bot fetches is kept, apart from the user's own references. */
#define GIT_BASE_REF "refs/unroot/base"
#define GIT_OURS_REFS "refs/unroot/ours/"

struct git {
	struct arena *arena;
	const char *repository;	     /* a clone, or a repository of our own */
	bool own;		     /* it was made for this run */
	const char *private;	     /* a directory for this run alone */
	const char *tree;	     /* the work tree, below `private`; it has a HEAD and an index of its own */
	struct str pristine;	     /* the commit that the tree is, as long as nothing was changed in it */
	int lock;		     /* of `private`; -1: none */
	const char *remote;	     /* address, or name of a remote */
	struct str server;	     /* the token goes to addresses below this one only */
	const struct secret *secret; /* NULL: without network */
	struct str error;	     /* why the last one failed; clean, without the token */
};

/* Opens the clone that `path` lies in. What a run that died left behind goes. */
bool git_open(struct git *g, struct arena *a, const char *path);

/* Makes an empty repository below TMPDIR or /tmp. */
bool git_make(struct git *g, struct arena *a);

/* Removes the work tree, and a repository of our own. */
void git_close(struct git *g);

/* The address of the clone's remote `name`; empty when there is none. */
struct str git_address(struct git *g, const char *name);

/* The commit that `name` stands for; empty when there is none. */
struct str git_commit_of(struct git *g, const char *name);

/* The commit and the name of the default branch as the clone knows it: that of the remote, else what is checked out. */
bool git_local_base(struct git *g, const char *remote, struct str *commit, struct str *branch);

/* Fetches, at once, the reference `base` of the remote as GIT_BASE_REF, and its branches that begin with `ours` as
   GIT_OURS_REFS followed by their names; those that are no longer there go. Either may be empty. A repository of our
   own gets only as much history as has to be, unless `whole`. */
bool git_fetch(struct git *g, struct str base, struct str ours, bool whole);

/* The names of those branches, one a line. */
struct str git_our_branches(struct git *g);

/* The subjects of the last commits up to `commit`, one a line. */
struct str git_subjects(struct git *g, struct str commit);

/* Makes the work tree be what `commit` is. Whoever writes into it calls git_stage() before the next one. */
bool git_checkout(struct git *g, struct str commit);

/* Takes all changes of the work tree into its index; the tree that makes, and the paths that differ from HEAD, each
   ended by a NUL. */
bool git_stage(struct git *g, struct str *tree, struct str *paths);

/* The differences between HEAD and the index, as a unified diff. */
bool git_diff(struct git *g, struct str *diff);

/* A file of the index. */
bool git_staged_file(struct git *g, struct str path, struct str *bytes, bool *executable);

/* Whether a file is the same in two trees or commits; false too when it is in neither. */
bool git_same_file(struct git *g, struct str a, struct str b, struct str path);

/* Commits the index. Hooks may change the message and the files. `commit` is the new HEAD, `tree` what it holds. */
bool git_commit(struct git *g, struct str message, bool sign_off, bool amend, struct str *commit, struct str *tree);

/* The message of a commit, and its tree; empty where there is no such commit. */
struct str git_message(struct git *g, struct str commit);
struct str git_tree_of(struct git *g, struct str commit);

/* "Name" and "email" of the user. */
bool git_identity(struct git *g, struct str *name, struct str *email);

/* Makes the remote's `branch` be `commit`, if it is `expected` now (empty: if there is none). */
bool git_push(struct git *g, struct str commit, struct str branch, struct str expected);

/* Whether git would take this for the name of a branch. */
bool git_is_branch(struct git *g, const char *name);

#endif
