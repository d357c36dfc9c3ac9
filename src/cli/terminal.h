/* What the terminal is and wants. */
#ifndef UNROOT_CLI_TERMINAL_H
#define UNROOT_CLI_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

enum colour { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };

/* The flag decides, then NO_COLOR, then CLICOLOR_FORCE and FORCE_COLOR, then whether `fd` is a terminal that is
   not dumb. */
bool terminal_wants_colour(enum colour flag, int fd);

/* Whether `fd` is a terminal that is not dumb. */
bool terminal_is(int fd);

/* A bar on standard error, for runs that take longer than a second, when that is a terminal. */
struct progress {
	bool possible, shown;
	long long start, last; /* milliseconds */
	size_t total;
};
void progress_init(struct progress *p, size_t total, bool quiet);
void progress_show(struct progress *p, size_t done);
/* Takes the bar away, before anything else is printed. */
void progress_hide(struct progress *p);

#endif
