#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "project/config.h"
#include "project/provider.h"
#include "project/walk.h"
#include "support/support.h"

enum { UNKNOWN, NO, FILE_THERE, DIRECTORY_THERE };

static struct arena arena;
static const char *scratch;
static struct provider_files files;
static unroot_provider provider;

static int enter(void **state)
{
	(void)state;
	arena_init(&arena, NULL, 0);
	scratch = scratch_new(&arena);
	return chdir(scratch);
}

static int leave(void **state)
{
	(void)state;
	provider_free(&files);
	int code = chdir("/");
	scratch_remove(scratch);
	arena_free(&arena);
	return code;
}

static void open_for(const char *context, const char *dockerfile)
{
	provider_init(&files, context);
	provider_open(&files, dockerfile, NULL, &provider);
}

static int kind(const char *path)
{
	unsigned mode = 0;
	return provider.stat(provider.ctx, path, &mode);
}

static int bytes(const char *path)
{
	const char *text;
	size_t n;
	int answer = provider.read(provider.ctx, path, &text, &n);
	if (answer == FILE_THERE)
		provider.done(provider.ctx, text);
	return answer;
}

static void inside_a_repository(void **state)
{
	(void)state;
	file_put("secret", STR("x"));
	file_put("repo/.git/HEAD", STR(""));
	file_put("repo/compose.yml", STR("services:\n"));
	file_put("repo/app/main.py", STR("print()\n"));
	file_put("repo/app/run.sh", STR("#!/bin/sh\n"));
	assert_int_equal(chmod("repo/app/run.sh", 0755), 0);
	open_for(NULL, "repo/app/Dockerfile");
	assert_null(provider.context);
	assert_int_equal(kind("main.py"), FILE_THERE);
	assert_int_equal(kind("."), DIRECTORY_THERE);
	assert_int_equal(kind(".."), DIRECTORY_THERE);
	assert_int_equal(kind("none"), NO);
	assert_int_equal(kind("main.py/none"), NO);
	assert_int_equal(kind("../compose.yml"), FILE_THERE);
	assert_int_equal(kind("../../secret"), NO);
	assert_int_equal(bytes("../../secret"), NO);
	assert_int_equal(bytes("../../../../../../etc/passwd"), NO);
	assert_int_equal(kind("../../repo/app/main.py"), FILE_THERE);

	unsigned mode;
	const char *text;
	size_t n;
	assert_int_equal(provider.stat(provider.ctx, "run.sh", &mode), FILE_THERE);
	assert_int_equal(mode, 0755);
	assert_int_equal(provider.read(provider.ctx, "../compose.yml", &text, &n), FILE_THERE);
	assert_int_equal(n, 10);
	assert_memory_equal(text, "services:\n", n);
	provider.done(provider.ctx, text);
	assert_int_equal(provider_id(&files, "../compose.yml")->size, 10);
	assert_null(provider_id(&files, "main.py"));
	assert_string_equal(provider_path(&files, "../compose.yml"), "repo/app/../compose.yml");
}

static void without_a_repository(void **state)
{
	(void)state;
	file_put("outer", STR("x"));
	file_put("app/file", STR("x"));
	open_for(NULL, "app/Dockerfile");
	assert_int_equal(kind("file"), FILE_THERE);
	assert_int_equal(kind("../outer"), NO);
	assert_int_equal(kind("../app/file"), FILE_THERE);
}

/* More names than are kept: each is asked for. */
static void many_names(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 200; i++)
		file_put(arena_printf(&arena, "app/a-rather-long-name-of-a-file-in-a-large-directory-%u", i).p,
			 STR("x"));
	file_put("app/compose.yaml", STR("services: {}\n"));
	open_for(NULL, "app/Dockerfile");
	assert_int_equal(kind("a-rather-long-name-of-a-file-in-a-large-directory-0"), FILE_THERE);
	assert_int_equal(kind("a-rather-long-name-of-a-file-in-a-large-directory-199"), FILE_THERE);
	assert_int_equal(kind("a-rather-long-name-of-a-file-in-a-large-directory-200"), NO);
	const char *directory;
	const char *const *found = provider.consumers(provider.ctx, &directory);
	assert_string_equal(found[0], "compose.yaml");
	assert_null(found[1]);
}

/* A name that is listed stays one part of a path. */
static void few_names(void **state)
{
	(void)state;
	file_put("app/dir/file", STR("x"));
	file_put("app/compose.yaml", STR("services: {}\n"));
	file_put("none/file", STR("x"));
	open_for(NULL, "app/Dockerfile");
	assert_int_equal(kind("dir/file"), FILE_THERE);
	assert_int_equal(kind("dir"), DIRECTORY_THERE);
	assert_int_equal(kind("di"), NO);
	assert_int_equal(kind("dir/fil"), NO);
	assert_int_equal(kind("./dir/../dir/./file"), FILE_THERE);
	const char *directory;
	assert_string_equal(provider.consumers(provider.ctx, &directory)[0], "compose.yaml");
	provider_open(&files, "none/Dockerfile", NULL, &provider);
	assert_int_equal(kind("dir/file"), NO);
	assert_int_equal(kind("file"), FILE_THERE);
	assert_null(provider.consumers(provider.ctx, &directory)[0]);
}

static void links(void **state)
{
	(void)state;
	file_put("secret", STR("x"));
	file_put("repo/.git/HEAD", STR(""));
	file_put("repo/lib/file", STR("x"));
	file_put("repo/app/file", STR("x"));
	assert_int_equal(symlink("file", "repo/app/near"), 0);
	assert_int_equal(symlink("../lib", "repo/app/lib"), 0);
	assert_int_equal(symlink("../../secret", "repo/app/out"), 0);
	assert_int_equal(symlink("/etc/passwd", "repo/app/absolute"), 0);
	assert_int_equal(symlink("loop", "repo/app/loop"), 0);
	open_for(NULL, "repo/app/Dockerfile");
	/* A kernel without openat2 follows none: unknown is right as well. */
	int near = kind("near"), lib = kind("lib/file");
	assert_true(near == FILE_THERE || near == UNKNOWN);
	assert_true(lib == FILE_THERE || lib == UNKNOWN);
	assert_int_equal(kind("out"), UNKNOWN);
	assert_int_equal(bytes("out"), UNKNOWN);
	assert_int_equal(kind("absolute"), UNKNOWN);
	assert_int_equal(kind("loop"), UNKNOWN);
}

static void what_cannot_be_known(void **state)
{
	(void)state;
	file_put("app/x", STR(""));
	assert_int_equal(truncate("app/x", (1 << 20) + 1), 0);
	assert_int_equal(mkfifo("app/fifo", 0600), 0);
	open_for(NULL, "app/Dockerfile");
	assert_int_equal(kind("x"), FILE_THERE);
	assert_int_equal(bytes("x"), UNKNOWN);
	assert_int_equal(kind("fifo"), UNKNOWN);
	assert_int_equal(bytes("fifo"), UNKNOWN);
	assert_int_equal(bytes("."), DIRECTORY_THERE);
	provider_open(&files, "not/there/Dockerfile", NULL, &provider);
	assert_int_equal(kind("x"), UNKNOWN);
}

static void an_explicit_context(void **state)
{
	(void)state;
	file_put("ctx/src/main.c", STR("x"));
	file_put("docker/Dockerfile", STR("FROM scratch\n"));
	file_put("other", STR("x"));
	open_for("ctx", "docker/Dockerfile");
	assert_string_equal(provider.context, "../ctx");
	assert_int_equal(kind("../ctx/src/main.c"), FILE_THERE);
	assert_int_equal(kind("../other"), NO);
	provider_open(&files, "ctx/src/Dockerfile", NULL, &provider);
	assert_string_equal(provider.context, "..");
	provider_open(&files, "ctx/Dockerfile", NULL, &provider);
	assert_string_equal(provider.context, ".");
	provider_free(&files);
	open_for(".", "docker/Dockerfile");
	assert_string_equal(provider.context, "..");
	assert_int_equal(kind("../other"), FILE_THERE);
}

/* The only one below the current directory, as the walk finds it. */
static struct input the_dockerfile(void)
{
	static const struct settings none;
	static const struct text_list no_texts;
	struct configs configs;
	struct buf errors = buf_new(&arena);
	struct walk walk = {.arena = &arena, .configs = &configs, .exclude = &no_texts, .errors = &errors};
	configs_init(&configs, &arena, &none, NULL, true, &errors);
	walk_paths(&walk, NULL, 0);
	configs_free(&configs);
	assert_int_equal(walk.found.n, 1);
	return walk.found.at[0];
}

/* What the walk saw beside a Dockerfile is not looked for again, and says the same. */
static void seen_by_the_walk(void **state)
{
	static const char *const asked[] = {
		"Dockerfile", "main.py", "./main.py",	  "sub", "sub/x", "sub/none", "none",
		"none/x",     ".hidden", ".none",	  ".",	 "..",	  "link",     "../Dockerfile",
		"../none",    "away",	 "../app/main.py"};
	(void)state;
	file_put("outside", STR("x"));
	file_put("app/Dockerfile", STR("FROM scratch\n"));
	file_put("app/main.py", STR(""));
	file_put("app/sub/x", STR(""));
	file_put("app/.hidden", STR(""));
	assert_int_equal(symlink("main.py", "app/link"), 0);
	assert_int_equal(symlink("../outside", "app/away"), 0);
	const struct input found = the_dockerfile();
	assert_non_null(found.beside.entries);
	for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
		open_for(NULL, "app/Dockerfile");
		int alone = kind(asked[i]), read = bytes(asked[i]);
		provider_free(&files);
		provider_init(&files, NULL);
		provider_open(&files, found.path, &found.beside, &provider);
		assert_int_equal(kind(asked[i]), alone);
		assert_int_equal(bytes(asked[i]), read);
		provider_free(&files);
	}
	provider_init(&files, NULL);
}

/* A directory of many names is listed when it is asked about. */
static void too_much_to_keep(void **state)
{
	(void)state;
	file_put("Dockerfile", STR("FROM scratch\n"));
	for (char name[] = "a"; *name <= 'z'; ++*name)
		file_put(name, STR(""));
	const struct input found = the_dockerfile();
	assert_null(found.beside.entries);
	provider_init(&files, NULL);
	provider_open(&files, "Dockerfile", &found.beside, &provider);
	assert_int_equal(kind("z"), FILE_THERE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(inside_a_repository, enter, leave),
		cmocka_unit_test_setup_teardown(without_a_repository, enter, leave),
		cmocka_unit_test_setup_teardown(many_names, enter, leave),
		cmocka_unit_test_setup_teardown(few_names, enter, leave),
		cmocka_unit_test_setup_teardown(links, enter, leave),
		cmocka_unit_test_setup_teardown(what_cannot_be_known, enter, leave),
		cmocka_unit_test_setup_teardown(an_explicit_context, enter, leave),
		cmocka_unit_test_setup_teardown(seen_by_the_walk, enter, leave),
		cmocka_unit_test_setup_teardown(too_much_to_keep, enter, leave),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
