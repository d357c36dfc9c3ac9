/* unroot bot: a program of its own, unroot-bot, so that this one needs no libcurl. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/exit.h"
#include "project/location.h"

int cmd_bot(struct arena *a, int argc, char **argv)
{
	char *self = realpath("/proc/self/exe", NULL);
	const char *beside = location_join(a, directory_of(str_of(self)), STR("unroot-bot")).p;
	(void)argc;
	argv[0] = (char *)(uintptr_t) "unroot-bot";
	if (self)
		execv(beside, argv);
	free(self);
	execvp("unroot-bot", argv);
	fprintf(stderr, "unroot: unroot-bot cannot be started: %s\n", strerror(errno));
	return EXIT_FAILED;
}
