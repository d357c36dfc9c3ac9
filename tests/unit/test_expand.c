#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/buf.h"
#include "model/expand.h"
#include "support/fixture.h"

/* In these tables NULL stands for bad syntax, and UNKNOWN(x) for "x is not known". */
#define UNKNOWN(name) "\1" name

struct expectation {
	const char *word;
	const char *result;
};

static void put(struct scope *s, const char *name, const char *value)
{
	scope_put(s, str_of(name), (struct variable){.value = str_of(value), .known = true});
}

static void check_in(const struct scope *s, char escape, bool unset_is_unknown, const struct expectation *at, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct expansion x;
		expand_word(s->arena, s, escape, str_of(at[i].word), unset_is_unknown, &x);
		struct str got = x.known	  ? x.text
				 : x.unresolved.n ? arena_printf(s->arena, "\1%.*s", STR_ARG(x.unresolved))
						  : STR("(bad)");
		struct str want = at[i].result ? str_of(at[i].result) : STR("(bad)");
		if (!str_eq(got, want))
			fail_msg("%s: got \"%.*s\", expected \"%.*s\"", at[i].word, STR_ARG(got), STR_ARG(want));
	}
}

static struct scope scope;

static int begin(void **state)
{
	arena_set_up(state);
	scope = scope_child(&arena, NULL);
	put(&scope, "app", "shop");
	put(&scope, "empty", "");
	put(&scope, "path", "/srv/www/shop.tar.gz");
	put(&scope, "star", "a*b?c");
	put(&scope, "uml", "\xc3\xa4\xc3\xb6\xc3\xbc");
	put(&scope, "lines", "one\ntwo");
	put(&scope, "aaa", "aaaa");
	put(&scope, "dir", "a/b/c");
	scope_put(&scope, STR("secret"), (struct variable){.known = false});
	scope_put(&scope, STR("later"), (struct variable){.known = false, .unset = true});
	return 0;
}

#define CHECK(escape, unset_is_unknown, table)                                                                         \
	check_in(&scope, (escape), (unset_is_unknown), (table), sizeof(table) / sizeof *(table))

static void quotes_and_escapes_are_taken_away(void **state)
{
	(void)state;
	static const struct expectation table[] = {
		{"", ""},
		{"plain", "plain"},
		{"''", ""},
		{"\"\"", ""},
		{"a'b'c\"d\"e", "abcde"},
		{"'it is'", "it is"},
		{"'a\\b'", "a\\b"},
		{"\"a\\b\"", "a\\b"},
		{"\"a\\\\b\"", "a\\b"},
		{"\"a\\\"b\"", "a\"b"},
		{"\"it's\"", "it's"},
		{"'say \"hi\"'", "say \"hi\""},
		{"a\\b", "ab"},
		{"a\\\\b", "a\\b"},
		{"a\\'b", "a'b"},
		{"a\\ b", "a b"},
		{"a\\", "a"},
		{"a\\\\", "a\\"},
		{"'open", NULL},
		{"\"open", NULL},
		{"\"open\\\"", NULL},
		{"\"open\\", NULL},
		{"'no escape\\'", "no escape\\"},
		{"a<<b", "a<<b"},
	};
	CHECK('\\', false, table);
}

static void a_backtick_may_be_the_escape_character(void **state)
{
	(void)state;
	static const struct expectation table[] = {
		{"c:\\app\\bin", "c:\\app\\bin"},
		{"a`$app", "a$app"},
		{"\"`$app\"", "$app"},
		{"\"c:\\$app\"", "c:\\shop"},
		{"``", "`"},
		{"\"a`b\"", "a`b"},
		{"${app:-`}}", "shop"},
		{"${nobody:-`}}", "}"},
	};
	CHECK('`', false, table);
}

static void names_are_replaced(void **state)
{
	(void)state;
	static const struct expectation table[] = {
		{"$app", "shop"},
		{"${app}", "shop"},
		{"x${app}y", "xshopy"},
		{"$app.$app", "shop.shop"},
		{"$apps", ""},
		{"$app-1", "shop-1"},
		{"\"$app\"", "shop"},
		{"'$app'", "$app"},
		{"\\$app", "$app"},
		{"\"\\$app\"", "$app"},
		{"\\\\$app", "\\shop"},
		{"$nobody", ""},
		{"a${nobody}b", "ab"},
		{"$", "$"},
		{"$$", ""},
		{"$.", "$."},
		{"a$", "a$"},
		{"\"$\"", "$"},
		{"$1app", "app"},
		{"$12app", "app"},
		{"$@app", "app"},
		{"${@}x", "x"},
		{"${1}x", "x"},
		{"${1:-one}", "one"},
		{"${-}", ""},
		{"$uml", "\xc3\xa4\xc3\xb6\xc3\xbc"},
		{"${app}}", "shop}"},
		{"$(id)", "$(id)"},
	};
	CHECK('\\', false, table);
}

static void bad_substitutions_are_refused(void **state)
{
	(void)state;
	static const struct expectation table[] = {
		{"${}", NULL},		{"${", NULL},		{"${app", NULL},       {"${{app}}", NULL},
		{"${:-x}", NULL},	{"${.}", NULL},		{"${app.}", NULL},     {"${app=x}", NULL},
		{"${app:=x}", NULL},	{"${app:x}", NULL},	{"${app:", NULL},      {"${app:}", NULL},
		{"${app:#s}", NULL},	{"${app:%p}", NULL},	{"${app:/a/b}", NULL}, {"${app:-", NULL},
		{"${app:-${}}", NULL},	{"${app/a}", NULL},	{"${app/a/", NULL},    {"${app/a", NULL},
		{"${app#\\a}", NULL},	{"${app/\\s/t}", NULL}, {"${1a}", NULL},       {"${app:-'}", NULL},
		{"${empty#\\a}", NULL},
	};
	CHECK('\\', false, table);
}

static void words_stand_in_for_missing_values(void **state)
{
	(void)state;
	static const struct expectation table[] = {
		{"${app:-x}", "shop"},
		{"${app-x}", "shop"},
		{"${empty:-x}", "x"},
		{"${empty-x}", ""},
		{"${nobody:-x}", "x"},
		{"${nobody-x}", "x"},
		{"${nobody:-}", ""},
		{"${app:+x}", "x"},
		{"${app+x}", "x"},
		{"${empty:+x}", ""},
		{"${empty+x}", "x"},
		{"${nobody:+x}", ""},
		{"${nobody+x}", ""},
		{"${app:?gone}", "shop"},
		{"${app?gone}", "shop"},
		{"${empty?gone}", ""},
		{"${empty:?gone}", UNKNOWN("empty")},
		{"${nobody:?}", UNKNOWN("nobody")},
		{"${nobody?gone}", UNKNOWN("nobody")},
		{"${nobody:-${app}}", "shop"},
		{"${nobody:-a${nothing:-b$app}c}d", "abshopcd"},
		{"${nobody:-\"a}b\"}", "a}b"},
		{"${nobody:-'$app'}", "$app"},
		{"${nobody:-a\\}b}", "a}b"},
		{"${nobody:-a b}", "a b"},
		{"\"${nobody:-a b}\"", "a b"},
		{"${app:+${app}:}/bin", "shop:/bin"},
		{"${nobody:+${app}:}/bin", "/bin"},
		{"${nobody:-{x}}", "{x}"},
	};
	CHECK('\\', false, table);
}

static void patterns_cut_beginnings_and_ends(void **state)
{
	(void)state;
	static const struct expectation table[] = {
		{"${path#/srv}", "/www/shop.tar.gz"},
		{"${path#srv}", "/srv/www/shop.tar.gz"},
		{"${path#*/}", "srv/www/shop.tar.gz"},
		{"${path##*/}", "shop.tar.gz"},
		{"${path%.*}", "/srv/www/shop.tar"},
		{"${path%%.*}", "/srv/www/shop"},
		{"${path%/*}", "/srv/www"},
		{"${path%%/*}", ""},
		{"${path#????}", "/www/shop.tar.gz"},
		{"${path%???}", "/srv/www/shop.tar"},
		{"${path#*}", "/srv/www/shop.tar.gz"},
		{"${path##*}", ""},
		{"${path%*}", "/srv/www/shop.tar.gz"},
		{"${path%%*}", ""},
		{"${path#}", "/srv/www/shop.tar.gz"},
		{"${path##*w*p}", ".tar.gz"},
		{"${path#*w*p}", ".tar.gz"},
		{"${path#*w?w}", "/shop.tar.gz"},
		{"${path##/*/}", "shop.tar.gz"},
		{"${path%%?srv*z}", ""},
		{"${path#$app}", "/srv/www/shop.tar.gz"},
		{"${app#${app}}", ""},
		{"${star#a\\*}", "b?c"},
		{"${star%b\\?c}", "a*"},
		{"${star#a\\?}", "a*b?c"},
		{"${uml#?}", "\xc3\xb6\xc3\xbc"},
		{"${uml%?}", "\xc3\xa4\xc3\xb6"},
		{"${aaa#a*a}", "aa"},
		{"${aaa##a*a}", ""},
		{"${aaa%a*a}", "aa"},
		{"${aaa##?????}", "aaaa"},
		{"${nobody#x}", ""},
		{"${empty%%*}", ""},
		{"${lines#one}", "\ntwo"},
		{"${lines#*t}", UNKNOWN("lines")},
		{"${path#\"/srv\"}", "/www/shop.tar.gz"},
		{"${app#'s'}", "hop"},
	};
	CHECK('\\', false, table);
}

static void matches_are_replaced(void **state)
{
	(void)state;
	static const struct expectation table[] = {
		{"${path/w/v}", "/srv/vww/shop.tar.gz"},
		{"${path//w/v}", "/srv/vvv/shop.tar.gz"},
		{"${path//w/}", "/srv//shop.tar.gz"},
		{"${path/\\//-}", "-srv/www/shop.tar.gz"},
		{"${path//\\//-}", "-srv-www-shop.tar.gz"},
		{"${path/.*/}", "/srv/www/shop"},
		{"${path/*./}", "gz"},
		{"${path/s*\\//}", "/shop.tar.gz"},
		{"${path//?/x}", "xxxxxxxxxxxxxxxxxxxx"},
		{"${path/*/x}", "x"},
		{"${path//*/x}", "x"},
		{"${app/x/y}", "shop"},
		{"${app/sh/$app}", "shopop"},
		{"${app/$app/x}", "x"},
		{"${app/o/\\}}", "sh\\}p"},
		{"${dir//\\//.}", "a.b.c"},
		{"${aaa//aa/b}", "bb"},
		{"${aaa/a*a/b}", "b"},
		{"${aaa//a*a/b}", "b"},
		{"${aaa///-}", "-a-a-a-a-"},
		{"${app///-}x", "-s-h-o-p-x"},
		{"${empty/*/x}", "x"},
		{"${empty/x/y}", ""},
		{"${nobody/x/y}", ""},
		{"${uml//?/-}", "---"},
		{"${star/\\*/+}", "a+b?c"},
		{"${app//o/\\$1}", UNKNOWN("app")},
		{"${app/\"h\"/H}", "sHop"},
	};
	CHECK('\\', false, table);
}

static void doubt_spreads_only_where_it_matters(void **state)
{
	(void)state;
	static const struct expectation table[] = {
		{"$secret", UNKNOWN("secret")},
		{"a${secret}b$app", UNKNOWN("secret")},
		{"${secret:-x}", UNKNOWN("secret")},
		{"${secret-x}", UNKNOWN("secret")},
		{"${secret+x}", "x"},
		{"${secret:+x}", UNKNOWN("secret")},
		{"${secret:+}", ""},
		{"${secret:?x}", UNKNOWN("secret")},
		{"${app:-$secret}", "shop"},
		{"${app:+$secret}", UNKNOWN("secret")},
		{"${nobody:-$secret}", UNKNOWN("secret")},
		{"${nobody:+$secret}", ""},
		{"${secret#a}", UNKNOWN("secret")},
		{"${app#$secret}", UNKNOWN("secret")},
		{"${empty#$secret}", ""},
		{"${app/$secret/x}", UNKNOWN("secret")},
		{"${app/x/$secret}", "shop"},
		{"${app/o/$secret}", UNKNOWN("secret")},
		{"'$secret'", "$secret"},
		{"\\$secret", "$secret"},
		{"$secret$later", UNKNOWN("secret")},
		{"$app\xc3\xa4", UNKNOWN("app\xc3\xa4")},
	};
	CHECK('\\', false, table);
}

static void an_arg_without_value_is_missing_not_empty(void **state)
{
	(void)state;
	static const struct expectation table[] = {
		{"$later", UNKNOWN("later")},	  {"${later:-x}", "x"}, {"${later-x}", "x"},
		{"${later:+-$later}", ""},	  {"${later+x}", ""},	{"${later:?}", UNKNOWN("later")},
		{"${later%x}", UNKNOWN("later")},
	};
	CHECK('\\', true, table);
}

static void a_base_image_may_set_what_nobody_sets(void **state)
{
	(void)state;
	static const struct expectation table[] = {
		{"$app", "shop"},  {"$PATH", UNKNOWN("PATH")},	   {"${HOME:-/root}", UNKNOWN("HOME")},
		{"${HOME:+}", ""}, {"${HOME+x}", UNKNOWN("HOME")}, {"${HOME#/}", UNKNOWN("HOME")},
		{"$1$@", ""},	   {"${app:-$HOME}", "shop"},
	};
	CHECK('\\', true, table);
}

static void a_single_reference_names_its_variable(void **state)
{
	(void)state;
	static const char *const yes[] = {"$app", "${app}", "\"$app\"", "\"${app}\""};
	static const char *const no[] = {"app",	     "$app.",  "'$app'",  "${app:-x}",
					 "$app$app", "\\$app", "$nobody", "\"$app"};
	struct expansion x;

	for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
		expand_word(&arena, &scope, '\\', str_of(yes[i]), false, &x);
		assert_ptr_equal(x.from, scope_get(&scope, STR("app")));
		assert_true(x.known);
	}
	for (size_t i = 0; i < sizeof no / sizeof *no; i++) {
		expand_word(&arena, &scope, '\\', str_of(no[i]), false, &x);
		assert_null(x.from);
	}
	expand_word(&arena, &scope, '\\', STR("$secret"), false, &x);
	assert_ptr_equal(x.from, scope_get(&scope, STR("secret")));
	assert_false(x.known);
}

static void children_see_their_parents_but_do_not_change_them(void **state)
{
	(void)state;
	struct scope child = scope_child(&arena, &scope);

	put(&child, "app", "mill");
	put(&child, "own", "1");
	assert_true(str_eq(scope_get(&child, STR("app"))->value, STR("mill")));
	assert_true(str_eq(scope_get(&scope, STR("app"))->value, STR("shop")));
	assert_null(scope_get(&scope, STR("own")));
	assert_true(str_eq(scope_get(&child, STR("path"))->value, STR("/srv/www/shop.tar.gz")));
}

static void env_and_arg_of_one_name(void **state)
{
	(void)state;
	struct str name = STR("v");
	struct variable env = {.value = STR("env"), .known = true, .from_env = true};
	struct variable arg = {.value = STR("arg"), .known = true};

	scope_put(&scope, name, arg);
	scope_put(&scope, name, env); /* ENV beats an ARG before it */
	assert_true(str_eq(scope_get(&scope, name)->value, STR("env")));
	scope_put(&scope, name, (struct variable){.unset = true});
	assert_true(scope_get(&scope, name)->known); /* ARG v alone changes nothing */
	scope_put(&scope, name, (struct variable){.value = STR("env"), .known = true});
	assert_true(scope_get(&scope, name)->known);
	scope_put(&scope, name, arg); /* builders disagree */
	assert_false(scope_get(&scope, name)->known);
	scope_put(&scope, name, env);
	assert_true(scope_get(&scope, name)->known);
}

static void very_deep_scopes_become_unknown(void **state)
{
	(void)state;
	enum { DEPTH = SCOPE_MAX_DEPTH + 1 };
	struct scope chain[DEPTH];

	for (int i = 0; i < DEPTH; i++)
		chain[i] = scope_child(&arena, i ? &chain[i - 1] : &scope);
	struct expansion x;
	expand_word(&arena, &chain[SCOPE_MAX_DEPTH - 2], '\\', STR("x$app"), false, &x);
	assert_true(x.known);
	expand_word(&arena, &chain[DEPTH - 1], '\\', STR("x${app+y}"), false, &x);
	assert_false(x.known);
}

/* A doubles B doubles C: 2^60 bytes if somebody built it. */
static void doubling_ends_in_unknown(void **state)
{
	(void)state;
	size_t spent = 0;
	struct scope s = scope_child(&arena, NULL);
	bool known = true;

	s.spent = &spent;
	put(&s, "x", "0123456789");
	for (int i = 0; i < 60; i++) {
		struct expansion x;
		expand_word(&arena, &s, '\\', STR("${x}$x"), false, &x);
		known = x.known;
		scope_put(&s, STR("x"), (struct variable){.value = x.text, .known = x.known});
	}
	assert_false(known);
	assert_true(spent < 1024 * 1024);
}

static void all_expansions_of_a_document_share_one_budget(void **state)
{
	(void)state;
	size_t spent = 0, known = 0;
	struct scope s = scope_child(&arena, NULL);
	struct str big = arena_str(&arena, (struct str){arena_alloc(&arena, 100000), 100000});

	s.spent = &spent;
	scope_put(&s, STR("x"), (struct variable){.value = big, .known = true});
	for (int i = 0; i < 2000; i++) {
		struct arena_mark mark = arena_mark(&arena);
		struct expansion x;
		expand_word(&arena, &s, '\\', STR("$x."), false, &x);
		known += x.known;
		arena_rewind(&arena, mark);
	}
	assert_in_range(known, 500, 1000);
}

static struct str repeated(const char *part, size_t times)
{
	struct buf b = buf_new(&arena);

	for (size_t i = 0; i < times; i++)
		buf_add(&b, str_of(part));
	return buf_str(&b);
}

static void nesting_is_bounded(void **state)
{
	(void)state;
	struct expansion x;
	struct buf b = buf_new(&arena);

	buf_add(&b, repeated("${n:-", 50));
	buf_add(&b, repeated("}", 50));
	expand_word(&arena, &scope, '\\', buf_str(&b), false, &x);
	assert_true(x.known);
	b = buf_new(&arena);
	buf_add(&b, repeated("${n:-", 100000));
	expand_word(&arena, &scope, '\\', buf_str(&b), false, &x);
	assert_false(x.known);
}

/* What would take a backtracking matcher the age of the universe. */
static void hard_patterns_cost_no_more_than_others(void **state)
{
	(void)state;
	struct expansion x;
	struct buf b = buf_new(&arena);

	scope_put(&scope, STR("many"), (struct variable){.value = repeated("a", 5000), .known = true});
	buf_add(&b, STR("${many##"));
	buf_add(&b, repeated("*a", 500));
	buf_add(&b, STR("b}"));
	expand_word(&arena, &scope, '\\', buf_str(&b), false, &x);
	assert_true(x.known);
	assert_int_equal(x.text.n, 5000);
	b = buf_new(&arena);
	buf_add(&b, STR("${many//"));
	buf_add(&b, repeated("a", 60000));
	buf_add(&b, STR("b/x}"));
	expand_word(&arena, &scope, '\\', buf_str(&b), false, &x);
	assert_true(x.known);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, arena_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(quotes_and_escapes_are_taken_away),
		TEST(a_backtick_may_be_the_escape_character),
		TEST(names_are_replaced),
		TEST(bad_substitutions_are_refused),
		TEST(words_stand_in_for_missing_values),
		TEST(patterns_cut_beginnings_and_ends),
		TEST(matches_are_replaced),
		TEST(doubt_spreads_only_where_it_matters),
		TEST(an_arg_without_value_is_missing_not_empty),
		TEST(a_base_image_may_set_what_nobody_sets),
		TEST(a_single_reference_names_its_variable),
		TEST(children_see_their_parents_but_do_not_change_them),
		TEST(env_and_arg_of_one_name),
		TEST(very_deep_scopes_become_unknown),
		TEST(doubling_ends_in_unknown),
		TEST(all_expansions_of_a_document_share_one_budget),
		TEST(nesting_is_bounded),
		TEST(hard_patterns_cost_no_more_than_others),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
