/* The parts of unroot verify that only look at text and observations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/fixture.h"
#include "verify/compare.h"
#include "verify/normal.h"

static void lines_are_made_comparable(void **state)
{
	(void)state;
	const struct str users[] = {STR("root"), STR("app"), STR("10001")};
	static const struct {
		const char *x, *y;
		bool alike;
	} cases[] = {
		{"started in 12 ms, pid 7", "started in 9 ms, pid 113", true},
		{"I am root", "I am app", true},
		{"cache in /home/app/.cache", "cache in /root/.cache", true},
		{"uid=0(root)", "uid=10001(app)", true},
		{"\033[32mready\033[0m", "  ready", true},
		{"request 3f2a9b7c01de done", "request 00ffee11aa22 done", true},
		{"deadbeef", "beefdead", false},
		{"listening", "not listening", false},
		{"application", "rootlication", false},
	};
	struct normal_names names = {users, 3};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct str x = normal_line(&arena, str_of(cases[i].x), names),
			   y = normal_line(&arena, str_of(cases[i].y), names);
		if (str_eq(x, y) != cases[i].alike)
			fail_msg("\"%s\" and \"%s\": %.*s, %.*s", cases[i].x, cases[i].y, STR_ARG(x), STR_ARG(y));
	}
}

static void refusals_name_a_path(void **state)
{
	static const struct {
		const char *line, *path; /* NULL: no refusal */
	} cases[] = {
		{"open /data/x: Permission denied", "/data/x"},
		{"/entrypoint.sh: line 3: /data/y: Permission denied", "/data/y"},
		{"Error: EACCES: permission denied, open '/app/.cache/z'", "/app/.cache/z"},
		{"PermissionError: [Errno 13] Permission denied: 'notes.txt'", ""},
		{"chown: Operation not permitted", ""},
		{"java.nio.file.AccessDeniedException: /var/lib/app.", "/var/lib/app"},
		{"permission granted", NULL},
		{"keeper: done", NULL},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct str line = str_of(cases[i].line), path = normal_path(line);
		assert_int_equal(normal_is_refusal(line), cases[i].path != NULL);
		if (cases[i].path && !str_eq(path, str_of(cases[i].path)))
			fail_msg("%s: %.*s", cases[i].line, STR_ARG(path));
	}
}

static void sockets_are_read(void **state)
{
	(void)state;
	static const char tcp[] =
		"  sl  local_address rem_address   st tx_queue rx_queue\n"
		"   0: 00000000:1F90 00000000:0000 0A 00000000:00000000\n"
		"   1: 0100007F:0050 00000000:0000 0A 00000000:00000000\n"
		"   2: 00000000:0051 00000000:0000 01 00000000:00000000\n"
		"   3: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A\n"
		"   4: 00000000000000000000000001000000:0052 00000000000000000000000000000000:0000 0A\n"
		"   5: short\n"
		"   6: nonsense:99999 x 0A\n";
	static const char udp[] = "head\n   0: 00000000:0035 00000000:0000 07\n   1: 00000000:C000 00000000:0000 07\n";
	struct host_ports ports = {0};
	host_read_ports(&arena, str_of(tcp), false, &ports);
	assert_int_equal(ports.n, 3);
	assert_int_equal(ports.at[0].port, 8080);
	assert_false(ports.at[0].loopback);
	assert_int_equal(ports.at[1].port, 80);
	assert_true(ports.at[1].loopback);
	assert_true(ports.at[2].loopback);
	host_read_ports(&arena, str_of(udp), true, &ports);
	assert_int_equal(ports.n, 4); /* what the kernel picked for an answer is no service */
	assert_int_equal(ports.at[3].port, 53);
}

static void uids_are_the_containers(void **state)
{
	uint32_t uids[4];
	(void)state;
	assert_true(host_read_uids(STR("Name:\tUid: 9\nUid:\t100000\t100001\t2\t3\n"), uids));
	assert_int_equal(uids[0], 100000);
	assert_int_equal(uids[3], 3);
	assert_false(host_read_uids(STR("Name:\tx\nUid:\t1\t2\n"), uids));
	assert_int_equal(host_map_uid(STR("         0     100000      65536\n"), 100033), 33);
	assert_int_equal(host_map_uid(STR("         0     100000      65536\n"), 7), 7);
	assert_int_equal(host_map_uid(STR(""), 0), 0);
}

static void requests_are_checked(void **state)
{
	static const char *const bad[] = {"", "x", "GET", "GET x", "G T /", "/a\tb", "GET /a\nb", "P/ST /"};
	struct http_request r;
	const char *expected;
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (http_parse(bad[i], &r, &expected))
			fail_msg("\"%s\" is taken", bad[i]);
	assert_true(http_parse("POST /a?b a b\r\nc", &r, &expected));
	assert_true(str_eq(r.method, STR("POST")) && str_eq(r.path, STR("/a?b")) && str_eq(r.body, STR("a b\r\nc")));
	assert_true(http_parse("/ x", &r, &expected));
	assert_true(str_eq(r.method, STR("GET")) && str_eq(r.path, STR("/")) && str_eq(r.body, STR("x")));
}

static void answers_are_read(void **state)
{
	static const char *const bad[] = {"",	     "HTTP/",	    "HTTP/1.1", "HTTP/1.1 2", "HTTP/1.1 abc",
					  "SSH-2.0", "http/1.1 200"};
	struct http_answer a;
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		http_read(str_of(bad[i]), &a);
		assert_false(a.answered);
	}
	http_read(STR("HTTP/1.1 404 Not Found\r\nA: b\r\n\r\nbody\r\n\r\nmore"), &a);
	assert_true(a.answered && a.status == 404 && str_eq(a.body, STR("body\r\n\r\nmore")));
	http_read(STR("HTTP/1.1 204"), &a);
	assert_true(a.answered && a.status == 204 && a.body.n == 0);
}

static void moves_follow_expose(void **state)
{
	(void)state;
	static uint32_t low[] = {80, 443}, high[] = {8080, 8443}, both[] = {80, 8080}, odd[] = {443, 9000};
	static const struct {
		uint32_t *original, *fixed, from, to;
	} cases[] = {{low, high, 443, 8443}, {low, odd, 80, 9000}, {low, odd, 443, 443}, {low, low, 80, 80}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct port_moves moves = {0};
		struct engine_image x = {.ports = {cases[i].original, 2, 2}}, y = {.ports = {cases[i].fixed, 2, 2}};
		port_moves_guess(&arena, &x, &y, &moves);
		assert_int_equal(port_moved(&moves, cases[i].from), cases[i].to);
	}
	/* What the base exposes stays: the usual number tells. */
	struct port_moves moves = {0};
	struct engine_image x = {.ports = {low, 1, 1}}, y = {.ports = {both, 2, 2}};
	port_moves_guess(&arena, &x, &y, &moves);
	assert_int_equal(port_moved(&moves, 80), 8080);
	moves = (struct port_moves){0};
	port_moves_read(&arena, STR("21 → 8021"), &moves);
	port_moves_read(&arena, STR("21 is not"), &moves);
	assert_int_equal(moves.n, 1);
	assert_int_equal(port_moved(&moves, 21), 8021);
}

static struct differences compared(struct arena *a, const struct observation *x, const struct observation *y)
{
	static const struct port_moves none;
	struct comparison c = {.arena = a, .moves = &none, .non_root = true};
	struct differences d;
	compare(&c, x, y, &d);
	return d;
}

static const struct difference *one_of(const struct differences *d, enum difference_kind kind)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->at[i].kind == kind && d->at[i].counts)
			return &d->at[i];
	return NULL;
}

static struct seen_process process(long pid, const char *name, uint32_t uid, bool at_end)
{
	struct seen_process p = {.pid = pid, .uids = {uid, uid, uid, uid}, .last = 2000, .at_end = at_end};
	memcpy(p.name, name, strlen(name) + 1);
	return p;
}

static void processes_are_compared(void **state)
{
	(void)state;
	struct seen_process was[] = {process(1, "main", 0, true), process(2, "child", 0, true),
				     process(3, "child", 0, true)};
	struct seen_process is[] = {process(8, "main", 7, true), process(9, "child", 7, true),
				    process(10, "child", 7, true)};
	struct observation x = {.started = true, .running = true, .source = "/proc", .processes = {was, 3, 3}};
	struct observation y = {.started = true, .running = true, .source = "/proc", .processes = {is, 3, 3}};
	struct differences d = compared(&arena, &x, &y);
	assert_false(differences_count(&d));
	is[2] = process(10, "child", 7, false); /* it died */
	d = compared(&arena, &x, &y);
	assert_non_null(one_of(&d, DIFFERS_PROCESS));
	struct seen_process renamed[] = {process(8, "main", 7, true), process(9, "child", 7, true),
					 process(10, "child", 7, true), process(8, "start", 7, false)};
	y.processes.at = renamed;
	y.processes.n = 4;
	d = compared(&arena, &x, &y);
	assert_null(one_of(&d, DIFFERS_PROCESS)); /* its number lives on under another name */
	renamed[3].uids[2] = 0;
	d = compared(&arena, &x, &y);
	assert_non_null(one_of(&d, DIFFERS_ROOT)); /* for a moment, and as a saved uid only */
}

static void chance_is_forgiven(void **state)
{
	(void)state;
	struct seen_process root[] = {process(1, "main", 0, true)}, user[] = {process(1, "main", 7, true)};
	struct observation x = {
		.started = true, .running = true, .source = "/proc", .processes = {root, 1, 1}, .log = STR("a\nb\n")};
	struct observation y = {
		.started = true, .running = true, .source = "/proc", .processes = {user, 1, 1}, .log = STR("a\n")};
	struct differences d = compared(&arena, &x, &y), chance;
	assert_non_null(one_of(&d, DIFFERS_OUTPUT));
	assert_true(differences_may_be_chance(&d));
	struct observation again = x;
	again.log = STR("a\n"); /* so it is from run to run */
	chance = compared(&arena, &x, &again);
	differences_forgive(&arena, &d, &chance);
	assert_false(differences_count(&d));
	y.processes.at = root;
	d = compared(&arena, &x, &y);
	assert_false(differences_may_be_chance(&d));
	chance = compared(&arena, &x, &x);
	differences_forgive(&arena, &d, &chance);
	assert_non_null(one_of(&d, DIFFERS_ROOT)); /* never chance */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_made_comparable), cmocka_unit_test(refusals_name_a_path),
		cmocka_unit_test(sockets_are_read),	     cmocka_unit_test(uids_are_the_containers),
		cmocka_unit_test(requests_are_checked),	     cmocka_unit_test(answers_are_read),
		cmocka_unit_test(moves_follow_expose),	     cmocka_unit_test(processes_are_compared),
		cmocka_unit_test(chance_is_forgiven),
	};
	return cmocka_run_group_tests(tests, arena_set_up, arena_tear_down);
}
