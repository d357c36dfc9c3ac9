#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "fix/diff.h"
#include "support/support.h"

static struct str diff_of(struct arena *a, const char *path, struct str bytes, const struct edits *e)
{
	struct buf out = buf_new(a);
	diff_text(&out, str_of(path), bytes, e);
	return buf_str(&out);
}

struct example {
	const char *old;
	struct {
		uint32_t start, end;
		struct str text;
	} edits[3];	  /* up to the first with neither range nor text */
	const char *diff; /* without its two file lines */
};

static const struct example examples[] = {
	/* a line put in below another one */
	{"a\nb\nc\n", {{3, 3, {"\nnew", 4}}}, "@@ -1,3 +1,4 @@\n a\n b\n+new\n c\n"},
	/* the same, put in above the next one */
	{"a\nb\nc\n", {{4, 4, {"new\n", 4}}}, "@@ -1,3 +1,4 @@\n a\n b\n+new\n c\n"},
	/* lines put in above and below a line: that line is context */
	{"a\nb\nc\n", {{2, 2, {"x\n", 2}}, {3, 3, {"\ny", 2}}}, "@@ -1,3 +1,5 @@\n a\n+x\n b\n+y\n c\n"},
	/* the same with CRLF */
	{"a\r\nb\r\n", {{3, 3, {"x\r\n", 3}}, {4, 4, {"\r\ny", 3}}}, "@@ -1,2 +1,4 @@\n a\r\n+x\r\n b\r\n+y\r\n"},
	/* a line put in above a line that changes: one block, removed lines first */
	{"a\nb\n", {{2, 2, {"x\n", 2}}, {3, 3, {"!", 1}}}, "@@ -1,2 +1,3 @@\n a\n-b\n+x\n+b!\n"},
	/* no final newline, and none added */
	{"a\nb", {{2, 2, {"x\n", 2}}}, "@@ -1,2 +1,3 @@\n a\n+x\n b\n\\ No newline at end of file\n"},
	{"a\nb",
	 {{3, 3, {"\nx", 2}}},
	 "@@ -1,2 +1,3 @@\n a\n-b\n\\ No newline at end of file\n+b\n+x\n\\ No newline at end of file\n"},
	{"", {{0, 0, {"a\n", 2}}}, "@@ -0,0 +1 @@\n+a\n"},
	{"a\n", {{0, 2, {"", 0}}}, "@@ -1 +0,0 @@\n-a\n"},
	/* a deletion and an insertion around a line that stays */
	{"a\nb\nc\n", {{0, 2, {"", 0}}, {3, 5, {"", 0}}}, "@@ -1,3 +1 @@\n-a\n b\n-c\n"},
	/* seven unchanged lines make two hunks, six make one */
	{"a\n1\n2\n3\n4\n5\n6\n7\nb\n",
	 {{0, 1, {"A", 1}}, {16, 17, {"B", 1}}},
	 "@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-b\n+B\n"},
	{"a\n1\n2\n3\n4\n5\n6\nb\n",
	 {{0, 1, {"A", 1}}, {14, 15, {"B", 1}}},
	 "@@ -1,8 +1,8 @@\n-a\n+A\n 1\n 2\n 3\n 4\n 5\n 6\n-b\n+B\n"},
	/* an edit that changes nothing */
	{"a\nb\n", {{0, 4, {"a\nb\n", 4}}}, NULL},
};

static void gives_the_diff_expected(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
		const struct example *x = &examples[i];
		struct arena a;
		arena_init(&a, NULL, 0);
		struct edits e = {0};
		for (size_t k = 0; x->edits[k].end > x->edits[k].start || x->edits[k].text.n; k++)
			*VEC_PUSH(&a, e) = (struct edit){
				.start = x->edits[k].start, .end = x->edits[k].end, .text = x->edits[k].text};
		struct str expected = x->diff ? arena_printf(&a, "--- a/f\n+++ b/f\n%s", x->diff) : STR("");
		struct str diff = diff_of(&a, "f", str_of(x->old), &e);
		if (!str_eq(diff, expected))
			fail_msg("example %zu gives\n%.*s\nnot\n%.*s", i, STR_ARG(diff), STR_ARG(expected));
		arena_free(&a);
	}
}

static void quotes_paths_as_git_does(void **state)
{
	static const char *const cases[][2] = {
		{"plain/Dockerfile", "--- a/plain/Dockerfile\n"},
		{"with space", "--- a/with space\t\n"},
		{"q\"b\\", "--- \"a/q\\\"b\\\\\"\n"},
		{"n\nt\t\a\r", "--- \"a/n\\nt\\t\\a\\r\"\n"},
		{"\xC3\xA4 \x01\x7F", "--- \"a/\\303\\244 \\001\\177\"\n"},
	};
	struct arena a;
	(void)state;
	arena_init(&a, NULL, 0);
	struct edit one = {.text = STR("x\n")};
	struct edits e = {&one, 1, 1};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct str diff = diff_of(&a, cases[i][0], STR("a\n"), &e);
		struct str expected = str_of(cases[i][1]);
		assert_true(diff.n > expected.n);
		assert_memory_equal(diff.p, expected.p, expected.n);
	}
	arena_free(&a);
}

/* How many lines of the diff are removed and added again without a change. */
static size_t needless_lines(struct str diff)
{
	size_t needless = 0;
	struct str line, removed = {0};
	while (str_split(&diff, '\n', &line)) {
		if (line.n && line.p[0] == '-')
			removed = str_sub(line, 1, line.n);
		else if (line.n && line.p[0] == '+' && removed.p && str_eq(removed, str_sub(line, 1, line.n)))
			needless++;
		else if (line.n && line.p[0] != '\\')
			removed = (struct str){0};
	}
	return needless;
}

static void applies_to_what_the_edits_give(void **state)
{
	struct arena a;
	struct random r = {3};
	(void)state;
	arena_init(&a, NULL, 0);
	for (int round = 0; round < 20000; round++) {
		struct str text = random_text(&a, &r, 60), patched;
		struct edits e = random_edits(&a, &r, text.n);
		struct str diff = diff_of(&a, "f", text, &e);
		struct str expected = edits_apply(&a, &e, 0, text);
		const char *why;
		if (!patch_apply(&a, diff, text, &patched, &why))
			fail_msg("round %d: %s\n%.*s", round, why, STR_ARG(diff));
		assert_true(str_eq(patched, expected));
		assert_int_equal(diff.n == 0, str_eq(text, expected));
		arena_reset(&a);
	}
	arena_free(&a);
}

static void insert(struct arena *a, struct edits *e, size_t at, struct str text)
{
	*VEC_PUSH(a, *e) = (struct edit){.start = (uint32_t)at, .end = (uint32_t)at, .text = text};
}

static void insertions_never_remove_lines(void **state)
{
	struct arena a;
	struct random r = {4};
	(void)state;
	arena_init(&a, NULL, 0);
	for (int round = 0; round < 5000; round++) {
		struct edits e = {0};
		struct buf text = buf_new(&a);
		const char *end = random_one_in(&r, 2) ? "\r\n" : "\n";
		for (size_t i = 0; i < 20; i++) {
			if (random_one_in(&r, 4))
				insert(&a, &e, text.n, arena_printf(&a, "above%zu%s", i, end));
			buf_printf(&text, "line%zu", i);
			if (random_one_in(&r, 4))
				insert(&a, &e, text.n, arena_printf(&a, "%sbelow%zu", end, i));
			buf_add(&text, str_of(end));
		}
		struct str diff = diff_of(&a, "f", buf_str(&text), &e);
		assert_int_equal(str_find(diff, STR("\n-"), 0), STR_NONE);
		assert_int_equal(needless_lines(diff), 0);
		arena_reset(&a);
	}
	arena_free(&a);
}

/* Files with random texts and odd names; the diffs of all of them are one patch. */
enum { FILES = 200 };

struct tree {
	const char *root;
	struct str old[FILES], new[FILES];
	const char *path[FILES];
	struct buf patch;
};

static const char *odd_path(struct arena *a, struct random *r, int i, bool newlines)
{
	static const char *const parts[] = {"Dockerfile", "with space", "\xC3\xBC", "quo\"te", "back\\slash",
					    "tab\there",  "a/b",	"\xFF",	    "it's",    "new\nline"};
	size_t n = sizeof parts / sizeof *parts - (newlines ? 0 : 1);
	return arena_printf(a, "%s/%d %s", parts[random_below(r, n)], i, parts[random_below(r, n)]).p;
}

static void tree_make(struct arena *a, struct random *r, struct tree *t, bool newlines)
{
	t->root = scratch_new(a);
	t->patch = buf_new(a);
	for (int i = 0; i < FILES; i++) {
		struct edits e;
		do {
			t->old[i] = i == 0 ? STR("") : random_text(a, r, 40);
			e = random_edits(a, r, t->old[i].n);
			t->new[i] = edits_apply(a, &e, 0, t->old[i]);
			/* An empty result is a deletion to both programs; unroot never makes one. */
		} while (t->new[i].n == 0 || str_eq(t->old[i], t->new[i]));
		t->path[i] = odd_path(a, r, i, newlines);
		diff_text(&t->patch, str_of(t->path[i]), t->old[i], &e);
		file_put(arena_printf(a, "%s/in/%s", t->root, t->path[i]).p, t->old[i]);
	}
	file_put(arena_printf(a, "%s/patch", t->root).p, buf_str(&t->patch));
}

static void tree_check(struct arena *a, const struct tree *t)
{
	for (int i = 0; i < FILES; i++) {
		struct str now = file_bytes(a, arena_printf(a, "%s/in/%s", t->root, t->path[i]).p);
		if (!str_eq(now, t->new[i]))
			fail_msg("%s differs", t->path[i]);
	}
}

static void patched_by(const char *const argv[], bool repository, bool newlines)
{
	struct arena a;
	struct random r = {5};
	struct tree t;
	arena_init(&a, NULL, 0);
	tree_make(&a, &r, &t, newlines);
	if (repository)
		assert_int_equal(run_program(t.root, (const char *const[]){"git", "init", "-q", NULL}, 0), 0);
	assert_int_equal(run_program(arena_printf(&a, "%s/in", t.root).p, argv, 0), 0);
	tree_check(&a, &t);
	scratch_remove(t.root);
	arena_free(&a);
}

static void git_applies_it(void **state)
{
	(void)state;
	patched_by((const char *const[]){"git", "apply", "--whitespace=nowarn", "../patch", NULL}, false, true);
}

static void git_applies_it_in_a_subdirectory(void **state)
{
	(void)state;
	patched_by((const char *const[]){"git", "apply", "--whitespace=nowarn", "../patch", NULL}, true, true);
}

static void patch_applies_it(void **state)
{
	(void)state;
	/* GNU patch refuses names with a line feed. */
	patched_by((const char *const[]){"patch", "-p1", "-s", "-i", "../patch", NULL}, false, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_the_diff_expected),
		cmocka_unit_test(quotes_paths_as_git_does),
		cmocka_unit_test(applies_to_what_the_edits_give),
		cmocka_unit_test(insertions_never_remove_lines),
		cmocka_unit_test(git_applies_it),
		cmocka_unit_test(git_applies_it_in_a_subdirectory),
		cmocka_unit_test(patch_applies_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
