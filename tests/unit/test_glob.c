#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "project/glob.h"

struct match {
	const char *pattern, *text;
	bool matches;
};

static void check(const struct match *cases, size_t n, bool (*match)(struct str, struct str))
{
	for (size_t i = 0; i < n; i++)
		if (match(str_of(cases[i].pattern), str_of(cases[i].text)) != cases[i].matches)
			fail_msg("%s against %s", cases[i].pattern, cases[i].text);
}

static void a_name(void **state)
{
	static const struct match cases[] = {
		{"", "", true},		     {"", "a", false},	       {"a", "a", true},
		{"a", "b", false},	     {"*", "", true},	       {"*", "abc", true},
		{"a*", "abc", true},	     {"*c", "abc", true},      {"*b", "abc", false},
		{"a*b*c", "aXbYbZc", true},  {"a*b*c", "ac", false},   {"?", "a", true},
		{"?", "", false},	     {"??", "a", false},       {"[abc]", "b", true},
		{"[!abc]", "b", false},	     {"[^abc]", "d", true},    {"[a-c]x", "bx", true},
		{"[a-c]", "d", false},	     {"[]]", "]", true},       {"[]-a]", "^", true},
		{"[[:digit:]]*", "1x", true}, {"[[:alpha:]]", "1", false}, {"[a", "a", false},
		{"\\*", "*", true},	     {"\\*", "a", false},      {"[\\]]", "]", true},
		{"a\\", "a\\", true},	     {"*.[oa]", "x.o", true},  {"**", "ab", true},
		{"[a-]", "-", true},	     {"*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
	};
	(void)state;
	check(cases, sizeof cases / sizeof *cases, glob_match);
}

static void a_path(void **state)
{
	static const struct match cases[] = {
		{"a/b", "a/b", true},	     {"a/*", "a/b", true},	  {"a/*", "a/b/c", false},
		{"*", "a/b", false},	     {"**/c", "c", true},	  {"**/c", "a/b/c", true},
		{"a/**", "a/b/c", true},     {"a/**", "a", false},	  {"a/**/z", "a/z", true},
		{"a/**/z", "a/b/c/z", true}, {"a/**/b/**/z", "a/b/z", true}, {"a/**/b/**/z", "a/z", false},
		{"**/b/c", "a/b/b/c", true}, {"a/b**", "a/bcd", true},	  {"a/b**", "a/b/d", false},
		{"**", "a/b", true},	     {"a?b", "a/b", false},
	};
	(void)state;
	check(cases, sizeof cases / sizeof *cases, glob_match_path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(a_name), cmocka_unit_test(a_path)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
