/* Positions, changes, URIs and messages of the language server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lsp/ignore.h"
#include "lsp/message.h"
#include "lsp/text.h"
#include "lsp/uri.h"
#include "support/support.h"

#define E_ACUTE "\xC3\xA9"	 /* 2 bytes, 1 unit */
#define EURO "\xE2\x82\xAC"	 /* 3 bytes, 1 unit */
#define WHALE "\xF0\x9F\x90\xB3" /* 4 bytes, 2 units */
#define MARK "\xEF\xBB\xBF"
#define HALF "\xEF\xBF\xBD"

static struct arena arena;

static int open_arena(void **state)
{
	(void)state;
	arena_init(&arena, NULL, 0);
	return 0;
}

static int free_arena(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static void places(void **state)
{
	static const struct {
		const char *text;
		enum encoding encoding;
		uint32_t line, column;
		size_t offset;
	} cases[] = {
		{"", ENCODING_UTF16, 0, 0, 0},
		{"a\nb\r\nc\rd", ENCODING_UTF16, 1, 1, 3},
		{"a\nb\r\nc\rd", ENCODING_UTF16, 2, 0, 5},
		{"a\nb\r\nc\rd", ENCODING_UTF16, 3, 1, 8},
		{"a\n\n", ENCODING_UTF16, 2, 0, 3},
		{"x" E_ACUTE EURO WHALE "y", ENCODING_UTF16, 0, 5, 10},
		{"x" E_ACUTE EURO WHALE "y", ENCODING_UTF16, 0, 3, 6},
		{"x" E_ACUTE EURO WHALE "y", ENCODING_UTF8, 0, 10, 10},
		{"\n" WHALE WHALE, ENCODING_UTF16, 1, 4, 9},
		{MARK "FROM a", ENCODING_UTF16, 0, 1, 3},
		{MARK "FROM a", ENCODING_UTF8, 0, 3, 3},
		{"\xFFz", ENCODING_UTF16, 0, 2, 2},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct lines lines = lines_of(&arena, str_of(cases[i].text), cases[i].encoding);
		struct text_position there = {cases[i].line, cases[i].column};
		struct text_position back = lines_position(&lines, cases[i].offset);
		assert_int_equal(lines_offset(&lines, there, NULL), cases[i].offset);
		assert_int_equal(back.line, cases[i].line);
		assert_int_equal(back.column, cases[i].column);
	}
}

static void places_that_do_not_exist(void **state)
{
	struct lines lines = lines_of(&arena, STR("ab\r\n" WHALE "\n"), ENCODING_UTF16);
	bool split;
	(void)state;
	assert_int_equal(lines_offset(&lines, (struct text_position){0, 99}, NULL), 2);
	assert_int_equal(lines_offset(&lines, (struct text_position){99, 0}, NULL), 9);
	assert_int_equal(lines_offset(&lines, (struct text_position){UINT32_MAX, UINT32_MAX}, NULL), 9);
	assert_int_equal(lines_offset(&lines, (struct text_position){1, 1}, &split), 4);
	assert_true(split);
	assert_int_equal(lines_offset(&lines, (struct text_position){1, 2}, &split), 8);
	assert_false(split);
	lines.encoding = ENCODING_UTF8;
	assert_int_equal(lines_offset(&lines, (struct text_position){1, 3}, &split), 4);
	assert_false(split);
}

/* Both ways for every offset of any text, and never inside of anything. */
static void places_of_random_texts(void **state)
{
	struct random r = {20};
	(void)state;
	for (int i = 0; i < 500; i++) {
		struct str text = random_text(&arena, &r, 60);
		for (int e = 0; e < 2; e++) {
			struct lines lines = lines_of(&arena, text, e ? ENCODING_UTF8 : ENCODING_UTF16);
			for (size_t at = 0; at <= text.n; at++) {
				size_t before = text_boundary_before(text, at), behind = text_boundary_behind(text, at);
				assert_true(before <= at && at <= behind);
				assert_true((before == at) == (behind == at));
				assert_int_equal(lines_offset(&lines, lines_position(&lines, before), NULL), before);
				assert_int_equal(lines_offset(&lines, lines_position(&lines, behind), NULL), behind);
			}
		}
		arena_reset(&arena);
	}
}

static void changes(void **state)
{
	static const struct {
		const char *text;
		uint32_t start_line, start, end_line, end;
		const char *by, *expected;
	} cases[] = {
		{"", 0, 0, 0, 0, "a", "a"},
		{"abc", 0, 1, 0, 2, "", "ac"},
		{"abc", 0, 2, 0, 1, "x", "axc"}, /* the wrong way round */
		{"a\r\nb", 0, 1, 1, 0, "", "ab"},
		{"a\r\nb", 0, 99, 0, 99, "x", "ax\r\nb"},
		{"a", 9, 9, 9, 9, "\nb", "a\nb"},
		{WHALE "x", 0, 2, 0, 3, "y", WHALE "y"},
		{"a" WHALE "b", 0, 1, 0, 2, "", "a" HALF "b"}, /* the first half goes */
		{"a" WHALE "b", 0, 2, 0, 3, "", "a" HALF "b"}, /* the second one */
		{"a" WHALE "b", 0, 2, 0, 2, "-", "a" HALF "-" HALF "b"},
		{WHALE WHALE, 0, 1, 0, 3, "", HALF HALF},
		{WHALE WHALE, 0, 3, 0, 1, "", HALF HALF},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct str before = str_of(cases[i].text);
		struct text *text = text_join(&before, 1);
		struct text *after = text_replace(
			&arena, text, ENCODING_UTF16, (struct text_position){cases[i].start_line, cases[i].start},
			(struct text_position){cases[i].end_line, cases[i].end}, str_of(cases[i].by));
		assert_string_equal(after->bytes, cases[i].expected);
		assert_int_equal(after->n, strlen(cases[i].expected));
		text_unref(text);
		text_unref(after);
	}
}

static void uris(void **state)
{
	static const struct {
		const char *uri, *path, *back;
	} cases[] = {
		{"file:///a/Dockerfile", "/a/Dockerfile", "file:///a/Dockerfile"},
		{"FILE://LocalHost/a", "/a", "file:///a"},
		{"file:/a/b", "/a/b", "file:///a/b"},
		{"file:///a%20b/%C3%A9%2b+", "/a b/" E_ACUTE "++", "file:///a%20b/%C3%A9%2B%2B"},
		{"file:///100%", "/100%", "file:///100%25"},
	};
	static const char *const none[] = {"",		 "untitled:Untitled-1", "file://host/a", "file:a",
					   "file://",	 "file:///a%00b",	"git:/a?x",	 "file:///a?ref=b",
					   "file:///a#b"};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct str path = uri_path(&arena, str_of(cases[i].uri));
		assert_string_equal(path.p, cases[i].path);
		assert_string_equal(uri_of(&arena, path).p, cases[i].back);
	}
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		assert_int_equal(uri_path(&arena, str_of(none[i])).n, 0);
}

static void halves_of_pairs_and_bad_bytes(void **state)
{
	static const struct {
		const char *json, *text;
	} cases[] = {
		{"[\"\\ud83d\\udc33\"]", WHALE},     {"[\"\\ud83d\"]", HALF},
		{"[\"\\udc33\\ud83d\"]", HALF HALF}, {"[\"\\uD83Dx\"]", HALF "x"},
		{"[\"\\\\ud83d\"]", "\\ud83d"},	     {"[\"\\\\\\ud83d\"]", "\\" HALF},
		{"[\"\xED\xA0\xBD\"]", HALF},	     {"[\"\xED\x9F\xBF\"]", "\xED\x9F\xBF"},
		{"[\"a\xFF\xC3\"]", "a" HALF HALF},  {"[\"\\u00e9" WHALE "\"]", E_ACUTE WHALE},
	};
	static const char *const none[] = {"", "[\"\\ud83\"]", "[\"\\u\"]", "\"", "[1", "7", "{\"a\":1}x", "\\ud800"};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct str body = arena_str(&arena, str_of(cases[i].json));
		json_t *message = message_parse(&arena, (char *)(uintptr_t)body.p, body.n);
		assert_non_null(message);
		assert_string_equal(json_string_value(json_array_get(message, 0)), cases[i].text);
		json_decref(message);
	}
	for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
		struct str body = arena_str(&arena, str_of(none[i]));
		assert_null(message_parse(&arena, (char *)(uintptr_t)body.p, body.n));
	}
}

static void comments_that_ignore(void **state)
{
	/* "|" stands where the instruction begins. */
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{"|FROM a", "# unroot ignore=r\nFROM a"},
		{MARK "|FROM a", MARK "# unroot ignore=r\nFROM a"},
		{"# syntax=x\n|FROM a\n", "# syntax=x\n# unroot ignore=r\nFROM a\n"},
		{"FROM a\r\n  |RUN b\r\n", "FROM a\r\n  # unroot ignore=r\r\n  RUN b\r\n"},
		{"# unroot ignore=q\n|RUN b\n", "# unroot ignore=q,r\nRUN b\n"},
		{"# unroot ignore=q # why\n# more\n|RUN b\n", "# unroot ignore=q,r # why\n# more\nRUN b\n"},
		{"# unroot ignore=q\n\n|RUN b\n", "# unroot ignore=q\n\n# unroot ignore=r\nRUN b\n"},
		{"# unroot global ignore=q\n|RUN b\n", "# unroot global ignore=q\n# unroot ignore=r\nRUN b\n"},
		{"# hadolint ignore=q\n|RUN b\n", "# hadolint ignore=q\n# unroot ignore=r\nRUN b\n"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct str marked = str_of(cases[i].text);
		size_t start = str_find_char(marked, '|', 0);
		struct str text = arena_printf(&arena, "%.*s%s", (int)start, marked.p, marked.p + start + 1);
		struct insertion comment = ignore_comment(&arena, text, start, "r");
		struct str result =
			arena_printf(&arena, "%.*s%s%s", (int)comment.at, text.p, comment.text.p, text.p + comment.at);
		assert_string_equal(result.p, cases[i].expected);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_arena, free_arena)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(places), TEST(places_that_do_not_exist),	   TEST(places_of_random_texts), TEST(changes),
		TEST(uris),   TEST(halves_of_pairs_and_bad_bytes), TEST(comments_that_ignore),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
