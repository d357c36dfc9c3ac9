/* The logical text of an instruction, and the way back from it to the file. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>

#include "support/fixture.h"
#include "syntax/view.h"

static struct document document;

static struct view view_of_last(const char *text)
{
	document_parse(&arena, &document, "Dockerfile", str_of(text));
	return view_of(&arena, &document, &document.instructions.at[document.instructions.n - 1]);
}

static void test_texts(void **state)
{
	static const struct {
		const char *input, *text;
	} examples[] = {
		{"  RUN a  \n", "RUN a  "},
		{"RUN a \\\n  b\\\nc\n", "RUN a   bc"},
		{"RUN a \\ \t\r\nb\r\n", "RUN a b"},
		{"RUN a \\\n# b \\\n\n \t\nc", "RUN a c"},
		{"RUN a \\\n\\\n  \\\nb", "RUN a   b"},
		{"\\\n \\\n  RUN a", "RUN a"},
		{"RU\\\nN a", "RUN a"},
		{"RUN a \\\\\n", "RUN a \\\\"},
		{"RUN a \\", "RUN a "},
		{"RUN a \\\n# b\n", "RUN a "},
		{"\\\n\n", ""},
		{"# escape=`\nRUN a\\ `\n b\\\n", "RUN a\\  b\\"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof examples / sizeof *examples; i++)
		assert_string_equal(arena_str(&arena, view_of_last(examples[i].input).text).p, examples[i].text);
}

/* Every character of the text is the one that stands at its place in the file. */
static void test_way_back(void **state)
{
	static const char *const inputs[] = {
		"RUN a",
		"RUN a \\\n  b\\\n\\\n# c\n\nd e\n",
		"\\\n \\\n  RUN a \\\nb",
		"FROM a\nRUN b \\\r\n\tc",
	};
	(void)state;
	for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++) {
		struct view view = view_of_last(inputs[i]);
		uint32_t last = 0;
		for (size_t at = 0; at < view.text.n; at++) {
			uint32_t source = view_source(&view, at);
			assert_int_equal(document.source.bytes.p[source], view.text.p[at]);
			assert_int_equal(view_end(&view, at + 1), source + 1);
			assert_true(at == 0 || source > last);
			last = source;
		}
	}
}

static void test_spans(void **state)
{
	(void)state;
	struct view view = view_of_last("RUN ab\\\n# c\ncd e\n");
	assert_string_equal(arena_str(&arena, view.text).p, "RUN abcd e");
	struct span word = view_span(&view, 4, 8);
	assert_int_equal(word.start, 4);
	assert_int_equal(word.end, 14);
	/* Where two pieces meet, a span begins in the second and ends in the first. */
	assert_int_equal(view_span(&view, 6, 8).start, 12);
	assert_int_equal(view_span(&view, 4, 6).end, 6);
	assert_int_equal(view_span(&view, 6, 6).end, 12);
	assert_int_equal(view_end(&view, 0), 0);
}

static void test_no_copy(void **state)
{
	(void)state;
	struct view view = view_of_last("FROM a\nRUN b\n");
	assert_ptr_equal(view.text.p, document.source.bytes.p + 7);
	assert_int_equal(view.n, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_way_back),
		cmocka_unit_test(test_spans),
		cmocka_unit_test(test_no_copy),
	};
	return cmocka_run_group_tests(tests, arena_set_up, arena_tear_down);
}
