#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/workspace.h"

/* A provider of a single file and a single directory that counts how often it is asked. */
struct tree {
	int reads, stats;
};

static enum provided tree_stat(void *ctx, struct str path, uint32_t *mode)
{
	struct tree *t = ctx;

	t->stats++;
	if (str_eq(path, STR("conf/app.conf"))) {
		*mode = 0600;
		return PROVIDED_FILE;
	}
	if (str_eq(path, STR(".")) || str_eq(path, STR("conf"))) {
		*mode = 0755;
		return PROVIDED_DIRECTORY;
	}
	return str_starts(path, STR("../")) ? PROVIDED_UNKNOWN : PROVIDED_NO;
}

static enum provided tree_read(void *ctx, struct arena *a, struct str path, struct str *bytes)
{
	struct tree *t = ctx;

	t->reads++;
	if (!str_eq(path, STR("conf/app.conf")))
		return PROVIDED_NO;
	*bytes = arena_str(a, STR("port 80\n"));
	return PROVIDED_FILE;
}

struct fixture {
	struct arena arena;
	struct tree tree;
	struct provider provider;
	struct workspace w;
};

static void begin(struct fixture *f)
{
	*f = (struct fixture){.provider = {.stat = tree_stat, .read = tree_read}};
	f->provider.ctx = &f->tree;
	arena_init(&f->arena, NULL, 0);
	workspace_init(&f->w, &f->arena, &f->provider, STR("Dockerfile"), STR("FROM a\n"));
}

static void the_dockerfile_is_file_0(void **state)
{
	(void)state;
	struct fixture f;
	uint32_t index = 9;

	begin(&f);
	assert_int_equal(f.w.n, 1);
	assert_true(str_eq(f.w.at[0].current, STR("FROM a\n")));
	assert_int_equal(workspace_read(&f.w, STR("./Dockerfile"), &index), PROVIDED_FILE);
	assert_int_equal(index, 0);
	assert_int_equal(f.tree.reads, 0);
	arena_free(&f.arena);
}

static void a_file_is_asked_for_once(void **state)
{
	(void)state;
	static const char *const spellings[] = {"conf/app.conf", "./conf//app.conf", "conf/x/../app.conf",
						"a/../conf/./app.conf"};
	struct fixture f;

	begin(&f);
	for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
		uint32_t index = 9;
		assert_int_equal(workspace_read(&f.w, str_of(spellings[i]), &index), PROVIDED_FILE);
		assert_int_equal(index, 1);
	}
	assert_int_equal(f.tree.reads, 1);
	assert_int_equal(f.w.n, 2);
	assert_true(str_eq(f.w.at[1].path, STR("conf/app.conf")));
	assert_true(str_eq(f.w.at[1].original, STR("port 80\n")));
	arena_free(&f.arena);
}

static void absence_is_remembered_too(void **state)
{
	(void)state;
	struct fixture f;
	uint32_t index = 9;

	begin(&f);
	assert_int_equal(workspace_read(&f.w, STR("nothing"), &index), PROVIDED_NO);
	assert_int_equal(workspace_read(&f.w, STR("nothing"), &index), PROVIDED_NO);
	assert_int_equal(index, 9);
	assert_int_equal(f.tree.reads, 1);
	arena_free(&f.arena);
}

static void stat_gives_kind_and_mode(void **state)
{
	(void)state;
	struct fixture f;
	uint32_t mode = 0;

	begin(&f);
	assert_int_equal(workspace_stat(&f.w, STR("conf/"), &mode), PROVIDED_DIRECTORY);
	assert_int_equal(mode, 0755);
	assert_int_equal(workspace_stat(&f.w, STR("conf"), NULL), PROVIDED_DIRECTORY);
	assert_int_equal(workspace_stat(&f.w, STR("conf/app.conf"), &mode), PROVIDED_FILE);
	assert_int_equal(mode, 0600);
	assert_int_equal(workspace_stat(&f.w, STR(""), &mode), PROVIDED_DIRECTORY);
	assert_int_equal(workspace_stat(&f.w, STR("../up"), &mode), PROVIDED_UNKNOWN);
	assert_int_equal(workspace_stat(&f.w, STR("x/../../up"), &mode), PROVIDED_UNKNOWN);
	assert_int_equal(f.tree.stats, 4);
	arena_free(&f.arena);
}

static void without_a_provider_all_else_is_unknown(void **state)
{
	(void)state;
	struct arena a;
	struct workspace w;
	uint32_t index = 9, mode;

	arena_init(&a, NULL, 0);
	workspace_init(&w, &a, NULL, STR("Dockerfile"), STR("FROM a\n"));
	assert_int_equal(workspace_read(&w, STR("app.conf"), &index), PROVIDED_UNKNOWN);
	assert_int_equal(workspace_stat(&w, STR("app.conf"), &mode), PROVIDED_UNKNOWN);
	assert_int_equal(workspace_read(&w, STR("Dockerfile"), &index), PROVIDED_FILE);
	assert_int_equal(index, 0);
	assert_int_equal(workspace_stat(&w, STR("Dockerfile"), &mode), PROVIDED_FILE);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_dockerfile_is_file_0),
		cmocka_unit_test(a_file_is_asked_for_once),
		cmocka_unit_test(absence_is_remembered_too),
		cmocka_unit_test(stat_gives_kind_and_mode),
		cmocka_unit_test(without_a_provider_all_else_is_unknown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
