/* Exit codes. */
#ifndef UNROOT_CLI_EXIT_H
#define UNROOT_CLI_EXIT_H

enum {
	EXIT_DONE = 0,	/* clean, or all is done */
	EXIT_FOUND = 1, /* something would change, or could be fixed */
	EXIT_FAILED = 2 /* something could not be done; beats the others */
};

#endif
