#define _GNU_SOURCE /* wait4 */

#include "bench.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double seconds_of(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

/* The kernel counts the memory of the process that started it as well, so this program has to stay small. */
struct run run_once(const char *const argv[], int allowed)
{
	posix_spawn_file_actions_t actions;
	struct rusage usage;
	pid_t child;
	int status;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	double start = now();
	int failed = posix_spawnp(&child, argv[0], &actions, NULL, (char *const *)(size_t)argv, environ);
	if (failed || wait4(child, &status, 0, &usage) != child) {
		fprintf(stderr, "cannot run %s\n", argv[0]);
		exit(1);
	}
	double seconds = now() - start;
	posix_spawn_file_actions_destroy(&actions);
	if (!WIFEXITED(status) || (WEXITSTATUS(status) != 0 && WEXITSTATUS(status) != allowed)) {
		fprintf(stderr, "%s failed with status %d\n", argv[0], status);
		exit(1);
	}
	double processor = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
	return (struct run){seconds, processor, (size_t)usage.ru_maxrss * 1024};
}
