/* Changes as whole lines: made on the original, they give the fixed text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "report/lines.h"
#include "support/support.h"

/* As a tool does it that knows nothing but lines. */
static struct str replace_lines(struct arena *a, struct str text, const struct line_changes *changes)
{
	struct buf out = buf_new(a);
	size_t next = 0, at = 0;
	for (uint32_t line = 1; at < text.n; line++) {
		size_t newline = str_find_char(text, '\n', at), end = newline == STR_NONE ? text.n : newline;
		size_t after = newline == STR_NONE ? text.n : newline + 1;
		end -= newline != STR_NONE && end > at && text.p[end - 1] == '\r';
		const struct line_change *c = next < changes->n ? &changes->at[next] : NULL;
		if (!c || line < c->first) {
			buf_add(&out, str_sub(text, at, after));
		} else if (line == c->last) {
			buf_add(&out, c->text);
			buf_add(&out, str_sub(text, end, after));
			next++;
		}
		at = after;
	}
	assert_int_equal(next, changes->n);
	return buf_str(&out);
}

static unroot_file file_of(struct arena *a, struct str before, const struct edits *edits)
{
	unroot_edit *copy = ARENA_ARRAY(a, unroot_edit, edits->n);
	for (size_t i = 0; i < edits->n; i++)
		copy[i] = (unroot_edit){edits->at[i].start, edits->at[i].end, edits->at[i].text.p, edits->at[i].text.n};
	struct str after = edits_apply(a, edits, 0, before);
	return (unroot_file){"Dockerfile", before.p, before.n, after.p, after.n, copy, edits->n};
}

static int check_file(struct arena *a, const unroot_file *file)
{
	struct line_changes changes = line_changes_of(a, file);
	struct str got = replace_lines(a, (struct str){file->original, file->original_length}, &changes);
	for (size_t i = 0; i + 1 < changes.n; i++)
		assert_true(changes.at[i].last < changes.at[i + 1].first);
	assert_int_equal(got.n, file->fixed_length);
	assert_memory_equal(got.p, file->fixed, got.n);
	return 1;
}

static const char *end_of(struct str s)
{
	return str_ends(s, STR("\r\n")) ? "\r\n" : str_ends(s, STR("\n")) ? "\n" : "";
}

static bool same_end(struct str a, struct str b)
{
	return strcmp(end_of(a), end_of(b)) == 0;
}

/* `what` of text becomes `with`; the changes as "FIRST-LAST:TEXT;". */
static const char *changes_of(struct arena *a, const char *text, const char *what, const char *with)
{
	struct edits edits = {0};
	struct buf out = buf_new(a);
	size_t start = str_find(str_of(text), str_of(what), 0);
	*VEC_PUSH(a, edits) = (struct edit){0, (uint32_t)start, (uint32_t)(start + strlen(what)), 0, str_of(with)};
	unroot_file file = file_of(a, str_of(text), &edits);
	check_file(a, &file);
	struct line_changes changes = line_changes_of(a, &file);
	for (size_t i = 0; i < changes.n; i++)
		buf_printf(&out, "%u-%u:%.*s;", changes.at[i].first, changes.at[i].last, STR_ARG(changes.at[i].text));
	return arena_str(a, buf_str(&out)).p;
}

static void changes_are_lines(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a, NULL, 0);
	assert_string_equal(changes_of(&a, "a\nb\nc\n", "b", "x"), "2-2:x;");
	assert_string_equal(changes_of(&a, "a\nb\nc\n", "b\n", "x\n"), "2-2:x;");
	assert_string_equal(changes_of(&a, "a\r\nb\r\nc\r\n", "b\r\n", "x\r\nb\r\n"), "2-2:x\r\nb;");
	/* What is taken away leaves the line behind as its place, or the one before. */
	assert_string_equal(changes_of(&a, "a\nb\nc\n", "b\n", ""), "2-3:c;");
	assert_string_equal(changes_of(&a, "a\nb\nc\n", "c\n", ""), "2-3:b;");
	assert_string_equal(changes_of(&a, "a\nb\nc", "\nc", ""), "2-3:b;");
	/* A line that is not there holds nothing. */
	assert_string_equal(changes_of(&a, "a\nb\n", "", "x\n"), "1-1:x\na;");
	arena_free(&a);
}

static void random_changes(void **state)
{
	(void)state;
	struct random r = {7};
	int checked = 0;
	for (int i = 0; i < 3000; i++) {
		struct arena a;
		arena_init(&a, NULL, 0);
		struct str text = random_text(&a, &r, 40);
		struct edits edits = random_edits(&a, &r, text.n), trimmed = edits_trim(&a, &edits, text);
		unroot_file file = file_of(&a, text, &trimmed);
		/* A line end at the end of the file that comes or goes cannot be said in lines; no fix does that. */
		if (text.n && file.fixed_length && same_end(text, (struct str){file.fixed, file.fixed_length}))
			checked += check_file(&a, &file);
		arena_free(&a);
	}
	assert_true(checked > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(changes_are_lines), cmocka_unit_test(random_changes)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
