/* Running other programs: by their arguments, never through a shell; bounded output, bounded time, interruptible. */
#ifndef UNROOT_PROCESS_PROCESS_H
#define UNROOT_PROCESS_PROCESS_H

#include <sys/types.h>

#include "base/arena.h"
#include "process/signals.h"

enum process_end {
	PROCESS_EXITED,	  /* with `code` */
	PROCESS_KILLED,	  /* by signal `code` */
	PROCESS_TIMEOUT,  /* it was killed */
	PROCESS_STOPPED,  /* the same, since a signal came */
	PROCESS_OVERFLOW, /* the same, since it printed more than `limit` */
	PROCESS_FAILED	  /* could not be started: errno is `code` */
};

struct process {
	/* What is wanted. */
	struct arena *arena;	 /* for what it prints */
	struct signals *signals; /* that stop it; NULL: none */
	struct str input;	 /* standard input; whoever gives one ignores SIGPIPE */
	const char *directory;	 /* where it runs; NULL: here */
	long timeout;		 /* milliseconds */
	size_t limit;		 /* of bytes kept of each stream */
	bool tail;		 /* keep the last bytes, not the first */
	bool merge;		 /* standard error goes to `out` as well */
	bool whole;		 /* more on standard output than the limit ends it */
	bool apart; /* in a process group of its own, which is killed with it; out of the terminal's reach */
	/* Makes it end by itself before it is killed: called again and again for ten seconds; NULL: there is no such
	 * way. */
	void (*ease)(pid_t pid, bool first);
	const char *const *environment;		  /* NAME=VALUE that are added, ended by NULL; NULL: none */
	const char *const *without;		  /* NAME that are taken away; the same */
	void (*line)(void *ctx, struct str line); /* told of each line while it runs, or NULL */
	void *ctx;
	/* What came of it. */
	enum process_end end;
	int code;
	struct str out, err; /* NUL-terminated */
	bool truncated;	     /* more was printed than was kept */
};

/* Runs argv[0], which is looked for in PATH when it is no path. True when it exited with 0. It ends when its first
   process does; what others still print then is not waited for. */
bool process_run(struct process *p, const char *const *argv);

/* Runs a function of this program in a process and a group of its own, with the descriptor that takes its answer. The
   function must not touch the terminal, nor allocate from an arena. */
bool process_fork(struct process *p, int (*run)(void *ctx, int answer), void *ctx);

/* The program of that name in PATH as an absolute path, or NULL. */
const char *process_find(struct arena *a, const char *name);

/* One line about how it ended: "exited with 1", "took longer than 10 s", … */
struct str process_why(struct arena *a, const struct process *p);

#endif
