/* Runs the program in a directory of its own, through a shell. */
#ifndef UNROOT_TESTS_CLI_H
#define UNROOT_TESTS_CLI_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"

/* The tests' texts and results live in it; emptied after each test. */
extern struct arena cli_arena;

struct outcome {
	int code;
	const char *out, *err; /* NUL-terminated */
	size_t out_length;
};

/* Set-up and tear-down: a new current directory, empty and outside of any repository. */
int cli_enter(void **state);
int cli_leave(void **state);

/* Runs `unroot ARGUMENTS`, as the shell reads them, with empty standard input. */
struct outcome unroot(const char *arguments);

/* Runs a shell command in which $U is the program. */
struct outcome shell(const char *command);

/* The same as a user without privileges, or skips the test where that cannot be had. */
struct outcome shell_as_nobody(const char *command);

/* Before a command that may not write what it wants to: a build that measures coverage would cut its counters off. */
#define WITHOUT_COUNTERS "export GCOV_PREFIX=/dev/null GCOV_ERROR_FILE=/dev/null; "

/* Writes a text file, and the same with a fixable Dockerfile, one that is fine, one that BuildKit refuses. */
void put(const char *path, const char *text);
void put_fixable(const char *path);
void put_clean(const char *path);
void put_refused(const char *path);
extern const char fixable[], clean[], refused[];

/* What a file holds, NUL-terminated. */
const char *get(const char *path);

/* Checks. */
void assert_holds(const char *text, const char *part);
void assert_lacks(const char *text, const char *part);
void assert_lines(const char *text, size_t n);

#define CLI_TEST(name) cmocka_unit_test_setup_teardown(name, cli_enter, cli_leave)

#endif
