/* The words, flags and here-documents of one instruction, with their places in the file. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>

#include "base/buf.h"
#include "syntax/args.h"
#include "syntax/exec_form.h"
#include "support/fixture.h"
#include "syntax/heredoc.h"

static struct document document;

/* The arguments of the last instruction of a file. */
static struct args args_of(const char *text)
{
	struct args args;
	document_parse(&arena, &document, "Dockerfile", str_of(text));
	instruction_args(&arena, &document, document.instructions.n - 1, &args);
	return args;
}

static void assert_text(struct str s, const char *expected)
{
	assert_string_equal(arena_str(&arena, s).p, expected);
}

static void assert_span(struct span span, const char *expected)
{
	assert_text(source_text(&document.source, span), expected);
}

static void test_flags(void **state)
{
	static const struct {
		const char *line, *name, *value, *raw, *span, *value_span;
	} examples[] = {
		{"COPY --chown=a:b c d", "chown", "a:b", "--chown=a:b", "--chown=a:b", "a:b"},
		{"COPY --link c d", "link", NULL, "--link", "--link", ""},
		{"COPY --from= c d", "from", "", "--from=", "--from=", ""},
		{"COPY --chown=\"a b\":c d e", "chown", "a b:c", "--chown=a b:c", "--chown=\"a b\":c", "\"a b\":c"},
		{"COPY --chown=a\\ b c d", "chown", "a b", "--chown=a b", "--chown=a\\ b", "a\\ b"},
		{"COPY --\"from=a\" c d", "from", "a", "--from=a", "--\"from=a\"", "a\""},
		{"COPY --from=$A=b c d", "from", "$A=b", "--from=$A=b", "--from=$A=b", "$A=b"},
		/* Bytes are read as Latin-1, so that UTF-8 comes out twice encoded. */
		{"COPY --chown=\xC3\xA9 c d", "chown", "\xC3\x83\xC2\xA9", "--chown=\xC3\x83\xC2\xA9",
		 "--chown=\xC3\xA9", "\xC3\xA9"},
		{"COPY --fr\\\nom=\\\na c d", "from", "a", "--from=a", "--fr\\\nom=\\\na", "a"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
		struct args args = args_of(examples[i].line);
		assert_int_equal(args.nflags, 1);
		const struct flag *flag = args_flag(&args, str_of(examples[i].name));
		assert_ptr_equal(flag, args.flags);
		assert_int_equal(flag->has_value, examples[i].value != NULL);
		assert_text(flag->value, examples[i].value ? examples[i].value : "");
		assert_text(flag->raw, examples[i].raw);
		assert_span(flag->span, examples[i].span);
		assert_span(flag->value_span, examples[i].value_span);
	}
	struct args args = args_of("COPY --from=a --link -- --chown=b c");
	assert_int_equal(args.nflags, 2);
	assert_int_equal(args.nwords, 2);
	assert_null(args_flag(&args, STR("chown")));
	/* 0x85 and 0xA0 are white space here, whatever character they are part of. */
	args = args_of("COPY --from=\xC3\xA0--link c d");
	assert_int_equal(args.nflags, 2);
	assert_text(args.flags[0].raw, "--from=\xC3\x83");
}

static void test_words(void **state)
{
	static const struct {
		const char *line;
		enum args_form form;
		const char *words; /* text, then where it stands, all with | between them */
	} examples[] = {
		{"FROM a AS b", ARGS_WORDS, "a|a|AS|AS|b|b"},
		{"EXPOSE 80\\\n 81", ARGS_WORDS, "80|80|81|81"},
		{"EXPOSE 8\\\n0", ARGS_WORDS, "80|8\\\n0"},
		{"COPY \"a b\" c", ARGS_WORDS, "\"a|\"a|b\"|b\"|c|c"},
		{"COPY [\"a b\", \"c\\u0064\"]", ARGS_EXEC, "a b|\"a b\"|cd|\"c\\u0064\""},
		{"CMD []", ARGS_EXEC, ""},
		{"CMD a  b ", ARGS_STRING, "a  b|a  b"},
		{"RUN", ARGS_NONE, ""},
		{"USER a b", ARGS_STRING, "a b|a b"},
		{"ARG a=\"b c\" d", ARGS_WORDS, "a=\"b c\"|a=\"b c\"|d|d"},
		{"ENV a=\"b c\" d=", ARGS_PAIRS, "a|a|\"b c\"|\"b c\"|d|d||"},
		{"ENV a b=c", ARGS_PAIRS, "a|a|b=c|b=c"},
		{"ENV a=b\\ c d='e\\' f=g", ARGS_PAIRS, "a|a|b\\ c|b\\ c|d|d|'e\\'|'e\\'|f|f|g|g"},
		{"ENV a=b\xFF", ARGS_PAIRS, "a|a|b\xEF\xBF\xBD|b\xFF"},
		{"LABEL a=\"b\\\n c\"", ARGS_PAIRS, "a|a|\"b c\"|\"b\\\n c\""},
		{"LABEL a=b\xC2\xA0"
		 "c=d",
		 ARGS_PAIRS, "a|a|b|b|c|c|d|d"},
		{"HEALTHCHECK --retries=3 CMD a b", ARGS_STRING, "a b|a b"},
		{"HEALTHCHECK cmd [\"a\"]", ARGS_EXEC, "a|\"a\""},
		{"HEALTHCHECK NONE", ARGS_NONE, ""},
		{"BOGUS a", ARGS_NONE, ""},
	};
	(void)state;
	for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
		struct args args = args_of(examples[i].line);
		struct buf out = buf_new(&arena);
		for (uint32_t w = 0; w < args.nwords; w++) {
			buf_add(&out, w > 0 ? STR("|") : STR(""));
			buf_add(&out, args.words[w].text);
			buf_char(&out, '|');
			buf_add(&out, source_text(&document.source, args.words[w].span));
		}
		assert_int_equal(args.form, examples[i].form);
		assert_text(buf_str(&out), examples[i].words);
	}
	struct args args = args_of("HEALTHCHECK  Cmd\ta");
	assert_text(args.health_type, "Cmd");
	assert_text(args.keyword_text, "HEALTHCHECK");
	assert_span(args.rest, "Cmd\ta");
	assert_int_equal(args.words[0].at, 17);
	assert_true(args_of("ENV a b").old_pair);
	assert_false(args_of("ENV a=b").old_pair);
}

static void test_triggers(void **state)
{
	(void)state;
	struct args args = args_of("FROM a\nonbuild copy --from=b <<E d\nc\nE\n");
	assert_int_equal(args.form, ARGS_INSTRUCTION);
	assert_int_equal(args.nflags, 0);
	assert_int_equal(args.sub->keyword, KW_COPY);
	assert_text(args.sub->keyword_text, "copy");
	assert_int_equal(args.sub->nflags, 1);
	assert_int_equal(args.sub->nwords, 2);
	assert_span(args.sub->words[1].span, "d");
	assert_int_equal(args.nheredocs, 1);
	assert_int_equal(args.sub->nheredocs, 1);
	assert_null(args.sub->sub);

	struct buf deep = buf_new(&arena);
	for (int i = 0; i < 1000; i++)
		buf_add(&deep, STR("ONBUILD "));
	buf_add(&deep, STR("RUN a"));
	args = args_of(arena_str(&arena, buf_str(&deep)).p);
	int depth = 0;
	for (const struct args *sub = args.sub; sub; sub = sub->sub)
		depth++;
	assert_int_equal(depth, 100);
}

static void test_heredocs(void **state)
{
	(void)state;
	struct args args = args_of("FROM a\nCOPY <<E  <<-'F G' b/\n$c\nE\n\td\n\tF G\n");
	assert_int_equal(args.nheredocs, 2);
	const struct heredoc *first = &args.heredocs[0], *second = &args.heredocs[1];
	assert_text(first->name, "E");
	assert_true(first->expand);
	assert_false(first->chomp);
	assert_span(first->body, "$c\n");
	assert_span(first->terminator, "E");
	assert_int_equal(first->at, 5);
	assert_text(second->name, "F G");
	assert_false(second->expand);
	assert_true(second->chomp);
	assert_span(second->body, "\td\n");
	assert_span(second->terminator, "\tF G");
	assert_int_equal(second->at, 10);

	args = args_of("RUN <<E\n");
	assert_int_equal(args.nheredocs, 1);
	assert_span(args.heredocs[0].body, "");
	assert_span(args.heredocs[0].terminator, "");
}

static void test_delimiters(void **state)
{
	static const struct {
		const char *word;
		enum heredoc_result result;
		const char *name;
		bool expand, chomp;
	} examples[] = {
		{"<<E", HEREDOC_FOUND, "E", true, false},
		{"<<-E", HEREDOC_FOUND, "E", true, true},
		{"<< \tE", HEREDOC_FOUND, "E", true, false},
		{"<< -E", HEREDOC_FOUND, "-E", true, false},
		{"12<<E", HEREDOC_FOUND, "E", true, false},
		{"<<\"E F\"", HEREDOC_FOUND, "E F", false, false},
		{"<<E'F'", HEREDOC_FOUND, "EF", false, false},
		{"<<\\E", HEREDOC_FOUND, "E", true, false},
		{"<<\\'E", HEREDOC_FOUND, "'E", true, false},
		{"<<$E", HEREDOC_FOUND, "$E", true, false},
		{"<<${E:-F}", HEREDOC_FOUND, "${E:-F}", true, false},
		{"<<E;", HEREDOC_FOUND, "E;", true, false},
		{"<<", HEREDOC_NONE, NULL, false, false},
		{"<<-", HEREDOC_NONE, NULL, false, false},
		{"<<\"\"", HEREDOC_NONE, NULL, false, false},
		{"<<<E", HEREDOC_NONE, NULL, false, false},
		{"a<<E", HEREDOC_NONE, NULL, false, false},
		{"<<E<", HEREDOC_NONE, NULL, false, false},
		{"<<E F", HEREDOC_NONE, NULL, false, false},
		{"<<\"E", HEREDOC_BAD, NULL, false, false},
		{"<<${E", HEREDOC_BAD, NULL, false, false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
		struct heredoc_mark mark;
		assert_int_equal(heredoc_of_word(&arena, str_of(examples[i].word), &mark), examples[i].result);
		if (examples[i].result != HEREDOC_FOUND)
			continue;
		assert_text(mark.name, examples[i].name);
		assert_int_equal(mark.expand, examples[i].expand);
		assert_int_equal(mark.chomp, examples[i].chomp);
	}
}

static void test_deep_variables(void **state)
{
	(void)state;
	for (int depth = 100; depth <= 101; depth++) {
		struct buf line = buf_new(&arena);
		struct heredoc_marks marks;
		size_t bad;
		for (int i = 0; i < depth; i++)
			buf_add(&line, STR("${a:-"));
		for (int i = 0; i < depth; i++)
			buf_char(&line, '}');
		buf_add(&line, STR(" <<E"));
		assert_int_equal(heredocs_of_line(&arena, buf_str(&line), &marks, &bad),
				 depth == 100 ? HEREDOC_FOUND : HEREDOC_TOO_DEEP);
	}
}

static void test_large_numbers(void **state)
{
	static const struct {
		const char *text;
		enum exec_form form;
	} examples[] = {
		{"[1.7976931348623157e308]", EXEC_MIXED},
		{"[1.7976931348623159e308]", EXEC_NONE},
		{"[0.0017976931348623157e311]", EXEC_MIXED},
		{"[17976931348623159e293]", EXEC_NONE},
		{"[0e999999999999999999999]", EXEC_MIXED},
		{"[1e-999999999999999999999]", EXEC_MIXED},
		{"[1e999999999999999999999]", EXEC_NONE},
		{"[-1e309]", EXEC_NONE},
		{"[1.]", EXEC_NONE},
		{"[.1]", EXEC_NONE},
		{"[1e]", EXEC_NONE},
		{"[-]", EXEC_NONE},
	};
	(void)state;
	for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
		struct str text = str_of(examples[i].text);
		size_t bad;
		assert_int_equal(exec_form_of(text, (struct range){0, text.n}, &bad), examples[i].form);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flags),	      cmocka_unit_test(test_words),
		cmocka_unit_test(test_triggers),      cmocka_unit_test(test_heredocs),
		cmocka_unit_test(test_delimiters),    cmocka_unit_test(test_deep_variables),
		cmocka_unit_test(test_large_numbers),
	};
	return cmocka_run_group_tests(tests, arena_set_up, arena_tear_down);
}
