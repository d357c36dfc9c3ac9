/* Edits and patches as whole lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bot/lines.h"
#include "support/support.h"

static void expect(struct str original, const unroot_edit *edits, size_t n, const char *expected)
{
	struct arena a;
	struct lines_changes changes = {0};
	arena_init(&a, NULL, 0);
	struct buf out = buf_new(&a);
	lines_of_edits(&a, original, edits, n, &changes);
	for (size_t i = 0; i < changes.n; i++)
		buf_printf(&out, "%u-%u[%.*s]", changes.at[i].first, changes.at[i].last, STR_ARG(changes.at[i].text));
	assert_string_equal(arena_str(&a, buf_str(&out)).p, expected);
	arena_free(&a);
}

#define ONE(original, from, to, text) STR(original), &(unroot_edit){from, to, text, sizeof(text) - 1}, 1

static void edits(void **state)
{
	const unroot_edit two[] = {{1, 1, "X", 1}, {4, 4, "Y", 1}}, same[] = {{0, 0, "X", 1}, {1, 2, "", 0}};
	(void)state;
	expect(ONE("ab\ncd\n", 1, 1, "X"), "1-1[aXb]");
	expect(ONE("ab\ncd\n", 3, 3, "X\n"), "2-2[X\ncd]");
	expect(ONE("ab\ncd\n", 6, 6, "X\n"), "2-2[cd\nX]");
	expect(ONE("ab\ncd", 5, 5, "\nX"), "2-2[cd\nX]");
	expect(ONE("ab\ncd\n", 0, 3, ""), "1-2[cd]");
	expect(ONE("ab\ncd\n", 3, 6, ""), "2-2[]");
	expect(ONE("ab\ncd\nef\n", 1, 7, "X"), "1-3[aXf]");
	expect(STR("ab\ncd\n"), two, 2, "1-1[aXb]2-2[cYd]");
	expect(STR("ab\ncd\n"), same, 2, "1-1[Xa]");
}

/* The lines put back in place give the text that the edits give. */
static void any_edits(void **state)
{
	struct arena a;
	struct random r = {7};
	(void)state;
	arena_init(&a, NULL, 0);
	for (int round = 0; round < 2000; round++) {
		struct str text = random_text(&a, &r, 40);
		struct edits made = random_edits(&a, &r, text.n);
		unroot_edit *list = ARENA_ARRAY(&a, unroot_edit, made.n);
		struct lines_changes changes = {0};
		struct buf whole = buf_new(&a), lines = buf_new(&a);
		size_t at = 0, offset = 0;
		uint32_t line = 1;
		for (size_t i = 0; i < made.n; i++) {
			struct edit *e = &made.at[i];
			list[i] = (unroot_edit){e->start, e->end, e->text.p, e->text.n};
			buf_add(&whole, str_sub(text, at, e->start));
			buf_add(&whole, e->text);
			at = e->end;
		}
		buf_add(&whole, str_sub(text, at, text.n));
		lines_of_edits(&a, text, list, made.n, &changes);
		bool emptied = false;
		for (size_t i = 0; i < changes.n; i++) {
			emptied = emptied || changes.at[i].text.n == 0;
			assert_true(changes.at[i].first >= line && changes.at[i].last >= changes.at[i].first);
			for (; line < changes.at[i].first; line++) {
				size_t end = str_find_char(text, '\n', offset) + 1;
				buf_add(&lines, str_sub(text, offset, end));
				offset = end;
			}
			buf_add(&lines, changes.at[i].text);
			for (; line <= changes.at[i].last; line++) {
				size_t end = str_find_char(text, '\n', offset);
				offset = end == STR_NONE ? text.n : end + 1;
			}
			if (offset > 0 && offset <= text.n && text.p[offset - 1] == '\n')
				buf_char(&lines, '\n');
		}
		buf_add(&lines, str_sub(text, offset, text.n));
		/* A file that loses or gets its last line end is the same to a review. */
		struct str x = buf_str(&whole), y = buf_str(&lines);
		x.n -= str_ends(x, STR("\n"));
		y.n -= str_ends(y, STR("\n"));
		/* Nothing in place of lines: a review takes that for no line, where an edit may leave an empty one. */
		if (!emptied && !str_eq(x, y))
			fail_msg("round %d, %zu edits of [%.*s]: [%.*s] is not [%.*s]", round, made.n, STR_ARG(text),
				 STR_ARG(y), STR_ARG(x));
	}
	arena_free(&a);
}

static void patches(void **state)
{
	struct arena a;
	struct forge_ranges ranges = {0};
	(void)state;
	arena_init(&a, NULL, 0);
	lines_of_patch(&a, STR("x"),
		       STR("@@ -1,3 +1,4 @@\n a\n-b\n+c\n+d\n e\n@@ -9 +10 @@ FROM x\n-a\n+b\n\\ No newline"), &ranges);
	lines_of_patch(&a, STR("y"), STR("@@ -0,0 +1 @@\n+a"), &ranges);
	lines_of_patch(&a, STR("z"), STR("+a\n b\n@@ nothing @@\n+a"), &ranges);
	assert_int_equal(ranges.n, 3);
	assert_int_equal(ranges.at[0].first, 1);
	assert_int_equal(ranges.at[0].last, 4);
	assert_int_equal(ranges.at[1].first, 10);
	assert_int_equal(ranges.at[1].last, 10);
	assert_int_equal(ranges.at[2].first, 1);
	assert_int_equal(ranges.at[2].last, 1);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(edits), cmocka_unit_test(any_edits),
					   cmocka_unit_test(patches)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
