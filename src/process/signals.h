/* Signals that would end this program, read when it suits. */
#ifndef UNROOT_PROCESS_SIGNALS_H
#define UNROOT_PROCESS_SIGNALS_H

#include <stdbool.h>

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

#endif
