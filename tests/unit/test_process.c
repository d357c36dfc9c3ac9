/* Programs that are run: what goes in and comes out, and how they are ended. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "process/clock.h"
#include "process/process.h"

enum { LONG = 60000, SHORT = 200, AT_ONCE = 20000 }; /* milliseconds */

static struct arena arena;

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena, NULL, 0);
	signal(SIGPIPE, SIG_IGN);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static struct process wanted(void)
{
	return (struct process){.arena = &arena, .timeout = LONG, .limit = 1 << 20};
}

static bool shell(struct process *p, const char *script)
{
	return process_run(p, (const char *const[]){"sh", "-c", script, NULL});
}

static void assert_text(struct str text, const char *expected)
{
	assert_string_equal(text.p, expected);
	assert_int_equal(text.n, strlen(expected));
}

static void what_it_prints(void **state)
{
	struct process p = wanted();
	(void)state;
	assert_true(shell(&p, "echo out; echo err >&2"));
	assert_text(p.out, "out\n");
	assert_text(p.err, "err\n");
	p = wanted();
	p.merge = true;
	assert_false(shell(&p, "echo a; echo b >&2; exit 3"));
	assert_int_equal(p.end, PROCESS_EXITED);
	assert_int_equal(p.code, 3);
	assert_text(p.out, "a\nb\n");
	assert_text(p.err, "");
	assert_text(process_why(&arena, &p), "exited with 3");
	p = wanted();
	assert_false(shell(&p, "kill -USR1 $$"));
	assert_int_equal(p.end, PROCESS_KILLED);
	assert_int_equal(p.code, SIGUSR1);
}

/* Both ways at once, more than a pipe holds. */
static void what_it_reads(void **state)
{
	struct process p = wanted();
	char *text = arena_alloc(&arena, 1 << 20);
	(void)state;
	for (size_t i = 0; i < 1 << 20; i++)
		text[i] = (char)('a' + i % 23);
	p.input = (struct str){text, 1 << 20};
	assert_true(shell(&p, "cat"));
	assert_int_equal(p.out.n, 1 << 20);
	assert_memory_equal(p.out.p, text, 1 << 20);
	assert_false(p.truncated);
	p.out = STR("");
	assert_true(shell(&p, "exec <&-; echo enough")); /* it does not want it all */
	assert_text(p.out, "enough\n");
	p = wanted();
	assert_true(shell(&p, "cat"));
	assert_text(p.out, "");
}

static void limits(void **state)
{
	struct process p = wanted();
	(void)state;
	p.limit = 5;
	assert_true(shell(&p, "echo 0123456789"));
	assert_text(p.out, "01234");
	assert_true(p.truncated);
	p = wanted();
	p.limit = 5;
	p.tail = true;
	assert_true(shell(&p, "i=0; while [ $i -lt 50000 ]; do echo $i; i=$((i + 1)); done"));
	assert_text(p.out, "9999\n");
	assert_true(p.truncated);
	p = wanted();
	p.whole = true;
	p.limit = 5;
	assert_false(shell(&p, "echo 01234"));
	assert_int_equal(p.end, PROCESS_OVERFLOW);
	assert_text(process_why(&arena, &p), "printed more than 5 bytes");
	p.limit = 6;
	assert_true(shell(&p, "echo 01234; echo 0123456789 >&2"));
	long long start = clock_ms();
	assert_false(shell(&p, "while :; do echo 01234; done"));
	assert_int_equal(p.end, PROCESS_OVERFLOW);
	assert_true(clock_ms() - start < AT_ONCE);
}

static void where_it_runs(void **state)
{
	static const char *const more[] = {"UNROOT_A=new", "UNROOT_C=c", NULL}, *const without[] = {"UNROOT_B", NULL};
	struct process p = wanted();
	(void)state;
	setenv("UNROOT_A", "old", 1);
	setenv("UNROOT_B", "b", 1);
	setenv("UNROOT_BB", "bb", 1);
	p.directory = "/";
	p.environment = more;
	p.without = without;
	assert_true(shell(&p, "pwd; echo $UNROOT_A,$UNROOT_B,$UNROOT_BB,$UNROOT_C"));
	assert_text(p.out, "/\nnew,,bb,c\n");
	assert_false(process_run(&p, (const char *const[]){"/nonexistent/program", NULL}));
	assert_int_equal(p.end, PROCESS_FAILED);
	assert_int_equal(p.code, ENOENT);
	p.directory = "/nonexistent";
	assert_false(shell(&p, "true"));
	assert_int_equal(p.end, PROCESS_FAILED);
}

/* Whether a process is gone, or soon is. */
static bool is_gone(pid_t pid)
{
	for (int i = 0; i < 500; i++) {
		if (kill(pid, 0) != 0)
			return true;
		usleep(10000);
	}
	return false;
}

static void time_is_over(void **state)
{
	struct process p = wanted();
	long long start = clock_ms();
	(void)state;
	p.timeout = SHORT;
	p.apart = true;
	assert_false(shell(&p, "sleep 100 & echo $!; wait"));
	assert_int_equal(p.end, PROCESS_TIMEOUT);
	assert_true(clock_ms() - start < AT_ONCE);
	assert_text(process_why(&arena, &p), "took longer than 1 s");
	assert_true(is_gone((pid_t)strtol(p.out.p, NULL, 10)));
}

static void ask(pid_t pid, bool first)
{
	if (first)
		kill(pid, SIGTERM);
}

static void it_may_end_by_itself(void **state)
{
	struct process p = wanted();
	long long start = clock_ms();
	(void)state;
	p.timeout = SHORT;
	p.ease = ask;
	assert_false(shell(&p, "trap 'echo cleaned; exit 0' TERM; while :; do sleep 0.01; done"));
	assert_int_equal(p.end, PROCESS_TIMEOUT);
	assert_text(p.out, "cleaned\n");
	assert_true(clock_ms() - start < AT_ONCE);
}

/* It ends when its first process does, whoever holds the pipes then. */
static void what_it_leaves_behind(void **state)
{
	struct process p = wanted();
	long long start = clock_ms();
	(void)state;
	assert_true(shell(&p, "sleep 100 & echo $!"));
	assert_true(clock_ms() - start < AT_ONCE);
	assert_int_equal(kill((pid_t)strtol(p.out.p, NULL, 10), SIGKILL), 0);
}

static void a_signal_stops_it(void **state)
{
	struct signals signals;
	struct process p = wanted();
	(void)state;
	signals_catch(&signals);
	p.signals = &signals;
	assert_false(shell(&p, "kill -TERM $PPID; sleep 100"));
	assert_int_equal(p.end, PROCESS_STOPPED);
	assert_int_equal(signals.got, SIGTERM);
	signals_release(&signals);
}

static void collect(void *ctx, struct str line)
{
	struct str *last = ctx;
	*last = arena_str(&arena, line);
}

static void lines(void **state)
{
	struct process p = wanted();
	struct str last = {0};
	(void)state;
	p.line = collect;
	p.ctx = &last;
	assert_true(shell(&p, "printf 'a\\nbc\\r\\nrest'"));
	assert_text(last, "bc");
}

static int answer(void *ctx, int to)
{
	const char *text = ctx;
	return write(to, text, strlen(text)) == (ssize_t)strlen(text) ? 7 : 1;
}

static void a_function(void **state)
{
	struct process p = wanted();
	(void)state;
	assert_false(process_fork(&p, answer, (void *)(uintptr_t) "hello"));
	assert_int_equal(p.code, 7);
	assert_text(p.out, "hello");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_it_prints),
		TEST(what_it_reads),
		TEST(limits),
		TEST(where_it_runs),
		TEST(time_is_over),
		TEST(it_may_end_by_itself),
		TEST(what_it_leaves_behind),
		TEST(a_signal_stops_it),
		TEST(lines),
		TEST(a_function),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
