/* A run of `fix` that is killed between two files: what is there is whole, and a second run completes it. The linker
 * leads the program's renameat() here (--wrap). */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli.h"
#include "cli/commands.h"
#include "support/support.h"

enum { KILLED = 99, MOST_FILES = 4 };

static int renames_left = -1; /* before the process ends; negative: it does not */

int __real_renameat(int from_directory, const char *from, int to_directory, const char *to);
int __wrap_renameat(int from_directory, const char *from, int to_directory, const char *to);

int __wrap_renameat(int from_directory, const char *from, int to_directory, const char *to)
{
	if (renames_left == 0)
		_exit(KILLED);
	renames_left -= renames_left > 0;
	return __real_renameat(from_directory, from, to_directory, to);
}

/* `unroot fix -q` in a process of its own. */
static int fix(int renames)
{
	int status;
	fflush(NULL);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		char *argv[] = {(char *)"fix", (char *)"-q", NULL};
		renames_left = renames;
		_exit(cmd_fix(&cli_arena, 2, argv));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

struct file {
	const char *path, *text;
};

struct tree {
	struct file files[MOST_FILES];
	size_t n;
};

static void lay_out(const struct tree *t)
{
	for (size_t i = 0; i < t->n; i++)
		put(t->files[i].path, t->files[i].text);
}

static size_t changed(const struct tree *t)
{
	size_t n = 0;
	for (size_t i = 0; i < t->n; i++)
		n += strcmp(get(t->files[i].path), t->files[i].text) != 0;
	return n;
}

/* Killed at each of its writes, then run again. */
static void check(const struct tree *t, size_t files)
{
	const char *expected[MOST_FILES];
	lay_out(t);
	assert_int_equal(fix(-1), 0);
	assert_int_equal(changed(t), files);
	for (size_t i = 0; i < t->n; i++)
		expected[i] = get(t->files[i].path);
	for (size_t written = 0; written < files; written++) {
		lay_out(t);
		assert_int_equal(fix((int)written), KILLED);
		assert_int_equal(changed(t), written);
		assert_int_equal(fix(-1), 0);
		for (size_t i = 0; i < t->n; i++)
			assert_string_equal(get(t->files[i].path), expected[i]);
	}
	lay_out(t);
	assert_int_equal(fix((int)files), 0);
}

static void the_command_binds_it(void **state)
{
	static const struct tree tree = {
		{{"app/Dockerfile", "FROM python:3.12-slim\nEXPOSE 80\nHEALTHCHECK CMD curl -f http://localhost/\n"
				    "CMD [\"gunicorn\", \"-b\", \":80\", \"app:app\"]\n"},
		 {"compose.yaml",
		  "services:\n  web:\n    build: app\n    image: example/web\n    ports: [\"80:80\"]\n"},
		 {"deploy/web.yaml",
		  "kind: Pod\nspec:\n  containers:\n    - image: example/web\n      ports: [{containerPort: 80}]\n"},
		 {"other.yaml", "a: 80\n"}},
		4};
	(void)state;
	put(".git/HEAD", "");
	check(&tree, 3);
}

static void configuration_binds_it(void **state)
{
	static const struct tree tree = {
		{{"Dockerfile", "FROM nginx:1.27\nCOPY default.conf /etc/nginx/conf.d/default.conf\nEXPOSE 80\n"
				"HEALTHCHECK CMD curl -f http://localhost:80/\n"},
		 {"default.conf", "server {\n    listen 80;\n    root /usr/share/nginx/html;\n}\n"},
		 {"docker-compose.yml", "services:\n  web:\n    build: .\n    ports:\n      - 80:80\n"}},
		3};
	(void)state;
	put(".git/HEAD", "");
	check(&tree, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {CLI_TEST(the_command_binds_it), CLI_TEST(configuration_binds_it)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
