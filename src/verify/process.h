/* Running other programs: no shell, bounded output, bounded time, interruptible. */
#ifndef UNROOT_VERIFY_PROCESS_H
#define UNROOT_VERIFY_PROCESS_H

#include "base/arena.h"

/* Blocks those of SIGINT, SIGTERM, SIGHUP and SIGQUIT that this program was not started to ignore, for as long as it
   lives; they are then read from a descriptor, so that nothing is interrupted at a place where it would leave something
   behind. */
struct signals {
	int fd;			  /* -1: none */
	int got;		  /* the first signal that came, or 0 */
	bool deaf;		  /* they do not count for now: while cleaning up */
	unsigned char saved[128]; /* the mask as it was */
};
void signals_catch(struct signals *s);
void signals_release(struct signals *s);

/* Whether one has come. Reads what is there. */
bool signals_came(struct signals *s);

/* Waits; false, earlier, when a signal came. */
bool signals_sleep(struct signals *s, long milliseconds);

/* Milliseconds of a clock that only goes forward. */
long long clock_ms(void);

enum process_end {
	PROCESS_EXITED,	 /* with `code` */
	PROCESS_KILLED,	 /* by signal `code` */
	PROCESS_TIMEOUT, /* it and its process group were killed */
	PROCESS_STOPPED, /* the same, since a signal came */
	PROCESS_FAILED	 /* could not be started: errno is `code` */
};

struct process {
	/* What is wanted. */
	struct arena *arena; /* for what it prints */
	struct signals *signals;
	long timeout;  /* milliseconds */
	size_t limit;  /* of bytes kept of each stream */
	bool tail;     /* keep the last bytes, not the first */
	bool merge;    /* standard error goes to `out` as well */
	bool contains; /* containers may run below it: to stop it they are killed first, so that it can clean up itself
			*/
	const char *const *environment;		  /* NAME=VALUE that are added, or NULL; ended by NULL */
	void (*line)(void *ctx, struct str line); /* told of each line while it runs, or NULL */
	void *ctx;
	/* What came of it. */
	enum process_end end;
	int code;
	struct str out, err;
	bool truncated; /* more was printed than was kept */
};

/* Runs argv[0], an absolute path, with empty standard input. True when it exited with 0. */
bool process_run(struct process *p, const char *const *argv);

/* Runs a function of this program in a process of its own, with the descriptor that takes its answer. The function must
   not touch the terminal, nor allocate from an arena. */
bool process_fork(struct process *p, int (*run)(void *ctx, int answer), void *ctx);

/* The program of that name in PATH as an absolute path, or NULL. */
const char *process_find(struct arena *a, const char *name);

/* One line about how it ended: "exited with 1", "took longer than 10 s", … */
struct str process_why(struct arena *a, const struct process *p);

#endif
