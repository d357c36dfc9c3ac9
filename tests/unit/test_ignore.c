#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "project/ignore.h"
#include "project/walk_name.h"

static bool ignores(const char *rules, const char *path, bool directory)
{
	struct arena a;
	arena_init(&a, NULL, 0);
	bool result = ignore_matches(ignore_read(&a, NULL, 0, str_of(rules)), str_of(path), directory);
	arena_free(&a);
	return result;
}

static void lines_of_a_file(void **state)
{
	static const struct {
		const char *rules, *path;
		bool directory, ignored;
	} cases[] = {
		{"build", "build", true, true},
		{"build", "a/build", false, true},
		{"build/", "build", false, false},
		{"build/", "a/build", true, true},
		{"/build", "a/build", true, false},
		{"/build", "build", true, true},
		{"a/build", "a/build", false, true},
		{"a/build", "x/a/build", false, false},
		{"**/a/build", "x/a/build", false, true},
		{"*.Dockerfile", "a/x.Dockerfile", false, true},
		{"*\n!keep", "keep", false, false},
		{"!keep\n*", "keep", false, true},
		{"# build", "build", true, false},
		{"\\#x", "#x", false, true},
		{"\\!x", "!x", false, true},
		{"build  \r\n", "build", true, true},
		{"build\\ ", "build ", true, true},
		{"\xEF\xBB\xBF""build", "build", true, true},
		{"", "build", true, false},
		{"/", "build", true, false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (ignores(cases[i].rules, cases[i].path, cases[i].directory) != cases[i].ignored)
			fail_msg("%s for %s", cases[i].rules, cases[i].path);
}

static void inner_files_win(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a, NULL, 0);
	struct ignore_list *outer = ignore_read(&a, NULL, 0, STR("*.Dockerfile\nold\n"));
	struct ignore_list *inner = ignore_read(&a, outer, 4, STR("!x.Dockerfile\n/here\n"));
	assert_true(ignore_matches(outer, STR("sub/x.Dockerfile"), false));
	assert_false(ignore_matches(inner, STR("sub/x.Dockerfile"), false));
	assert_true(ignore_matches(inner, STR("sub/old"), true));
	assert_true(ignore_matches(inner, STR("sub/here"), true));
	assert_false(ignore_matches(inner, STR("sub/a/here"), true));
	arena_free(&a);
}

static void names_that_a_walk_takes(void **state)
{
	static const char *const taken[] = {"Dockerfile",     "Dockerfile.dev", "api.Dockerfile", "api.dockerfile",
					    "Containerfile", "Containerfile.x"};
	static const char *const left[] = {"dockerfile",     "Dockerfiles",	     "Dockerfile.dockerignore",
					   "Dockerfile.j2",  "Dockerfile.tmpl",	     "Dockerfile.in",
					   "Dockerfile.md",  "x.Dockerfile.jinja2", "README",
					   ".dockerignore", "Dockerfile-x"};
	(void)state;
	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
		if (!walk_is_dockerfile(str_of(taken[i])))
			fail_msg("%s is left", taken[i]);
	for (size_t i = 0; i < sizeof left / sizeof *left; i++)
		if (walk_is_dockerfile(str_of(left[i])))
			fail_msg("%s is taken", left[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(lines_of_a_file), cmocka_unit_test(inner_files_win),
					   cmocka_unit_test(names_that_a_walk_takes)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
