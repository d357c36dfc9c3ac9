#define _GNU_SOURCE
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/support.h"

enum { NOBODY = 65534, CANNOT_RUN = 126 };

struct arena cli_arena;
static const char *scratch; /* holds work/, and in, out and err of the last run */

/* Safe whatever the surroundings are: the image's own user, one stage, an exec form. */
const char fixable[] = "FROM node:20-slim\n"
		       "WORKDIR /srv\n"
		       "COPY . .\n"
		       "CMD [\"node\", \"server.js\"]\n";
const char clean[] = "FROM scratch\nCOPY --from=build /a /a\nUSER 65532:65532\nENTRYPOINT [\"/a\"]\n";
const char refused[] = "FROM scratch\nFRMO x\n";

int cli_enter(void **state)
{
	(void)state;
	arena_init(&cli_arena, NULL, 0);
	scratch = scratch_new(&cli_arena);
	const char *work = arena_printf(&cli_arena, "%s/work", scratch).p;
	const char *unset[] = {"NO_COLOR", "CLICOLOR_FORCE", "FORCE_COLOR"};
	for (size_t i = 0; i < 3; i++)
		unsetenv(unset[i]);
	setenv("U", UNROOT_BINARY, 1);
	return mkdir(work, 0755) != 0 || chmod(scratch, 0755) != 0 || chdir(work) != 0;
}

int cli_leave(void **state)
{
	(void)state;
	int code = chdir("/");
	scratch_remove(scratch);
	arena_free(&cli_arena);
	return code;
}

static int wait_for(pid_t child)
{
	int status;
	if (waitpid(child, &status, 0) != child || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

static struct outcome run(const char *command, bool nobody)
{
	const char *out = arena_printf(&cli_arena, "%s/out", scratch).p;
	const char *err = arena_printf(&cli_arena, "%s/err", scratch).p;
	fflush(NULL);
	pid_t child = fork();
	if (child == 0) {
		if (!freopen("/dev/null", "r", stdin) || !freopen(out, "w", stdout) || !freopen(err, "w", stderr))
			_exit(CANNOT_RUN);
		if (nobody && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0 || access(UNROOT_BINARY, X_OK) != 0))
			_exit(CANNOT_RUN);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(CANNOT_RUN);
	}
	struct outcome o = {.code = wait_for(child)};
	struct str text = arena_str(&cli_arena, file_bytes(&cli_arena, out));
	o.out = text.p;
	o.out_length = text.n;
	o.err = arena_str(&cli_arena, file_bytes(&cli_arena, err)).p;
	return o;
}

struct outcome shell(const char *command)
{
	return run(command, false);
}

struct outcome shell_as_nobody(const char *command)
{
	if (geteuid() != 0)
		return run(command, false);
	if (run("true", true).code != 0) {
		print_message("skipped: an unprivileged user cannot run the program here\n");
		skip();
	}
	return run(command, true);
}

struct outcome unroot(const char *arguments)
{
	return run(arena_printf(&cli_arena, "exec \"$U\" %s", arguments).p, false);
}

void put(const char *path, const char *text)
{
	file_put(path, str_of(text));
}

void put_fixable(const char *path)
{
	put(path, fixable);
}

void put_clean(const char *path)
{
	put(path, clean);
}

void put_refused(const char *path)
{
	put(path, refused);
}

const char *get(const char *path)
{
	return arena_str(&cli_arena, file_bytes(&cli_arena, path)).p;
}

void assert_holds(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in:\n%s", part, text);
}

void assert_lacks(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("\"%s\" is in:\n%s", part, text);
}

void assert_lines(const char *text, size_t n)
{
	size_t lines = 0;
	for (const char *p = text; *p; p++)
		lines += *p == '\n';
	if (lines != n)
		fail_msg("%zu lines instead of %zu:\n%s", lines, n, text);
}
