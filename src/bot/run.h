/* One repository: what is there, what is wanted, and what follows from that. */
#ifndef UNROOT_BOT_RUN_H
#define UNROOT_BOT_RUN_H

#include "bot/git.h"
#include "bot/options.h"
#include "bot/state.h"

/* What came of a whole run. */
struct totals {
	size_t opened, updated, current, closed, declined, foreign, unsure, nothing, put_off, failed;
};

/* A repository that is being worked on. */
struct job {
	const struct bot_options *options;
	struct forge *forge; /* NULL: --dry-run */
	struct totals *totals;
	struct arena *arena;
	const char *name; /* as it is shown */
	struct git git;
	struct forge_repository target, source;
	const char *base_remote, *our_remote;
	struct str base; /* the branch */
	struct str base_commit;
	int outside;	      /* the directory to go back to */
	const char *verifier; /* the program `unroot`, or NULL */
};

/* Works on the clone at `path`, or on the forge's repository `path` when `remote`. Tells what was done on standard
   output, what went wrong on standard error, and counts both. */
void run_repository(const struct bot_options *o, struct forge *forge, const char *path, bool remote,
		    const char *verifier, struct totals *totals);

/* The steps of that, for another kind of run. `arena` is made; run_close() frees it. */
void run_init(struct job *job, struct arena *arena, const struct bot_options *o, struct forge *forge, const char *path,
	      struct totals *totals);

/* Opens the repository and finds it on the forge. False, with a line told, when that failed. */
bool run_open(struct job *job, const char *path, bool remote);
void run_close(struct job *job);

/* Makes the work tree the current directory, so that paths in it are short; and goes back. */
bool run_enter(struct job *job);
void run_leave(struct job *job);

/* Fetches the base and the bot's own branches. The reason of a failure is git's. */
bool run_fetch(struct job *job);

/* Tells why, and counts a failure; false. */
bool run_fail(struct job *job, struct str why);

#endif
