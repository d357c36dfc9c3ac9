#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "syntax/shell.h"

struct test_case {
	const char *text, *expected;
};

static void print_words(struct buf *b, const struct shell_word *words, uint32_t n, const char *before)
{
	for (uint32_t i = 0; i < n; i++)
		buf_printf(b, " %s<%.*s>", before, STR_ARG(words[i].text));
}

static void print_redirects(struct buf *b, const struct shell_command *c)
{
	static const char *const kinds[] = {"in", "out", "append", "read-write", "heredoc", "herestring", "dup"};
	for (uint32_t i = 0; i < c->nredirects; i++) {
		const struct shell_redirect *r = &c->redirects[i];
		buf_printf(b, " %s(%d)<%.*s>", kinds[r->kind], r->fd, STR_ARG(r->target.text));
		if (r->body.p)
			buf_printf(b, "{%.*s}", STR_ARG(r->body));
	}
}

/* Lists are lettered in the order of their first command. */
static char list_letter(const struct shell_script *s, size_t at)
{
	char letter = 'A';
	for (size_t i = 0; s->at[i].list != s->at[at].list; i++) {
		size_t j = 0;
		while (s->at[j].list != s->at[i].list)
			j++;
		letter = (char)(letter + (i == j));
	}
	return letter;
}

/* One line a command: its list, a letter for each SHELL_… bit, words and redirections. */
static struct str print_script(struct arena *a, const struct shell_script *s)
{
	static const char letters[] = "ctlsfiobx"; /* in the order of the bits */
	struct buf b = buf_new(a);
	for (size_t i = 0; i < s->n; i++) {
		const struct shell_command *c = &s->at[i];
		buf_char(&b, list_letter(s, i));
		for (int bit = 0; letters[bit]; bit++)
			if (c->where >> bit & 1)
				buf_char(&b, letters[bit]);
		print_words(&b, c->assignments, c->nassignments, "=");
		print_words(&b, c->words, c->nwords, "");
		print_redirects(&b, c);
		buf_char(&b, '\n');
	}
	if (s->unknown)
		buf_printf(&b, "unknown at %u\n", (unsigned)s->unknown_at);
	buf_char(&b, '\0');
	return buf_str(&b);
}

static void check_cases(const struct test_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct arena a;
		struct shell_script s;
		arena_init(&a, NULL, 0);
		shell_parse(&a, str_of(cases[i].text), &s);
		struct str got = print_script(&a, &s);
		if (strcmp(got.p, cases[i].expected) != 0)
			print_message("text: %s\n", cases[i].text);
		assert_string_equal(got.p, cases[i].expected);
		arena_free(&a);
	}
}
#define CHECK(cases) check_cases((cases), sizeof(cases) / sizeof *(cases))

static void lists_share_numbers_and_flags(void **state)
{
	(void)state;
	static const struct test_case cases[] = {
		{"", ""},
		{"  # nothing", ""},
		{"a b; c", "A <a> <b>\nB <c>\n"},
		{"a && b && c", "A <a>\nA <b>\nA <c>\n"},
		{"a && b || c", "At <a>\nAt <b>\nBc <c>\n"},
		{"a || b && c && d", "At <a>\nBc <b>\nC <c>\nC <d>\n"},
		{"a && b || c && d || e", "At <a>\nAt <b>\nBct <c>\nCt <d>\nDc <e>\n"},
		{"a | b |& c && d &", "Aob <a>\nAiob <b>\nAib <c>\nAb <d>\n"},
		{"! a | b && c", "Ato <a>\nAti <b>\nA <c>\n"},
		{"time -p a; time b", "A <a>\nB <b>\n"},
		{"a | time b", "Ao <a>\nAi <time> <b>\n"},
		{"a &&\n # more\n b\nc", "A <a>\nA <b>\nB <c>\n"},
		{"a && # b && c", "A <a>\nunknown at 13\n"},
		{"a#b # c", "A <a#b>\n"},
		{"a \\\n && b\\\nc &\\\n& d", "A <a>\nA <bc>\nA <d>\n"},
	};
	CHECK(cases);
}

static void compound_commands(void **state)
{
	(void)state;
	static const struct test_case cases[] = {
		{"if a && b; then c; elif d; then e; else f; fi", "At <a>\nAt <b>\nBc <c>\nCct <d>\nDc <e>\nEc <f>\n"},
		{"a && { b && c; } && d", "A <a>\nB <b>\nB <c>\nA <d>\n"},
		{"{ a; b; } || c", "At <a>\nBt <b>\nCc <c>\n"},
		{"(a; b) >> /f && c", "As <a>\nBs <b>\nC append(1)</f>\nC <c>\n"},
		{"while a; do b; done < f | c", "Ato <a>\nBlo <b>\nCo in(0)<f>\nCi <c>\n"},
		{"until a; do b; done", "At <a>\nBl <b>\n"},
		{"for x in 1 2; do a $x; done && b", "Al <a> <$x>\nB <b>\n"},
		{"for x\nin $(b); do c; done; for x; do d; done", "Asx <b>\nBl <c>\nCl <d>\n"},
		{"for ((i=0; i<3; i++)); do a; done", "Al <a>\n"},
		{"for x in a; { b; }", "Al <b>\n"},
		{"select x in a; do b; done", "Al <b>\n"},
		{"case $x in (a|\"b c\") d;; *) e && f;& g) ;; h) i;;& esac", "Ac <d>\nBc <e>\nBc <f>\nCc <i>\n"},
		{"case x in if) a\nesac", "Ac <a>\n"},
		{"f() { a | b; } > g; f && h", "Afo <a>\nAfi <b>\nBf out(1)<g>\nC <f>\nC <h>\n"},
		{"f ( ) { a; }", "Af <a>\n"},
		{"function f { a; }; f", "Af <a>\nB <f>\n"},
		{"f() (a) || b", "Asf <a>\nBc <b>\n"},
		{"if a; then if b; then c; fi fi", "At <a>\nBct <b>\nCc <c>\n"},
		{"[[ -f x && ( $y == @(a|b) || ! c =~ ^(d|e f)$ ) ]] || g",
		 "At <[[> <-f> <x> <&&> <(> <$y> <==> <@(a|b)> <||> <!> <c> <=~> <^(d|e f)$> <)> <]]>\nBc <g>\n"},
		{"((x < 3)) && a", "A <((> <x < 3> <))>\nA <a>\n"},
		{"((a) || (b)) && c", "Ats <a>\nBcs <b>\nC <c>\n"},
		{"echo if then } in", "A <echo> <if> <then> <}> <in>\n"},
		{"'if' a; \\if b; x=1 if", "A <if> <a>\nB <if> <b>\nC =<x=1> <if>\n"},
	};
	CHECK(cases);
}

static void words_lose_their_quotes(void **state)
{
	(void)state;
	static const struct test_case cases[] = {
		{"a 'b $c' \"d \\\"e\\\" \\x\" f\\ g ''", "A <a> <b $c> <d \"e\" \\x> <f g> <>\n"},
		{"a'b'\"c\"d", "A <abcd>\n"},
		{"a \"b\\\nc\" 'd\\\ne'", "A <a> <bc> <d\\\ne>\n"},
		{"a $'\\tb\\x41\\101\\u00e9\\'' $\"c\"", "A <a> <\tbAA\303\251'> <c>\n"},
		{"a ${b:-\"}\"} \"${c:-\"d}\"}\" $10 $ $$ e$",
		 "A <a> <${b:-\"}\"}> <${c:-\"d}\"}> <$10> <$> <$$> <e$>\n"},
		{"a ${b#'}'} \"${c%$'\\r'}\" \"${d:-'e'}\"", "A <a> <${b#'}'}> <${c%$'\\r'}> <${d:-'e'}>\n"},
		{"a $((1 + (2))) $[3]", "A <a> <$((1 + (2)))> <$[3]>\n"},
		{"A=1 B=~/x c D=2", "A =<A=1> =<B=~/x> <c> <D=2>\n"},
		{"a=(1 \"2 3\"\n 4) b[1 + 2]+=5", "A =<a=(1 \"2 3\"\n 4)> =<b[1 + 2]+=5>\n"},
		{"export A=(1 2) B", "A <export> <A=(1 2)> <B>\n"},
	};
	CHECK(cases);
}

static void substitutions_are_listed(void **state)
{
	(void)state;
	static const struct test_case cases[] = {
		{"a $(b | c) && d", "A <a> <$(b | c)>\nBsox <b>\nBsix <c>\nA <d>\n"},
		{"x=\"$(a \"$(b)\")\"", "A =<x=$(a \"$(b)\")>\nBsx <a> <$(b)>\nCsx <b>\n"},
		{"a `b \\`c\\` \"\\$d\"`", "A <a> <`b \\`c\\` \"\\$d\"`>\nBsx <b> <`c`> <$d>\nCsx <c>\n"},
		{"\"`a \\\"b c\\\"`\"", "A <`a \\\"b c\\\"`>\nBsx <a> <b c>\n"},
		{"a $(case b in c) d;; esac)", "A <a> <$(case b in c) d;; esac)>\nBcsx <d>\n"},
		{"a ${b:-$(c)} $(( $(d) ))", "A <a> <${b:-$(c)}> <$(( $(d) ))>\nBsx <c>\nCsx <d>\n"},
		{"a $((b) ) || c", "At <a> <$((b) )>\nBtsx <b>\nCc <c>\n"},
		{"a <(b) >(c)", "A <a> <<(b)> <>(c)>\nBsox <b>\nCsix <c>\n"},
		{"a $() ``", "A <a> <$()> <``>\n"},
	};
	CHECK(cases);
}

static void redirections(void **state)
{
	(void)state;
	static const struct test_case cases[] = {
		{"a < b > c >> d >| e <> f", "A <a> in(0)<b> out(1)<c> append(1)<d> out(1)<e> read-write(0)<f>\n"},
		{"a 2>&1 >&2 3>&- 4<&5- <&$x", "A <a> dup(2)<1> dup(1)<2> dup(3)<-> dup(4)<5-> dup(0)<$x>\n"},
		{"a &>b &>>c >&d {fd}>e", "A <a> out(-1)<b> append(-1)<c> out(-1)<d> out(-2)<e>\n"},
		{"a <<< 'b c' 2> d e", "A <a> <e> herestring(0)<b c> out(2)<d>\n"},
		{"> a", "A out(1)<a>\n"},
		{"a 2 > b; a2> c", "A <a> <2> out(1)<b>\nB <a2> out(1)<c>\n"},
		{"a <<E | b\nc $(d) `e`\nE\nf",
		 "Ao <a> heredoc(0)<E>{c $(d) `e`\n}\nAi <b>\nBsx <d>\nCsx <e>\nD <f>\n"},
		{"a <<-'E'\n\tb $(c)\n\tE\nd", "A <a> heredoc(0)<E>{b $(c)\n}\nB <d>\n"},
		{"a <<X <<Y\n1\nX\n2\nY\n", "A <a> heredoc(0)<X>{1\n} heredoc(0)<Y>{2\n}\n"},
		{"a <<E\nb\\\nE\nE\nc", "A <a> heredoc(0)<E>{b\\\nE\n}\nB <c>\n"},
		{"{ a; } <<E\n$(b)\nE\n", "A <a>\nB heredoc(0)<E>{$(b)\n}\nCsx <b>\n"},
		{"a <<E", "A <a> heredoc(0)<E>\n"},
		{"a <<E\nb", "A <a> heredoc(0)<E>{b}\n"},
	};
	CHECK(cases);
}

static void what_cannot_be_read_is_unknown(void **state)
{
	(void)state;
	static const struct test_case cases[] = {
		{"a 'b", "unknown at 2\n"},
		{"a \"b", "unknown at 2\n"},
		{"a; b `c", "A <a>\nunknown at 5\n"},
		{"a; b $(c", "A <a>\nunknown at 6\n"},
		{"a)", "A <a>\nunknown at 1\n"},
		{"(a", "As <a>\nunknown at 0\n"},
		{"if a; then b", "At <a>\nBc <b>\nunknown at 12\n"},
		{"if a; then fi", "At <a>\nunknown at 11\n"},
		{"a;; b", "A <a>\nunknown at 1\n"},
		{"a > ", "unknown at 2\n"},
		{"fi", "unknown at 0\n"},
		{"coproc a", "unknown at 0\n"},
		{"a !(b)", "unknown at 3\n"},
		{"a=b(c)", "unknown at 3\n"},
		{"[[ a b ]]", "unknown at 6\n"},
		{"a ${ b; }", "unknown at 4\n"},
		{"a \"${b:-it's}\"", "unknown at 10\n"},
		{"a && ; b", "A <a>\nunknown at 5\n"},
		{"f() a", "unknown at 4\n"},
	};
	CHECK(cases);
	struct arena a;
	struct shell_script s;
	arena_init(&a, NULL, 0);
	shell_parse(&a, STR("a b\0c"), &s);
	assert_true(s.unknown);
	assert_int_equal(s.unknown_at, 3);
	assert_int_equal(s.n, 0);
	shell_parse(&a, (struct str){NULL, 0}, &s);
	assert_false(s.unknown);
	arena_free(&a);
}

static void words_say_what_the_shell_would_replace(void **state)
{
	(void)state;
	static const struct {
		const char *word;
		bool literal, quoted, glob, tilde, brace, expands;
	} cases[] = {
		{"a", true, false, false, false, false, false},
		{"'$a*'", true, true, false, false, false, false},
		{"\\*", true, true, false, false, false, false},
		{"a*", false, false, true, false, false, false},
		{"a[bc]", false, false, true, false, false, false},
		{"[", true, false, false, false, false, false},
		{"~/a", false, false, false, true, false, false},
		{"a~", true, false, false, false, false, false},
		{"a=~/b", false, false, false, true, false, false},
		{"--a=~/b", true, false, false, false, false, false},
		{"\"~\"", true, true, false, false, false, false},
		{"{a,b}", false, false, false, false, true, false},
		{"{1..3}", false, false, false, false, true, false},
		{"{}", true, false, false, false, false, false},
		{"{a}", true, false, false, false, false, false},
		{"\"a$b\"", false, true, false, false, false, true},
		{"`a`", false, false, false, false, false, true},
		{"a$", true, false, false, false, false, false},
		{"$'a'", false, true, false, false, false, false},
	};
	struct arena a;
	arena_init(&a, NULL, 0);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct shell_script s;
		shell_parse(&a, arena_printf(&a, "x %s", cases[i].word), &s);
		assert_false(s.unknown);
		assert_int_equal(s.at[0].nwords, 2);
		const struct shell_word *w = &s.at[0].words[1];
		assert_int_equal(w->literal, cases[i].literal);
		assert_int_equal(w->quoted, cases[i].quoted);
		assert_int_equal(w->glob, cases[i].glob);
		assert_int_equal(w->tilde, cases[i].tilde);
		assert_int_equal(w->brace, cases[i].brace);
		assert_int_equal(w->expands, cases[i].expands);
		assert_int_equal(w->start, 2);
		assert_int_equal(w->end, 2 + strlen(cases[i].word));
	}
	arena_free(&a);
}

static void check_span(struct str text, uint32_t start, uint32_t end, const char *expected)
{
	assert_true(start <= end && end <= text.n);
	struct str part = str_sub(text, start, end);
	assert_int_equal(part.n, strlen(expected));
	assert_memory_equal(part.p, expected, part.n);
}

static void places_are_those_of_the_text(void **state)
{
	(void)state;
	struct str text = STR("x=1 a \"b c\" `d \\`e f\\` \"\\$g\"` 2> h \\\n && { i; } <<E ; # j\nk\nE\n");
	struct arena a;
	struct shell_script s;
	arena_init(&a, NULL, 0);
	shell_parse(&a, text, &s);
	assert_false(s.unknown);
	assert_int_equal(s.n, 5);
	check_span(text, s.at[0].start, s.at[0].end, "x=1 a \"b c\" `d \\`e f\\` \"\\$g\"` 2> h");
	check_span(text, s.at[0].assignments[0].start, s.at[0].assignments[0].end, "x=1");
	check_span(text, s.at[0].words[1].start, s.at[0].words[1].end, "\"b c\"");
	check_span(text, s.at[0].redirects[0].start, s.at[0].redirects[0].end, "2> h");
	check_span(text, s.at[1].start, s.at[1].end, "d \\`e f\\` \"\\$g\"");
	check_span(text, s.at[1].words[2].start, s.at[1].words[2].end, "\"\\$g\"");
	check_span(text, s.at[2].words[1].start, s.at[2].words[1].end, "f");
	check_span(text, s.at[3].start, s.at[3].end, "i");
	check_span(text, s.at[4].start, s.at[4].end, "{ i; } <<E");
	check_span(text, s.at[4].redirects[0].body_start, s.at[4].redirects[0].body_end, "k\n");
	check_span(text, 0, s.end, "x=1 a \"b c\" `d \\`e f\\` \"\\$g\"` 2> h \\\n && { i; } <<E");
	arena_free(&a);
}

/* Neither depth nor length of the input may cost more than its length. */
static void repeated_text_is_read_in_linear_time(void **state)
{
	(void)state;
	static const struct {
		const char *unit;
		bool unknown;
	} cases[] = {
		{"((", true},	    {"$((", true},	   {"${", true},	  {"\"$(", true},
		{"( ", true},	    {"{ ", true},	   {"if ", true},	  {"[[ ( ", true},
		{"a=(", true},	    {"$(( '", true},	   {"`\\", true},	  {"f() ", true},
		{"\\\n", false},    {"a;", false},	   {"a $((b) );", false}, {"((a) || b);", false},
		{"\"`a`\"", false}, {"a <<A\nA\n", false}, {"<(a) ", false},	  {"{a,", false},
	};
	enum { SIZE = 1 << 20 };
	struct arena a;
	arena_init(&a, NULL, 0);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct shell_script s;
		struct buf b = buf_new(&a);
		while (b.n < SIZE)
			buf_add(&b, str_of(cases[i].unit));
		shell_parse(&a, buf_str(&b), &s);
		if (s.unknown != cases[i].unknown)
			print_message("unit: %s\n", cases[i].unit);
		assert_int_equal(s.unknown, cases[i].unknown);
		arena_reset(&a);
	}
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_share_numbers_and_flags),
		cmocka_unit_test(compound_commands),
		cmocka_unit_test(words_lose_their_quotes),
		cmocka_unit_test(substitutions_are_listed),
		cmocka_unit_test(redirections),
		cmocka_unit_test(what_cannot_be_read_is_unknown),
		cmocka_unit_test(words_say_what_the_shell_would_replace),
		cmocka_unit_test(places_are_those_of_the_text),
		cmocka_unit_test(repeated_text_is_read_in_linear_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
