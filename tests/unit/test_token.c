/* Tokens: they tile the file, whatever is in it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>

#include "base/buf.h"
#include "support/fixture.h"
#include "syntax/token.h"

static struct tokens tokens_in(struct str text)
{
	struct document d;
	struct tokens tokens;
	document_parse(&arena, &d, "Dockerfile", text);
	tokens_of(&arena, &d, &tokens);
	return tokens;
}

/* Tokens as "kind:text", line ends and white space left out. */
static void assert_tokens(const char *input, const char *expected)
{
	struct str text = str_of(input);
	struct tokens tokens = tokens_in(text);
	struct buf out = buf_new(&arena);
	for (size_t i = 0; i < tokens.n; i++) {
		const struct token *t = &tokens.at[i];
		if (t->kind != TOKEN_NEWLINE && t->kind != TOKEN_SPACE)
			buf_printf(&out, "%s%s:%.*s", out.n > 0 ? "|" : "", token_kind_name(t->kind),
				   (int)(t->end - t->start), text.p + t->start);
	}
	assert_string_equal(arena_str(&arena, buf_str(&out)).p, expected);
}

static void test_kinds(void **state)
{
	(void)state;
	assert_tokens("\xEF\xBB\xBF"
		      "from a",
		      "bom:\xEF\xBB\xBF|keyword:from|text:a");
	assert_tokens("# syntax=a\n# b\n\nFROM c # d\n", "directive:# syntax=a|comment:# b|keyword:FROM|text:c # d");
	assert_tokens("COPY --from=a  --link b  c \n", "keyword:COPY|flag:--from=a|flag:--link|text:b  c");
	assert_tokens("RUN a \\ \n  # b\n\n c\n", "keyword:RUN|text:a|continuation:\\ |comment:# b|text:c");
	assert_tokens(
		"RU\\\nN --mou\\\nnt=a \\\n b",
		"keyword:RU|continuation:\\|keyword:N|flag:--mou|continuation:\\|flag:nt=a|continuation:\\|text:b");
	assert_tokens("\\\n RUN a\n", "continuation:\\|keyword:RUN|text:a");
	assert_tokens("ONBUILD COPY --from=a b c", "keyword:ONBUILD|keyword:COPY|flag:--from=a|text:b c");
	assert_tokens("RUN <<E\n  a\n\nE\nUSER b", "keyword:RUN|text:<<E|heredoc:  a|terminator:E|keyword:USER|text:b");
	assert_tokens("COPY -- --a b", "keyword:COPY|text:-- --a b");
	assert_tokens("# escape=`\nRUN a `\n\\", "directive:# escape=`|keyword:RUN|text:a|continuation:`|text:\\");
}

static void assert_tiles(struct str text)
{
	struct tokens tokens = tokens_in(text);
	uint32_t at = 0;
	for (size_t i = 0; i < tokens.n; i++) {
		assert_int_equal(tokens.at[i].start, at);
		assert_true(tokens.at[i].end > at);
		at = tokens.at[i].end;
	}
	assert_int_equal(at, text.n);
}

/* Files put together at random from pieces that mean something to the parser. */
static void test_tiles(void **state)
{
	static const struct str pieces[] = {
		{"FROM a\n", 7},
		{"RUN ", 4},
		{"COPY ", 5},
		{"ONBUILD ", 8},
		{"--from=b ", 9},
		{"\\\n", 2},
		{" \\ \n", 4},
		{"# c\n", 4},
		{"\n", 1},
		{"\r\n", 2},
		{"<<E ", 4},
		{"E\n", 2},
		{"<<-'F G'", 8},
		{"\tF G\n", 5},
		{"\"", 1},
		{"\xC2\xA0", 2},
		{"\xC2", 1},
		{"\0", 1},
		{"\xEF\xBB\xBF", 3},
		{"\\", 1},
		{"[\"a\"]", 5},
		{"ENV a=b c=d\n", 12},
		{"# escape=`\n", 11},
		{"`\n", 2},
		{"\r", 1},
		{"${a:-", 5},
		{"}", 1},
		{" ", 1},
	};
	uint32_t random = 12345;
	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct buf text = buf_new(&arena);
		for (int i = 0; i < 12; i++) {
			random = random * 1664525 + 1013904223;
			buf_add(&text, pieces[(random >> 8) % (sizeof pieces / sizeof *pieces)]);
		}
		assert_tiles(buf_str(&text));
		arena_reset(&arena);
	}
}

static void test_edges(void **state)
{
	struct buf text = buf_new(&arena);
	(void)state;
	assert_tiles(STR(""));
	assert_tiles(STR("\xEF\xBB\xBF"));
	assert_tiles(STR("\r"));
	assert_tiles(STR("\\"));
	assert_tiles(STR("FROM a\r\r\n\r\r"));
	buf_add(&text, STR("FROM a \\\n"));
	for (int i = 0; i < 70000; i++)
		buf_char(&text, ' ');
	buf_add(&text, STR("x\nUSER b\n"));
	assert_tiles(buf_str(&text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_tiles),
	};
	return cmocka_run_group_tests(tests, arena_set_up, arena_tear_down);
}
