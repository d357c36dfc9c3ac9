#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "project/yaml_nodes.h"
#include "support/fixture.h"

/* "INDEX.PARENT KIND key=value [bytes]", with "~" for a value that is not the bytes, and "{" for flow. */
static const char *shown(const char *text)
{
	static const char *const kinds[] = {"map", "seq", "text", "alias"};
	const unroot_yaml_node *nodes;
	size_t n;
	unroot_error error = {0};
	struct buf out = buf_new(&arena);
	if (yaml_nodes(&arena, str_of(text), &nodes, &n, &error) != 0)
		return arena_printf(&arena, "%u:%u: %s", error.line, error.column, error.message).p;
	for (size_t i = 0; i < n; i++) {
		const unroot_yaml_node *node = &nodes[i];
		buf_printf(&out, "%zu.%zu %s%s", i, node->parent, kinds[node->kind], node->flow ? "{" : "");
		if (node->key)
			buf_printf(&out, " %.*s@%zu=", (int)node->key_length, node->key, node->key_start);
		if (node->kind == UNROOT_YAML_ALIAS)
			buf_printf(&out, " *%zu", node->target);
		if (node->kind == UNROOT_YAML_SCALAR)
			buf_printf(&out, " %.*s[%.*s]%s", (int)node->value_length, node->value,
				   (int)(node->end - node->start), text + node->start, node->verbatim ? "" : "~");
		buf_char(&out, '\n');
	}
	return arena_str(&arena, buf_str(&out)).p;
}

static void values_have_their_bytes(void **state)
{
	(void)state;
	assert_string_equal(shown("a: 80 # b\n"), "0.0 map\n1.0 text a@0= 80[80]\n");
	assert_string_equal(shown("\xEF\xBB\xBF"
				  "a: \"80\"\r\nb: '81'\r\n"),
			    "0.0 map\n1.0 text a@3= 80[80]\n2.0 text b@12= 81[81]\n");
	assert_string_equal(shown("é: [ü, 80]\n"), "0.0 map\n1.0 seq é@0=\n2.1 text{ ü[ü]\n3.1 text{ 80[80]\n");
	assert_string_equal(shown("- a: \"8\\x30\"\n- b\n  c\n"),
			    "0.0 seq\n1.0 map\n2.1 text a@2= 80[8\\x30]~\n3.0 text b c[b\n  c]~\n");
	assert_string_equal(shown("a: |\n  x\nb:\n"), "0.0 map\n1.0 text a@0= x\n[|\n  x\n]~\n2.0 text b@9= []~\n");
	assert_string_equal(shown("{a: 1}\n"), "0.0 map\n1.0 text{ a@1= 1[1]\n");
}

static void documents_follow_each_other(void **state)
{
	(void)state;
	assert_string_equal(shown(""), "");
	assert_string_equal(shown("# nothing\n"), "");
	assert_string_equal(shown("a: 1\n---\nb\n"), "0.0 map\n1.0 text a@0= 1[1]\n2.2 text b[b]\n");
}

static void aliases_lead_back(void **state)
{
	(void)state;
	assert_string_equal(shown("a: &x 1\nb: *x\n"), "0.0 map\n1.0 text a@0= 1[1]\n2.0 alias b@8= *1\n");
	assert_string_equal(shown("a: &x 1\nb: &x 2\nc: *x\n"),
			    "0.0 map\n1.0 text a@0= 1[1]\n2.0 text b@8= 2[2]\n3.0 alias c@16= *2\n");
	assert_string_equal(shown("&k a: 1\nb: *k\n"), "0.0 map\n1.0 text a@3= 1[1]\n2.0 alias b@8= *2\n");
	assert_string_equal(shown("a: *x\n"), "1:4: there is no anchor x");
	assert_string_equal(shown("a: &x 1\n---\nb: *x\n"), "3:4: there is no anchor x");
}

static void properties_are_no_text(void **state)
{
	(void)state;
	assert_string_equal(shown("a: !!str 80\nb: &x !t '81'\n!!str c: &y # z\n  82\n"),
			    "0.0 map\n1.0 text a@0= 80[80]\n2.0 text b@12= 81[81]\n3.0 text c@32= 82[82]\n");
	assert_string_equal(shown("é: &u ß\nb: *u\n"), "0.0 map\n1.0 text é@0= ß[ß]\n2.0 alias b@10= *1\n");
	assert_string_equal(shown("%YAML 1.1\n---\na: 80\n"), "0.0 map\n1.0 text a@14= 80[80]\n");
}

static void keys_that_are_no_text(void **state)
{
	(void)state;
	assert_string_equal(shown("? [a, {b: c}]\n: 1\nd: 2\n"), "0.0 map\n1.0 text @2= 1[1]\n2.0 text d@18= 2[2]\n");
}

static void too_deep_is_refused(void **state)
{
	enum { DEPTH = 1001 };
	char text[2 * DEPTH + 1];
	(void)state;
	for (int kind = 0; kind < 2; kind++) {
		for (size_t i = 0; i < sizeof text - 1; i++)
			text[i] = kind ? "- "[i % 2] : i < DEPTH ? '[' : ']';
		text[sizeof text - 1] = '\0';
		assert_true(str_find(str_of(shown(text)), STR(": it is nested more than 1000 deep"), 0) != STR_NONE);
		text[DEPTH - 1] = text[DEPTH] = ' '; /* one less */
		if (kind == 0)
			assert_true(str_starts(str_of(shown(text)), STR("0.0 seq")));
	}
}

static void mistakes_have_a_place(void **state)
{
	(void)state;
	assert_true(str_starts(str_of(shown("a: 1\n b: 2\n")), STR("2:3: ")));
	assert_true(str_starts(str_of(shown("é: x: 1\n")), STR("1:6: ")));
	assert_true(str_starts(str_of(shown("a: \"\xFF\"\n")), STR("1:")));
	assert_true(str_starts(str_of(shown("a: [1\n")), STR("2:1: ")));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, arena_set_up, arena_tear_down)
	const struct CMUnitTest tests[] = {TEST(values_have_their_bytes), TEST(documents_follow_each_other),
					   TEST(aliases_lead_back),	  TEST(properties_are_no_text),
					   TEST(keys_that_are_no_text),	  TEST(too_deep_is_refused),
					   TEST(mistakes_have_a_place)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
