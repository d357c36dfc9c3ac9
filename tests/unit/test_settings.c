#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "project/yaml.h"

/* The errors of a configuration, and what it sets. */
static void read_yaml(const char *text, const char *errors, const char *shown)
{
	struct arena a;
	struct settings settings = {0};
	arena_init(&a, NULL, 0);
	struct buf said = buf_new(&a), out = buf_new(&a);
	bool ok = yaml_read(&a, "f.yaml", str_of(text), &settings, &said);
	settings_show(&settings, &out);
	assert_string_equal(arena_str(&a, buf_str(&said)).p, errors);
	assert_int_equal(ok, *errors == 0);
	if (ok)
		assert_string_equal(arena_str(&a, buf_str(&out)).p, shown);
	arena_free(&a);
}

static void what_is_set_is_shown(void **state)
{
	(void)state;
	read_yaml("", "", "");
	read_yaml("# nothing\n", "", "");
	read_yaml("uid: 1234\n", "", "uid: 1234\n");
	read_yaml("select: [a, \"b\"]\n", "", "select:\n  - \"a\"\n  - \"b\"\n");
	read_yaml("ignore: one\n", "", "ignore:\n  - \"one\"\n");
	read_yaml("ignore: []\nplacement: early\n", "", "placement: early\n");
	read_yaml("build-args:\n  A: 1\n  B: \"x y\"\n", "", "build-args:\n  \"A\": \"1\"\n  \"B\": \"x y\"\n");
	read_yaml("ports-map: {80: 8081}\n", "", "ports-map:\n  \"80\": \"8081\"\n");
	read_yaml("user: app:staff\nnumeric: true\nports: keep\n", "",
		  "user: app:staff\nnumeric: true\nports: keep\n");
	read_yaml("target: \"a\\nb\"\n", "", "target: \"a\\x0Ab\"\n");
}

static void mistakes_have_a_place(void **state)
{
	(void)state;
	read_yaml("uid: 1\nplacment: late\n", "f.yaml:2:1: unknown key placment (did you mean placement?)\n", "");
	read_yaml("é: 1\n", "f.yaml:1:1: unknown key é\n", "");
	read_yaml("ports: é\n", "f.yaml:1:8: ports: é is not valid, expected remap or keep\n", "");
	read_yaml("uid: 0\n", "f.yaml:1:6: uid: 0 is not valid, expected a number from 1 to 4294967294 (0 is root)\n",
		  "");
	read_yaml("uid: [1]\n", "f.yaml:1:1: uid: expected one value\n", "");
	read_yaml("select: {a: b}\n", "f.yaml:1:1: select: expected a list of texts\n", "");
	read_yaml("build-args: [a]\n", "f.yaml:1:1: build-args: expected a mapping of names to texts\n", "");
	read_yaml("- a\n", "f.yaml:1:1: expected a mapping of keys to values\n", "");
	read_yaml("numeric: *x\n", "f.yaml:1:1: numeric: expected one value\n", "");
}

static void the_command_line_wins(void **state)
{
	(void)state;
	struct arena a;
	struct settings config = {0}, line = {0};
	const char *expected;
	arena_init(&a, NULL, 0);
	struct buf out = buf_new(&a);
	assert_true(setting_set(&a, &config, setting_by_key(STR("uid")), STR("5"), &expected));
	assert_true(setting_set(&a, &config, setting_by_key(STR("select")), STR("a,b"), &expected));
	assert_true(setting_set(&a, &config, setting_by_key(STR("exclude")), STR("x"), &expected));
	assert_true(setting_set(&a, &config, setting_by_key(STR("build-args")), STR("A=1"), &expected));
	assert_true(setting_set(&a, &line, setting_by_key(STR("uid")), STR("6"), &expected));
	assert_true(setting_set(&a, &line, setting_by_key(STR("select")), STR("c"), &expected));
	assert_true(setting_set(&a, &line, setting_by_key(STR("exclude")), STR("y"), &expected));
	assert_true(setting_set(&a, &line, setting_by_key(STR("build-args")), STR("A=2=3"), &expected));
	assert_true(setting_set(&a, &line, setting_by_key(STR("build-args")), STR("B="), &expected));
	assert_false(setting_set(&a, &line, setting_by_key(STR("build-args")), STR("=x"), &expected));
	assert_false(setting_set(&a, &line, setting_by_key(STR("user")), STR("x:"), &expected));
	settings_merge(&a, &config, &line);
	settings_show(&config, &out);
	assert_string_equal(arena_str(&a, buf_str(&out)).p,
			    "select:\n  - \"c\"\nexclude:\n  - \"x\"\n  - \"y\"\n"
			    "build-args:\n  \"A\": \"2=3\"\n  \"B\": \"\"\nuid: 6\n");
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_set_is_shown),
					   cmocka_unit_test(mistakes_have_a_place),
					   cmocka_unit_test(the_command_line_wins)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
