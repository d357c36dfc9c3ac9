/* The programs that the bot runs: git, and unroot for --verify. They keep the terminal, where ssh and signing may ask.
 */
#ifndef UNROOT_BOT_SPAWN_H
#define UNROOT_BOT_SPAWN_H

#include "base/arena.h"

struct spawn {
	const char *const *argv;  /* ended by NULL; the program is looked for in PATH */
	const char *directory;	  /* where it runs; NULL: here */
	const char *const *extra; /* "NAME=VALUE" on top of the environment, ended by NULL; NULL: none */
	struct str input;	  /* standard input */
	size_t limit;		  /* of standard output, in bytes; more is a failure */
	unsigned seconds;	  /* after these it is ended */
};

struct spawn_result {
	int code;	     /* of its exit; -1: it was not started, or ended by a signal, the limit or the time */
	struct str out, err; /* NUL-terminated; without an exit `err` says why */
};

/* Runs it to its end. Variables that would lead git to another repository are not passed on. */
void spawn_run(struct arena *a, const struct spawn *p, struct spawn_result *r);

#endif
