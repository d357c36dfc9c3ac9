/* unroot verify with an engine that is a script: what its tests share. */
#ifndef UNROOT_TESTS_FAKE_H
#define UNROOT_TESTS_FAKE_H

#include "cli/cli.h"

/* What the engine lists as processes of a container. */
#define APP_ROOT "PID UID COMMAND\n100 0 app\n"
#define APP_USER "PID UID COMMAND\n200 1000 app\n"

/* A directory with a Dockerfile that can be fixed, an engine alone in PATH, and two sides that behave alike. */
int fake_enter(void **state);
#define FAKE_TEST(name) cmocka_unit_test_setup_teardown(name, fake_enter, cli_leave)

/* Verifies the Dockerfile, for a short time. */
struct outcome verify_with(const char *options);

/* The same without options; checks the exit code, and that `part` is printed. */
struct outcome expect(int code, const char *part);

/* Neither images nor containers nor temporary files. */
void assert_nothing_left(void);

#endif
