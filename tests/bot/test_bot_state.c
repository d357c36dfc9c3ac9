/* What is there, and what follows from it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bot/mark.h"
#include "bot/state.h"

#define HASH "0123456789abcdef"
#define OTHER "fedcba9876543210"
#define MARKED(hash) STR("text\n<!-- unroot-bot hash=" hash " rules=run-as-root -->\n")

static const char *const no_labels[] = {NULL};
static const char *const labels[] = {"docker", NULL};
static const struct state_wanted wanted = {.change = true, .sure = true, .hash = {HASH, 16}, .labels = no_labels};
static const struct state_wanted labelled = {.change = true, .sure = true, .hash = {HASH, 16}, .labels = labels};
static const struct state_wanted nothing = {.sure = true, .hash = {HASH, 16}, .labels = no_labels};
static const struct state_wanted unsure = {.hash = {HASH, 16}, .labels = no_labels};

enum branch { NONE, FOREIGN, OLD, CURRENT };

static struct state_seen see(enum branch branch, const struct forge_request *requests, size_t n)
{
	return (struct state_seen){.branch = branch != NONE,
				   .branch_own = branch >= OLD,
				   .branch_current = branch == CURRENT,
				   .requests = requests,
				   .n = n};
}

static void expect(enum branch branch, const struct forge_request *request, const struct state_wanted *want,
		   enum state_verdict verdict, unsigned steps)
{
	struct state_seen seen = see(branch, request, request ? 1 : 0);
	struct state_decision d = state_decide(&seen, want);
	assert_int_equal(d.verdict, verdict);
	assert_int_equal(d.steps, steps);
	assert_int_equal(d.number, request && request->state == FORGE_OPEN ? request->number : 0);
}

static void without_a_request(void **state)
{
	(void)state;
	expect(NONE, NULL, &wanted, STATE_OPEN, STEP_PUSH | STEP_OPEN);
	expect(NONE, NULL, &labelled, STATE_OPEN, STEP_PUSH | STEP_OPEN | STEP_LABEL);
	expect(NONE, NULL, &nothing, STATE_NOTHING, 0);
	expect(NONE, NULL, &unsure, STATE_UNSURE, 0);
}

static void after_a_run_that_died(void **state)
{
	struct forge_request old = {.number = 3, .state = FORGE_OPEN, .body = MARKED(OTHER)};
	struct forge_request closed = {.number = 3, .state = FORGE_CLOSED, .body = MARKED(HASH)};
	(void)state;
	expect(CURRENT, NULL, &wanted, STATE_OPEN, STEP_OPEN);
	expect(OLD, NULL, &wanted, STATE_OPEN, STEP_PUSH | STEP_OPEN);
	expect(CURRENT, &old, &wanted, STATE_UPDATE, STEP_TEXT);
	expect(OLD, NULL, &nothing, STATE_OBSOLETE, STEP_DELETE);
	expect(OLD, &closed, &nothing, STATE_OBSOLETE, STEP_DELETE);
}

static void an_open_request(void **state)
{
	struct forge_request same = {.number = 7, .state = FORGE_OPEN, .body = MARKED(HASH)};
	struct forge_request other = {.number = 7, .state = FORGE_OPEN, .body = MARKED(OTHER)};
	struct forge_request bare = {.number = 7, .state = FORGE_OPEN, .body = STR("rewritten by somebody")};
	(void)state;
	expect(CURRENT, &same, &wanted, STATE_CURRENT, 0);
	expect(CURRENT, &same, &labelled, STATE_CURRENT, STEP_LABEL);
	expect(OLD, &other, &wanted, STATE_UPDATE, STEP_PUSH | STEP_TEXT);
	expect(OLD, &same, &wanted, STATE_UPDATE, STEP_PUSH);
	expect(OLD, &bare, &wanted, STATE_UPDATE, STEP_PUSH);
	expect(CURRENT, &bare, &wanted, STATE_CURRENT, 0);
	expect(OLD, &same, &nothing, STATE_OBSOLETE, STEP_CLOSE | STEP_DELETE);
	expect(OLD, &same, &unsure, STATE_UNSURE, 0);
}

static void work_of_others(void **state)
{
	struct forge_request open = {.number = 7, .state = FORGE_OPEN, .body = MARKED(OTHER)};
	struct forge_request closed = {.number = 7, .state = FORGE_CLOSED, .body = MARKED(HASH)};
	(void)state;
	expect(FOREIGN, NULL, &wanted, STATE_FOREIGN, 0);
	expect(FOREIGN, &open, &wanted, STATE_FOREIGN, 0);
	expect(FOREIGN, &closed, &wanted, STATE_FOREIGN, 0);
	expect(FOREIGN, &open, &nothing, STATE_FOREIGN, 0);
	expect(FOREIGN, NULL, &nothing, STATE_NOTHING, 0);
}

static void closed_requests(void **state)
{
	struct forge_request same = {.number = 7, .state = FORGE_CLOSED, .body = MARKED(HASH)};
	struct forge_request other = {.number = 7, .state = FORGE_CLOSED, .body = MARKED(OTHER)};
	struct forge_request merged = {.number = 7, .state = FORGE_MERGED, .body = MARKED(HASH)};
	struct forge_request obsolete = {
		.number = 7, .state = FORGE_CLOSED, .body = STR("<!-- unroot-bot hash=" HASH " obsolete -->")};
	(void)state;
	expect(NONE, &same, &wanted, STATE_DECLINED, 0);
	expect(CURRENT, &same, &wanted, STATE_DECLINED, 0);
	expect(NONE, &other, &wanted, STATE_OPEN, STEP_PUSH | STEP_OPEN);
	expect(NONE, &merged, &wanted, STATE_OPEN, STEP_PUSH | STEP_OPEN);
	expect(NONE, &obsolete, &wanted, STATE_OPEN, STEP_PUSH | STEP_OPEN);
}

static void the_oldest_of_several(void **state)
{
	struct forge_request requests[] = {{.number = 9, .state = FORGE_OPEN, .body = MARKED(HASH)},
					   {.number = 8, .state = FORGE_CLOSED, .body = MARKED(HASH)},
					   {.number = 5, .state = FORGE_OPEN, .body = MARKED(HASH)}};
	struct state_seen seen = see(CURRENT, requests, 3);
	(void)state;
	struct state_decision d = state_decide(&seen, &wanted);
	assert_int_equal(d.verdict, STATE_CURRENT);
	assert_int_equal(d.number, 5);
}

static void marks(void **state)
{
	struct mark mark;
	(void)state;
	assert_true(mark_read(MARKED(HASH), &mark));
	assert_memory_equal(mark.hash.p, HASH, 16);
	assert_false(mark.obsolete);
	assert_true(
		mark_read(STR("<!-- unroot-bot hash=" OTHER " --> <!-- unroot-bot hash=" HASH " obsolete -->"), &mark));
	assert_memory_equal(mark.hash.p, HASH, 16);
	assert_true(mark.obsolete);
	assert_false(mark_read(STR(""), &mark));
	assert_false(mark_read(STR("<!-- unroot-bot hash=" HASH), &mark));
	assert_false(mark_read(STR("<!-- unroot-bot hash=0123 -->"), &mark));
	assert_false(mark_read(STR("<!-- unroot-bot hash=0123456789ABCDEF -->"), &mark));
}

static void a_commit_is_ours_with_its_tree(void **state)
{
	struct str message = STR("subject\n\nbody\n\nUnroot-Change: " HASH " abc\nSigned-off-by: x\n");
	(void)state;
	assert_true(str_eq(mark_of_commit(message, STR("abc")), STR(HASH)));
	assert_int_equal(mark_of_commit(message, STR("abd")).n, 0);
	assert_int_equal(mark_of_commit(STR("Unroot-Change: " HASH "\n"), STR("")).n, 0);
	assert_int_equal(mark_of_commit(STR("subject\n"), STR("abc")).n, 0);
}

static void a_change_is_its_lines(void **state)
{
	struct arena a;
	(void)state;
	arena_init(&a, NULL, 0);
	struct str one = mark_hash(&a, STR("--- a/x\n+++ b/x\n@@ -1 +1 @@\n c\n-a\n+b\n"));
	assert_true(str_eq(one, mark_hash(&a, STR("index 1..2\n--- a/x\n+++ b/x\n@@ -9 +9 @@\n-a\n+b\n d\n"))));
	assert_false(str_eq(one, mark_hash(&a, STR("--- a/y\n+++ b/y\n@@ -1 +1 @@\n c\n-a\n+b\n"))));
	assert_false(str_eq(one, mark_hash(&a, STR("--- a/x\n+++ b/x\n@@ -1 +1 @@\n c\n-a\n+B\n"))));
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_request),
		cmocka_unit_test(after_a_run_that_died),
		cmocka_unit_test(an_open_request),
		cmocka_unit_test(work_of_others),
		cmocka_unit_test(closed_requests),
		cmocka_unit_test(the_oldest_of_several),
		cmocka_unit_test(marks),
		cmocka_unit_test(a_commit_is_ours_with_its_tree),
		cmocka_unit_test(a_change_is_its_lines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
