#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "support/support.h"

static struct edit edit(uint32_t start, uint32_t end, const char *text)
{
	return (struct edit){.start = start, .end = end, .text = str_of(text)};
}

static struct edits list(struct edit *at, size_t n)
{
	return (struct edits){at, n, n};
}
#define LIST(...) list((struct edit[]){__VA_ARGS__}, sizeof((struct edit[]){__VA_ARGS__}) / sizeof(struct edit))

static void assert_text(struct str s, const char *expected)
{
	assert_int_equal(s.n, strlen(expected));
	assert_memory_equal(s.p, expected, s.n);
}

static void assert_edit(const struct edit *e, uint32_t start, uint32_t end, const char *text)
{
	assert_int_equal(e->start, start);
	assert_int_equal(e->end, end);
	assert_text(e->text, text);
}

static void sorts_by_place_and_keeps_order(void **state)
{
	struct arena a;
	(void)state;
	arena_init(&a, NULL, 0);
	struct edits e = LIST(edit(5, 7, "r"), edit(9, 9, "z"), edit(5, 5, "1"), edit(0, 2, "s"), edit(5, 5, "2"));
	e.at[1].file = 1;
	edits_sort(&a, &e);
	assert_text(e.at[0].text, "s");
	assert_text(e.at[1].text, "1");
	assert_text(e.at[2].text, "2");
	assert_text(e.at[3].text, "r");
	assert_text(e.at[4].text, "z");
	arena_free(&a);
}

static void sorts_like_an_insertion_sort(void **state)
{
	struct arena a;
	struct random r = {7};
	(void)state;
	arena_init(&a, NULL, 0);
	for (int round = 0; round < 500; round++) {
		struct edits e = {0};
		for (size_t i = 0, n = random_below(&r, 40); i < n; i++) {
			uint32_t start = (uint32_t)random_below(&r, 6);
			struct edit *new = VEC_PUSH(&a, e);
			*new = edit(start, start + (uint32_t)random_below(&r, 3), "");
			new->file = (uint32_t)random_below(&r, 2);
			new->rank = (uint8_t)random_below(&r, 2);
			new->text = arena_printf(&a, "%zu", 1000 + i);
		}
		edits_sort(&a, &e);
		for (size_t i = 1; i < e.n; i++) {
			const struct edit *x = &e.at[i - 1], *y = &e.at[i];
			uint64_t before =
				((uint64_t)x->file << 60) | ((uint64_t)x->start << 30) | (x->end << 1) | x->rank;
			uint64_t after =
				((uint64_t)y->file << 60) | ((uint64_t)y->start << 30) | (y->end << 1) | y->rank;
			assert_true(before <= after);
			if (before == after)
				assert_true(memcmp(x->text.p, y->text.p, x->text.n) < 0);
		}
		arena_reset(&a);
	}
	arena_free(&a);
}

static void tells_conflicts(void **state)
{
	static const struct {
		uint32_t a[2], b[2];
		bool conflict;
	} cases[] = {
		{{3, 3}, {3, 3}, false},			 /* two insertions at one place */
		{{3, 3}, {3, 6}, false},			 /* at the edges of a replacement */
		{{6, 6}, {3, 6}, false}, {{4, 4}, {3, 6}, true}, /* inside it */
		{{0, 3}, {3, 6}, false}, {{0, 4}, {3, 6}, true}, {{3, 6}, {3, 6}, true},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct edit x = edit(cases[i].a[0], cases[i].a[1], ""), y = edit(cases[i].b[0], cases[i].b[1], "");
		assert_int_equal(edit_conflicts(&x, &y), cases[i].conflict);
		assert_int_equal(edit_conflicts(&y, &x), cases[i].conflict);
		y.file = 1;
		assert_false(edit_conflicts(&x, &y));
	}
}

static void applies_to_the_file_named(void **state)
{
	struct arena a;
	(void)state;
	arena_init(&a, NULL, 0);
	struct edits e = LIST(edit(0, 0, ">"), edit(1, 2, "XY"), edit(3, 3, "<"), edit(0, 3, "other"));
	e.at[3].file = 2;
	assert_text(edits_apply(&a, &e, 0, STR("abc")), ">aXYc<");
	assert_text(edits_apply(&a, &e, 1, STR("abc")), "abc");
	assert_text(edits_apply(&a, &e, 2, STR("abc")), "other");
	arena_free(&a);
}

static void composes_and_joins_what_touches(void **state)
{
	struct arena a;
	(void)state;
	arena_init(&a, NULL, 0);
	/* abcdef -> abXdef -> abXYdf */
	struct edits first = LIST(edit(2, 3, "X")), second = LIST(edit(3, 3, "Y"), edit(4, 5, ""));
	struct edits both = edits_compose(&a, &first, &second);
	assert_int_equal(both.n, 2);
	assert_edit(&both.at[0], 2, 3, "XY");
	assert_edit(&both.at[1], 4, 5, "");
	/* What one round puts in and the next takes out is no edit. */
	first = LIST(edit(2, 2, "new"));
	second = LIST(edit(2, 5, ""));
	assert_int_equal(edits_compose(&a, &first, &second).n, 0);
	arena_free(&a);
}

static void composing_is_applying_twice(void **state)
{
	struct arena a;
	struct random r = {1};
	(void)state;
	arena_init(&a, NULL, 0);
	for (int round = 0; round < 20000; round++) {
		struct str text = random_text(&a, &r, 30);
		struct edits first = random_edits(&a, &r, text.n);
		struct str middle = edits_apply(&a, &first, 0, text);
		struct edits second = random_edits(&a, &r, middle.n);
		struct str expected = edits_apply(&a, &second, 0, middle);
		struct edits both = edits_compose(&a, &first, &second);
		assert_true(str_eq(edits_apply(&a, &both, 0, text), expected));
		for (size_t i = 1; i < both.n; i++)
			assert_true(both.at[i - 1].end < both.at[i].start);
		arena_reset(&a);
	}
	arena_free(&a);
}

static void trimming_changes_no_result(void **state)
{
	struct arena a;
	struct random r = {2};
	(void)state;
	arena_init(&a, NULL, 0);
	for (int round = 0; round < 20000; round++) {
		struct str text = random_text(&a, &r, 30);
		struct edits e = random_edits(&a, &r, text.n);
		struct edits trimmed = edits_trim(&a, &e, text);
		assert_true(str_eq(edits_apply(&a, &trimmed, 0, text), edits_apply(&a, &e, 0, text)));
		arena_reset(&a);
	}
	arena_free(&a);
}

static void trims_both_ends_but_no_character(void **state)
{
	struct arena a;
	(void)state;
	arena_init(&a, NULL, 0);
	struct edits e = LIST(edit(0, 8, "EXPOSE 8080"), edit(9, 11, "\xC3\xB6"));
	struct edits trimmed = edits_trim(&a, &e, STR("EXPOSE 80 \xC3\xA4"));
	assert_int_equal(trimmed.n, 2);
	assert_edit(&trimmed.at[0], 8, 8, "080");
	struct str text = STR("\xC3\xA4");
	e = LIST(edit(0, 2, "\xC3\xB6"));
	trimmed = edits_trim(&a, &e, text);
	assert_edit(&trimmed.at[0], 0, 2, "\xC3\xB6");
	e = LIST(edit(0, 2, "\xC3\xA4"));
	assert_int_equal(edits_trim(&a, &e, text).n, 0);
	arena_free(&a);
}

static void many_edits_take_linear_time(void **state)
{
	struct arena a;
	enum { EDITS = 300000 };
	(void)state;
	arena_init(&a, NULL, 0);
	char *text = arena_alloc(&a, EDITS * 2);
	memset(text, 'x', EDITS * 2);
	struct edits first = {0}, second = {0};
	for (uint32_t i = EDITS; i-- > 0;)
		*VEC_PUSH(&a, first) = edit(i * 2, i * 2 + 1, "abc");
	edits_sort(&a, &first);
	struct str middle = edits_apply(&a, &first, 0, (struct str){text, EDITS * 2});
	for (uint32_t i = 0; i < EDITS; i++)
		*VEC_PUSH(&a, second) = edit(i * 4 + 1, i * 4 + 2, "");
	struct edits both = edits_compose(&a, &first, &second);
	assert_int_equal(both.n, EDITS);
	assert_true(
		str_eq(edits_apply(&a, &both, 0, (struct str){text, EDITS * 2}), edits_apply(&a, &second, 0, middle)));
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sorts_by_place_and_keeps_order),
		cmocka_unit_test(sorts_like_an_insertion_sort),
		cmocka_unit_test(tells_conflicts),
		cmocka_unit_test(applies_to_the_file_named),
		cmocka_unit_test(composes_and_joins_what_touches),
		cmocka_unit_test(composing_is_applying_twice),
		cmocka_unit_test(trimming_changes_no_result),
		cmocka_unit_test(trims_both_ends_but_no_character),
		cmocka_unit_test(many_edits_take_linear_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
