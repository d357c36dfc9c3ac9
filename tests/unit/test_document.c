/* Reading a Dockerfile: which instructions there are, what is refused and on which line, and the kind of
   every line. Expectations follow BuildKit's parser. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>

#include "base/buf.h"
#include "support/fixture.h"
#include "syntax/args.h"

/* A literal's bytes, those behind a NUL included. */
#define BYTES(literal)                                                                                                 \
	{                                                                                                              \
		(literal), sizeof(literal) - 1                                                                         \
	}

struct example {
	struct str input;
	/* The S-expressions with " | " between them; or "parser LINE", or the S-expressions and
	   " ! layer LINE". */
	const char *expected;
};

static struct str shown(struct str input)
{
	struct document d;
	struct buf out = buf_new(&arena);
	document_parse(&arena, &d, "Dockerfile", input);
	if (d.error.message.n > 0 && !d.error.instruction_layer)
		return arena_printf(&arena, "parser %u", d.error.line);
	for (size_t i = 0; i < d.instructions.n; i++) {
		struct args args;
		struct buf sexp = buf_new(&arena);
		instruction_args(&arena, &d, i, &args);
		args_sexp(&args, &sexp);
		buf_add(&out, i > 0 ? STR(" | ") : STR(""));
		buf_add(&out, buf_str(&sexp));
	}
	if (d.error.message.n > 0)
		buf_printf(&out, " ! layer %u", d.error.line);
	return arena_str(&arena, buf_str(&out));
}

static void check(const struct example *examples, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_string_equal(shown(examples[i].input).p, examples[i].expected);
}
#define CHECK(examples) check((examples), sizeof(examples) / sizeof *(examples))

static void test_lines(void **state)
{
	static const struct example examples[] = {
		{BYTES("FROM a\nRUN b\n"), "from \"a\" | run \"b\""},
		{BYTES("FROM a\r\nRUN b  \r\r\n"), "from \"a\" | run \"b\""},
		{BYTES("FROM a\rRUN b"), "from \"a\" \"RUN\" \"b\" ! layer 1"},
		{BYTES("\xEF\xBB\xBF"
		       "FROM a"),
		 "from \"a\""},
		{BYTES("from a\n\tRun\tb\n"), "from \"a\" | run \"b\""},
		{BYTES("FROM\v\fa\n"), "from \"a\""},
		/* Unicode's white space is trimmed around a line, but separates no words. */
		{BYTES("\xC2\xA0"
		       "FROM a\xE2\x80\x83\n"),
		 "from \"a\""},
		{BYTES("FROM\xC2\xA0"
		       "a\n"),
		 "from\xC2\xA0"
		 "a \"\" ! layer 1"},
		{BYTES("\xA0"
		       "FROM a\n"),
		 "\xEF\xBF\xBD"
		 "from \"\" ! layer 1"},
		{BYTES(" \xC2\x85# comment\nFROM a\n"), "from \"a\""},
		{BYTES("FROM a\0b\n"), "from \"a\\x00b\""},
	};
	(void)state;
	CHECK(examples);
}

static void test_continuations(void **state)
{
	static const struct example examples[] = {
		{BYTES("FROM a\nRUN b \\\n  c\n"), "from \"a\" | run \"b   c\""},
		{BYTES("FROM a\nRUN b \\ \t\r\n c\n"), "from \"a\" | run \"b  c\""},
		{BYTES("FROM a\nRUN b \\\\\nUSER c\n"), "from \"a\" | run \"b \\\\\\\\\" | user \"c\""},
		{BYTES("FROM a\nRUN b \\\n# it's \\\n\n  # d\n c\n"), "from \"a\" | run \"b  c\""},
		{BYTES("FR\\\nOM a\nRU\\\nN b"), "from \"a\" | run \"b\""},
		{BYTES("\\\nFROM a\n"), "from \"a\""},
		{BYTES("\\\n  \\\n  FROM a\n"), "from \"a\""},
		{BYTES("FROM a\nRUN b \\"), "from \"a\" | run \"b\""},
		{BYTES("FROM a\nRUN b \\\n\n# c\n"), "from \"a\" | run \"b\""},
		{BYTES("FROM a\n\\\n\n"), "from \"a\" | \"\" ! layer 2"},
		{BYTES("FROM a\n# b \\\nUSER c\n"), "from \"a\" | user \"c\""},
		{BYTES("FROM a\nCOPY --from=b\\\n --chown=c:d \\\n e f\n"),
		 "from \"a\" | copy [\"--from=b\" \"--chown=c:d\"] \"e\" \"f\""},
		{BYTES("FROM a\nCOPY --fr\\\nom=b e f\n"), "from \"a\" | copy [\"--from=b\"] \"e\" \"f\""},
	};
	(void)state;
	CHECK(examples);
}

static void test_directives(void **state)
{
	static const struct example examples[] = {
		{BYTES("# escape=`\nFROM a\nRUN b `\n c \\\n"), "from \"a\" | run \"b  c \\\\\""},
		{BYTES("#\tEscape = `  \r\nFROM a`\n\n"), "from \"a\""},
		{BYTES("# syntax=x\n# check=skip=all\n# escape=`\nFROM a`\n\n"), "from \"a\""},
		{BYTES("# other=x\n# escape=`\nFROM a`\n"), "from \"a`\""},
		{BYTES("\n# escape=`\nFROM a`\n"), "from \"a`\""},
		{BYTES("# escape=\nFROM a`\n"), "from \"a`\""},
		{BYTES("FROM a\n# escape=`\nUSER b`\n"), "from \"a\" | user \"b`\""},
		{BYTES("# escape=`\n# escape=`\nFROM a\n"), "parser 1"},
		{BYTES("# escape=x\nFROM a\n"), "parser 0"},
		{BYTES("# escape= \nFROM a\n"), "parser 0"},
		{BYTES("# escape=`\n# note\n# escape=`\nFROM a\n"), "from \"a\""},
	};
	(void)state;
	CHECK(examples);
}

static void test_arguments(void **state)
{
	static const struct example examples[] = {
		{BYTES("FROM a\nENV b c  d\n"), "from \"a\" | env \"b\" \"c  d\" \"\""},
		{BYTES("FROM a\nENV b=c d=\"e f\" g=h\\ i\n"),
		 "from \"a\" | env \"b\" \"c\" \"=\" \"d\" \"\\\"e f\\\"\" \"=\" \"g\" \"h\\\\ i\" \"=\""},
		{BYTES("FROM a\nENV b c=d\n"), "from \"a\" | env \"b\" \"c=d\" \"\""},
		{BYTES("FROM a\nLABEL b=\xFF\n"), "from \"a\" | label \"b\" \"\xEF\xBF\xBD\" \"=\""},
		{BYTES("FROM a\nENV b=c d\n"), "parser 2"},
		{BYTES("FROM a\nENV b\n"), "parser 2"},
		{BYTES("FROM a\nONBUILD ENV b\n"), "parser 2"},
		{BYTES("FROM a\nENV\n"), "from \"a\" | env ! layer 2"},
		{BYTES("FROM a\nENV =b\n"), "from \"a\" | env \"\" \"b\" \"=\" ! layer 2"},
		{BYTES("ARG b=c\nARG d\nFROM a\n"), "arg \"b=c\" | arg \"d\" | from \"a\""},
		{BYTES("FROM a\nARG =b\n"), "from \"a\" | arg \"=b\" ! layer 2"},
		{BYTES("FROM a\nARG --b=c d\n"), "from \"a\" | arg [\"--b=c\"] \"d\""},
		{BYTES("FROM a\nMAINTAINER b <c@d>\n"), "from \"a\" | maintainer \"b <c@d>\""},
		{BYTES("FROM a\nSTOPSIGNAL\n"), "from \"a\" | stopsignal ! layer 2"},
		{BYTES("FROM a\nUSER  b : c \n"), "from \"a\" | user \"b : c\""},
		{BYTES("FROM a\nRUN\n"), "from \"a\" | run"},
		{BYTES("FROM a\nUSER b\xC2\xAD\xF3\xA0\x80\x81\xC3\xA9\n"),
		 "from \"a\" | user \"b\\u00ad\\U000e0001\xC3\xA9\""},
	};
	(void)state;
	CHECK(examples);
}

static void test_exec_form(void **state)
{
	static const struct example examples[] = {
		{BYTES("FROM a\nCMD [\"b\", \"c d\"]\n"), "from \"a\" | cmd \"b\" \"c d\""},
		{BYTES("FROM a\nCMD [\"b\\n\\u00e9\\ud83d\\ude00\\ud800\"]\n"),
		 "from \"a\" | cmd \"b\\n\xC3\xA9\xF0\x9F\x98\x80\xEF\xBF\xBD\""},
		{BYTES("FROM a\nCMD ['b']\n"), "from \"a\" | cmd \"['b']\""},
		{BYTES("FROM a\nCMD [\"b\"] c\n"), "from \"a\" | cmd \"[\\\"b\\\"] c\""},
		{BYTES("FROM a\nCMD [\"b\",]\n"), "from \"a\" | cmd \"[\\\"b\\\",]\""},
		{BYTES("FROM a\nCMD [\"b\tc\"]\n"), "from \"a\" | cmd \"[\\\"b\\tc\\\"]\""},
		{BYTES("FROM a\nCMD [\"b\\x\"]\n"), "from \"a\" | cmd \"[\\\"b\\\\x\\\"]\""},
		{BYTES("FROM a\nCMD []\n"), "from \"a\" | cmd"},
		{BYTES("FROM a\nCMD [\"b\", 1]\n"), "parser 2"},
		{BYTES("FROM a\nCMD [null]\n"), "parser 2"},
		{BYTES("FROM a\nCMD [{\"b\": [1, -2.5e3, true]}]\n"), "parser 2"},
		{BYTES("FROM a\nCMD [1e400]\n"), "from \"a\" | cmd \"[1e400]\""},
		{BYTES("FROM a\nCMD [01]\n"), "from \"a\" | cmd \"[01]\""},
		{BYTES("FROM a\nENV [1]\n"), "parser 2"},
		{BYTES("FROM a\nUSER [1]\n"), "from \"a\" | user \"[1]\""},
		{BYTES("FROM a\nCOPY [\"b c\", \"d\"]\n"), "from \"a\" | copy \"b c\" \"d\""},
		{BYTES("FROM a\nVOLUME [\"b\"\n"), "from \"a\" | volume \"[\\\"b\\\"\""},
		{BYTES("FROM a\nHEALTHCHECK CMD [\"b\"]\n"), "from \"a\" | healthcheck \"CMD\" \"b\""},
	};
	(void)state;
	CHECK(examples);
}

static void test_deep_json(void **state)
{
	(void)state;
	for (int depth = 9999; depth <= 10001; depth++) {
		struct buf text = buf_new(&arena);
		buf_add(&text, STR("FROM a\nCMD "));
		for (int i = 0; i < depth; i++)
			buf_char(&text, '[');
		for (int i = 0; i < depth; i++)
			buf_char(&text, ']');
		struct document d;
		document_parse(&arena, &d, "Dockerfile", buf_str(&text));
		assert_int_equal(d.error.message.n > 0, depth <= 10000);
	}
}

static void test_here_documents(void **state)
{
	static const struct example examples[] = {
		{BYTES("FROM a\nRUN <<E\nUSER b\nE\nUSER c\n"), "from \"a\" | run \"<<E\" | user \"c\""},
		{BYTES("FROM a\nRUN <<-E\n\tE\nUSER c\n"), "from \"a\" | run \"<<-E\" | user \"c\""},
		{BYTES("FROM a\nRUN <<E\n\tE\nE\r\nUSER c\n"), "from \"a\" | run \"<<E\" | user \"c\""},
		{BYTES("FROM a\nRUN << E\nE\n"), "from \"a\" | run \"<< E\""},
		{BYTES("FROM a\nRUN 3<<E\nE\n"), "from \"a\" | run \"3<<E\""},
		{BYTES("FROM a\nCOPY <<'E F' <<G b/\nE F\nG\nUSER c\n"),
		 "from \"a\" | copy \"<<'E\" \"F'\" \"<<G\" \"b/\" | user \"c\""},
		{BYTES("FROM a\nONBUILD ADD <<E b\nE\nUSER c\n"),
		 "from \"a\" | onbuild (add \"<<E\" \"b\") | user \"c\""},
		/* None of these is one. */
		{BYTES("FROM a\nRUN b <<<E\nUSER c\n"), "from \"a\" | run \"b <<<E\" | user \"c\""},
		{BYTES("FROM a\nRUN it's <<E\nUSER c\n"), "from \"a\" | run \"it's <<E\" | user \"c\""},
		{BYTES("FROM a\nRUN ${b!} <<E\nUSER c\n"), "from \"a\" | run \"${b!} <<E\" | user \"c\""},
		{BYTES("FROM a\nRUN \"<<E\"\nUSER c\n"), "from \"a\" | run \"\\\"<<E\\\"\" | user \"c\""},
		{BYTES("FROM a\nRUN [\"<<E\"]\nUSER c\n"), "from \"a\" | run \"<<E\" | user \"c\""},
		{BYTES("FROM a\nCMD <<E\nUSER c\n"), "from \"a\" | cmd \"<<E\" | user \"c\""},
		{BYTES("FROM a\nONBUILD ONBUILD RUN <<E\nUSER c\n"),
		 "from \"a\" | onbuild (onbuild (run \"<<E\")) | user \"c\" ! layer 2"},
		/* The lexer's escape character stays the backslash. */
		{BYTES("# escape=`\nFROM a\nRUN \\' <<E\nE\nUSER c\n"), "from \"a\" | run \"\\\\' <<E\" | user \"c\""},
		/* A ${…} with a word makes BuildKit forget what stood before it in that word. */
		{BYTES("FROM a\nRUN b${c:-d}<<E\nUSER c\n"), "from \"a\" | run \"b${c:-d}<<E\" | user \"c\""},
		{BYTES("FROM a\nRUN 1${c:-<<E}\n"), "from \"a\" | run \"1${c:-<<E}\""},
		{BYTES("FROM a\nRUN <<${b:-c d}\n"), "from \"a\" | run \"<<${b:-c d}\""},
		{BYTES("FROM a\nRUN ${b:-c <<\"d e\"}\n"), "parser 2"},
		{BYTES("FROM a\nRUN <<E\nb\n"), "parser 2"},
		{BYTES("FROM a\nRUN <<E\nE \n"), "parser 2"},
		{BYTES("FROM a\nRUN <\\\n<E\nE\nUSER c\n"), "from \"a\" | run \"<<E\" | user \"c\""},
	};
	(void)state;
	CHECK(examples);
}

static void test_instruction_layer(void **state)
{
	static const struct example examples[] = {
		{BYTES("FROM a\nFRMO b\n"), "from \"a\" | frmo \"\" ! layer 2"},
		{BYTES("FROM a\nCOPY b\n"), "from \"a\" | copy \"b\" ! layer 2"},
		{BYTES("FROM a\nCOPY --b=c d e\n"), "from \"a\" | copy [\"--b=c\"] \"d\" \"e\" ! layer 2"},
		{BYTES("FROM a\nCOPY --from d e\n"), "from \"a\" | copy [\"--from\"] \"d\" \"e\" ! layer 2"},
		{BYTES("FROM a\nCOPY --from=b --from=c d e\n"),
		 "from \"a\" | copy [\"--from=b\" \"--from=c\"] \"d\" \"e\" ! layer 2"},
		{BYTES("FROM a\nADD --exclude=b --exclude=c d e\n"),
		 "from \"a\" | add [\"--exclude=b\" \"--exclude=c\"] \"d\" \"e\""},
		{BYTES("FROM a\nCOPY --link=maybe b c\n"),
		 "from \"a\" | copy [\"--link=maybe\"] \"b\" \"c\" ! layer 2"},
		{BYTES("FROM a\nCOPY --link=FALSE b c\n"), "from \"a\" | copy [\"--link=FALSE\"] \"b\" \"c\""},
		{BYTES("FROM a\nCOPY b <<E\nE\n"), "from \"a\" | copy \"b\" \"<<E\" ! layer 2"},
		{BYTES("FROM a AS B-1_c.d\n"), "from \"a\" \"AS\" \"B-1_c.d\""},
		{BYTES("FROM a AS 1b\n"), "from \"a\" \"AS\" \"1b\" ! layer 1"},
		{BYTES("FROM a ASS b\n"), "from \"a\" \"ASS\" \"b\" ! layer 1"},
		{BYTES("FROM a b\n"), "from \"a\" \"b\" ! layer 1"},
		{BYTES("FROM\n"), "from ! layer 1"},
		{BYTES("FROM a\nEXPOSE\n"), "from \"a\" | expose ! layer 2"},
		{BYTES("FROM a\nVOLUME [\"b\", \" \"]\n"), "from \"a\" | volume \"b\" \" \" ! layer 2"},
		{BYTES("FROM a\nVOLUME []\n"), "from \"a\" | volume ! layer 2"},
		{BYTES("FROM a\nSHELL /bin/sh -c\n"), "from \"a\" | shell \"/bin/sh -c\" ! layer 2"},
		{BYTES("FROM a\nSHELL []\n"), "from \"a\" | shell ! layer 2"},
		{BYTES("FROM a\nONBUILD\n"), "from \"a\" | onbuild ! layer 2"},
		{BYTES("FROM a\nONBUILD FROM b\n"), "from \"a\" | onbuild (from \"b\") ! layer 2"},
		{BYTES("FROM a\nONBUILD COPY b\n"), "from \"a\" | onbuild (copy \"b\")"},
		{BYTES("FROM a\nONBUILD --b RUN c\n"), "from \"a\" | onbuild [\"--b\"] (run \"c\") ! layer 2"},
		{BYTES("USER a\nFROM b\n"), "user \"a\" | from \"b\" ! layer 1"},
		{BYTES("ARG a\n"), "arg \"a\" ! layer 1"},
		/* What the parser refuses stands before it, wherever it is. */
		{BYTES("FROM a\nFRMO b\nENV c\n"), "parser 3"},
		{BYTES(""), "parser 0"},
		{BYTES("# a\n\n"), "parser 2"},
	};
	(void)state;
	CHECK(examples);
}

static void test_flag_values(void **state)
{
	static const struct {
		const char *instruction;
		bool fine;
	} examples[] = {
		{"HEALTHCHECK --interval=1m30s CMD b", true},
		{"HEALTHCHECK --interval=.5s --timeout=0 --start-period= CMD b", true},
		{"HEALTHCHECK --interval=1\xC2\xB5s CMD b", false},
		{"HEALTHCHECK --interval=1500us CMD b", true},
		{"HEALTHCHECK --interval=30 CMD b", false},
		{"HEALTHCHECK --interval=-1s CMD b", false},
		{"HEALTHCHECK --interval=9223372037s CMD b", false},
		{"HEALTHCHECK --retries=+3 CMD b", true},
		{"HEALTHCHECK --retries=-3 CMD b", false},
		{"HEALTHCHECK --retries=2147483648 CMD b", false},
		{"HEALTHCHECK --bogus NONE", true},
		{"HEALTHCHECK --bogus CMD b", false},
		{"HEALTHCHECK NONE b", false},
		{"HEALTHCHECK CMD", false},
		{"HEALTHCHECK CMD []", false},
		{"HEALTHCHECK b", false},
		{"HEALTHCHECK", false},
		{"STOPSIGNAL --bogus b", true},
		{"RUN --network=none b", true},
		{"RUN --network=bridge b", false},
		{"RUN --security=insecure b", true},
		{"RUN --security b", false},
		{"RUN --mount=type=cache,target=/b --mount=type=secret c", true},
		{"RUN --mount=from=$B c", false},
		{"RUN --mount=from=b$ c", true},
		{"RUN --mount=\\\"from=$b\\\" c", false},
		{"RUN --mount=a\\\"b c", false},
		{"RUN --mount= c", false},
		{"RUN --mount=bogus=$B c", true},
		{"RUN --device=b,required=true c", true},
		{"RUN --device=b,c d", false},
		{"RUN --device=name=b,required=maybe d", false},
		{"CMD --bogus=b c", false},
		{"FROM --platform=$P b", true},
		{"FROM --platform b", false},
		{"COPY -- --b c", true},
	};
	(void)state;
	for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
		struct document d;
		document_parse(&arena, &d, "Dockerfile", arena_printf(&arena, "FROM a\n%s\n", examples[i].instruction));
		if ((d.error.message.n == 0) != examples[i].fine)
			fail_msg("%s: %.*s", examples[i].instruction, STR_ARG(d.error.message));
	}
}

static void test_messages(void **state)
{
	static const struct {
		const char *input, *message;
		uint32_t offset;
	} examples[] = {
		{"FROM a\n  FRMO b\n", "unknown instruction FRMO (did you mean FROM?)", 9},
		{"FROM a\n&& b\n", "unknown instruction && (is the escape character missing on the line above?)", 7},
		{"FROM a\nCOPY \\\n --form=x b c\n", "COPY: unknown flag --form (did you mean --from?)", 15},
		{"FROM a\nCMD [\"b\", 1]\n", "CMD: every element of the array must be a string", 17},
		{"FROM a\nRUN --network=lan b\n",
		 "RUN: bad value \"lan\" for --network; expected default, none or host", 21},
		{"FROM a\nENV b=c \\\n d\n", "ENV: no = in \"d\"; expected NAME=VALUE", 18},
		{"FROM a\nRUN b <<E\n", "here-document E has no end; expected a line \"E\"", 13},
	};
	(void)state;
	for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
		struct document d;
		document_parse(&arena, &d, "Dockerfile", str_of(examples[i].input));
		assert_string_equal(arena_str(&arena, d.error.message).p, examples[i].message);
		assert_int_equal(d.error.offset, examples[i].offset);
	}
}

/* A file with one line of `length` bytes between `before` and `after`. */
static struct syntax_error error_with_line(const char *before, size_t length, const char *after)
{
	struct document d;
	struct buf text = buf_new(&arena);
	buf_add(&text, str_of(before));
	while (length-- > 0)
		buf_char(&text, 'x');
	buf_add(&text, str_of(after));
	document_parse(&arena, &d, "Dockerfile", buf_str(&text));
	return d.error;
}

static void test_long_lines(void **state)
{
	(void)state;
	assert_int_equal(error_with_line("FROM a\n# ", 65533, "\n").message.n, 0);
	assert_int_equal(error_with_line("FROM a\n# ", 65533, "").message.n, 0);
	assert_int_equal(error_with_line("FROM a\n# ", 65534, "\n").line, 1);
	assert_int_equal(error_with_line("FROM a\n# ", 65533, "\r\n").line, 1);
	assert_int_equal(error_with_line("FROM a\nRUN b \\\n", 65536, "\n").line, 3);
	assert_int_equal(error_with_line("FROM a\nRUN <<E\n", 65536, "\nE\n").line, 2);
	assert_int_equal(error_with_line("FROM a\nRUN <<E\n", 65535, "\nE\n").message.n, 0);
	assert_int_equal(error_with_line("\xEF\xBB\xBF"
					 "FROM ",
					 65527, "\n")
				 .message.n,
			 0);
	assert_true(error_with_line("\xEF\xBB\xBF"
				    "FROM ",
				    65528, "\n")
			    .message.n > 0);
}

struct kinds {
	char seen[64];
	size_t n;
	uint32_t at;
};

static void note_kind(void *ctx, const struct line *line)
{
	static const char letters[] = {
		[LINE_BLANK] = ' ',	   [LINE_COMMENT] = '#',    [LINE_DIRECTIVE] = '!', [LINE_INSTRUCTION] = 'I',
		[LINE_CONTINUATION] = 'C', [LINE_IN_COMMENT] = 'c', [LINE_IN_BLANK] = '_',  [LINE_HEREDOC] = 'H',
		[LINE_TERMINATOR] = 'T',   [LINE_UNREAD] = '?',
	};
	struct kinds *k = ctx;
	assert_int_equal(line->start, k->at);
	assert_true(line->text_end >= line->start && line->text_end <= line->end);
	k->at = line->end;
	k->seen[k->n++] = letters[line->kind];
}

static void test_line_kinds(void **state)
{
	static const struct {
		struct str input;
		const char *kinds;
	} examples[] = {
		{BYTES("# escape=`\n# note\n\nFROM a"), "!# I"},
		{BYTES("# syntax=a\n# syntax=b\nFROM a\n"), "!!I"},
		{BYTES("FROM a\n#b\nRUN b \\\n# c\n\n \\\n d\n\n"), "I#Ic_CC "},
		{BYTES("\\\nFROM a\n#b\n"), "IC#"},
		{BYTES("FROM a\nRUN b \\\n\n# c\n"), "II_c"},
		{BYTES("FROM a\nCOPY <<E <<F b\n# c\nE\nF\n\nUSER d\n"), "IIHTT I"},
		{BYTES("FROM a\nRUN <<E\n\n# b\n"), "IIHH"},
		{BYTES("FROM a\nENV b\nUSER c\n"), "III"},
		{BYTES(""), ""},
	};
	(void)state;
	for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
		struct document d;
		struct kinds k = {.n = 0};
		document_parse(&arena, &d, "Dockerfile", examples[i].input);
		document_lines(&d, note_kind, &k);
		assert_int_equal(k.at, examples[i].input.n);
		assert_string_equal(k.seen, examples[i].kinds);
	}
	struct document d;
	struct kinds k = {.n = 0};
	struct buf text = buf_new(&arena);
	buf_add(&text, STR("FROM a\n"));
	for (int i = 0; i < 70000; i++)
		buf_char(&text, 'x');
	buf_add(&text, STR("\nUSER b\n"));
	document_parse(&arena, &d, "Dockerfile", buf_str(&text));
	document_lines(&d, note_kind, &k);
	assert_string_equal(k.seen, "I??");
}

static void test_places(void **state)
{
	(void)state;
	struct document d;
	/*             0      7          17   22 24      32 */
	document_parse(&arena, &d, "Dockerfile", STR("FROM a\nRUN b \\\n  c\n\n \\\n  COPY <<E d\nf\nE\nUSER g"));
	assert_int_equal(d.instructions.n, 4);
	const struct instruction *run = &d.instructions.at[1], *copy = &d.instructions.at[2];
	assert_int_equal(run->keyword, KW_RUN);
	assert_int_equal(run->line, 2);
	assert_int_equal(run->last_line, 3);
	assert_int_equal(run->text_end, 18);
	assert_true(run->continued);
	assert_int_equal(copy->start, 25); /* the keyword, though its logical line begins before */
	assert_int_equal(copy->line, 5);
	assert_int_equal(copy->last_line, 8);
	assert_int_equal(copy->text_end, 35);
	assert_int_equal(copy->end, 39);
	size_t n;
	const struct heredoc_place *place = document_heredocs(&d, copy, &n);
	assert_int_equal(n, 1);
	assert_int_equal(place->body, 36);
	assert_int_equal(place->terminator, 38);
	assert_null(document_heredocs(&d, run, &n));
	assert_int_equal(document_instruction_at(&d, 0), 0);
	assert_int_equal(document_instruction_at(&d, 18), 1);
	assert_true(document_instruction_at(&d, 19) == STR_NONE);
	assert_int_equal(document_instruction_at(&d, 37), 2);
	assert_int_equal(document_instruction_at(&d, 46), 3);

	struct position p = source_position(&arena, &d.source, 37);
	assert_int_equal(p.line, 7);
	assert_int_equal(p.column, 2);
	p = source_position(&arena, &d.source, 4000);
	assert_int_equal(p.line, 9);
	assert_int_equal(p.column, 7);
}

static void test_many_instructions(void **state)
{
	(void)state;
	enum { COUNT = 5000 };
	struct document d;
	struct buf text = buf_new(&arena);
	buf_add(&text, STR("FROM a\n"));
	for (int i = 0; i < COUNT; i++)
		buf_add(&text, STR("RUN <<E\nE\n"));
	document_parse(&arena, &d, "Dockerfile", buf_str(&text));
	assert_int_equal(d.error.message.n, 0);
	assert_int_equal(d.instructions.n, COUNT + 1);
	assert_int_equal(d.heredocs.n, COUNT);
	assert_int_equal(d.instructions.at[COUNT].start, 7 + 10 * (COUNT - 1));
	assert_int_equal(d.heredocs.at[COUNT - 1].body, 7 + 10 * (COUNT - 1) + 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),	       cmocka_unit_test(test_continuations),
		cmocka_unit_test(test_directives),     cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_exec_form),      cmocka_unit_test(test_deep_json),
		cmocka_unit_test(test_here_documents), cmocka_unit_test(test_instruction_layer),
		cmocka_unit_test(test_flag_values),    cmocka_unit_test(test_messages),
		cmocka_unit_test(test_long_lines),     cmocka_unit_test(test_line_kinds),
		cmocka_unit_test(test_places),	       cmocka_unit_test(test_many_instructions),
	};
	return cmocka_run_group_tests(tests, arena_set_up, arena_tear_down);
}
