/* unroot verify with an engine that is a script (fake-engine): what it compares. */
#define _GNU_SOURCE
#include "verify/fake.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void test_same(void **state)
{
	(void)state;
	struct outcome o = expect(0, "Dockerfile: same: ");
	assert_string_equal(o.err, "");
	assert_holds(o.out, "app (uid 1000)");
	assert_lacks(o.out, "differs");
	assert_string_equal(get("fake/original/Dockerfile"), fixable);
	assert_holds(get("fake/fixed/Dockerfile"), "USER node");
	assert_string_equal(get("Dockerfile"), fixable);
	assert_nothing_left();
}

static void test_everything_is_labelled(void **state)
{
	(void)state;
	expect(0, "same");
	assert_int_equal(
		shell("grep -E '^(build|run) ' fake/calls | grep -cv -- '--label org.unroot.verify=[0-9a-f]* '").code,
		1);
}

static void test_original_does_not_build(void **state)
{
	(void)state;
	put("fake/original/build", "1");
	put("fake/original/build.out", "E: no such package\n");
	struct outcome o = expect(2, "unproved: the original does not build: nothing is proved");
	assert_holds(o.out, "| E: no such package");
	assert_nothing_left();
}

static void test_fixed_does_not_build(void **state)
{
	(void)state;
	put("fake/fixed/build", "1");
	put("fake/fixed/build.out", "useradd: not found\n");
	struct outcome o = expect(1, "differs: the fixed one does not build");
	assert_holds(o.out, "| useradd: not found");
	assert_nothing_left();
}

static void test_root_process(void **state)
{
	(void)state;
	put("fake/fixed/top", APP_USER "201 0 helper\n");
	expect(1, "the process helper (pid 201) is root");
	assert_nothing_left();
}

static void test_root_by_declaration(void **state)
{
	(void)state;
	put("fake/original/state", "0");
	put("fake/fixed/state", "0");
	put("fake/fixed/user", "0:0");
	expect(1, "starts as root");
}

static void test_fixed_does_not_start(void **state)
{
	(void)state;
	put("fake/fixed/start", "unable to find user node: no matching entries in passwd file");
	expect(1, "does not start: unable to find user node");
	assert_nothing_left();
}

static void test_fixed_ends(void **state)
{
	(void)state;
	put("fake/fixed/state", "3");
	put("fake/fixed/log", "cannot listen\n");
	struct outcome o = expect(1, "the original runs, the fixed one ended with 3");
	assert_holds(o.out, "| cannot listen");
	assert_nothing_left();
}

static void test_both_fail(void **state)
{
	(void)state;
	put("fake/original/state", "1");
	put("fake/fixed/state", "1");
	expect(2, "nothing is proved");
}

static void test_one_shot(void **state)
{
	(void)state;
	put("fake/original/state", "0");
	put("fake/fixed/state", "0");
	struct outcome o = expect(0, "same");
	assert_holds(o.out, "known from USER node alone");
}

static void test_refusals(void **state)
{
	(void)state;
	put("fake/fixed/log", "ready, pid 9\nopen /data/x: Permission denied\n");
	struct outcome o = expect(1, "refused in the fixed one: open /data/x: Permission denied");
	assert_nothing_left();
	o = verify_with("--output-format json");
	assert_holds(o.out, "\"path\":\"/data/x\"");
}

static void test_missing_output(void **state)
{
	(void)state;
	put("fake/original/log", "ready, pid 17\njob done\n");
	expect(1, "only the original prints: job done");
}

static void test_missing_process(void **state)
{
	(void)state;
	put("fake/original/top", APP_ROOT "101 0 worker\n");
	expect(1, "1 process worker in the original, 0 in the fixed one");
}

/* A port that answers nothing is known from inside. */
static void test_port(void **state)
{
	static const char head[] = "  sl  local_address rem_address   st\n";
	(void)state;
	put("fake/original/tcp", arena_printf(&cli_arena, "%s   0: 00000000:18EB 00000000:0000 0A\n", head).p);
	put("fake/fixed/tcp", head);
	struct outcome o = expect(1, "nothing listens on 6379/tcp");
	assert_holds(o.out, "ports: 6379");
	assert_holds(o.out, "ports: none");
}

static void test_check(void **state)
{
	(void)state;
	put("fake/fixed/exec", "1");
	put("fake/fixed/exec.out", "touch: /data/x: Permission denied\n");
	struct outcome o = verify_with("--exec 'touch /data/x'");
	assert_int_equal(o.code, 1);
	assert_holds(o.out, "the check gives 0 in the original, 1 in the fixed one");
	assert_int_equal(shell("grep -qE '^exec 1+ /bin/sh -c touch /data/x$' fake/calls").code, 0);
}

static void test_health(void **state)
{
	(void)state;
	put("fake/original/health", ",\"Healthcheck\":{\"Test\":[\"CMD\",\"probe\",\"80\"]}");
	put("fake/fixed/health", ",\"Healthcheck\":{\"Test\":[\"CMD-SHELL\",\"probe 80\"]}");
	put("fake/fixed/exec", "7");
	expect(1, "HEALTHCHECK gives 0 in the original, 7 in the fixed one");
	assert_int_equal(shell("grep -qE '^exec 1+ probe 80$' fake/calls").code, 0);
	assert_int_equal(shell("grep -qE '^exec 2+ /bin/sh -c probe 80$' fake/calls").code, 0);
}

/* Answers HTTP requests until it is killed. Gives its port. */
static pid_t serve(const char *answer, unsigned *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t size = sizeof address;
	char text[1024];
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	*port = ntohs(address.sin_port);
	pid_t child = fork();
	while (child == 0) {
		int one = accept(fd, NULL, NULL);
		if (one < 0 || read(one, text, sizeof text) < 0 || write(one, answer, strlen(answer)) < 0)
			_exit(1);
		close(one);
	}
	close(fd);
	return child;
}

static void stop(pid_t child)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

static void put_port(const char *side, unsigned port, unsigned host)
{
	put(arena_printf(&cli_arena, "fake/%s/exposed", side).p, arena_printf(&cli_arena, "{\"%u/tcp\":{}}", port).p);
	put(arena_printf(&cli_arena, "fake/%s/published", side).p,
	    arena_printf(&cli_arena, "{\"%u/tcp\":[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"%u\"}]}", port, host).p);
}

/* Where the engine is elsewhere, its published ports are asked. */
static void test_http(void **state)
{
	static const char *const answers[] = {
		"HTTP/1.0 200 OK\r\n\r\nup uid=0 pid=7\n", "HTTP/1.0 200 OK\r\n\r\nup uid=1000 pid=1\n",
		"HTTP/1.0 500 Oops\r\n\r\ndenied\n", "HTTP/1.0 200 OK\r\n\r\ndown\n", "SSH-2.0\r\n"};
	static const int codes[] = {0, 0, 1, 1, 1};
	(void)state;
	unsigned first, second;
	pid_t original = serve(answers[0], &first);
	put_port("original", 80, first);
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
		pid_t fixed = serve(answers[i], &second);
		put_port("fixed", 8080, second);
		struct outcome o = verify_with("--http 'POST /in x=1'");
		stop(fixed);
		if (o.code != codes[i])
			fail_msg("%s gives %d:\n%s%s", answers[i], o.code, o.out, o.err);
		assert_holds(o.out, "port 80 → 8080");
		assert_holds(o.out, "80 POST /in x=1: 200");
	}
	stop(original);
	assert_int_equal(shell("grep -q -- '--publish 127.0.0.1::80 ' fake/calls").code, 0);
	assert_nothing_left();
}

static void test_json(void **state)
{
	(void)state;
	json_error_t error;
	struct outcome o = verify_with("--output-format json --strict");
	assert_int_equal(o.code, 0);
	json_t *value = json_loads(o.out, JSON_REJECT_DUPLICATES, &error);
	assert_non_null(value);
	assert_string_equal(json_string_value(json_object_get(value, "verdict")), "same");
	assert_string_equal(json_string_value(json_object_get(value, "engine_version")), "99.0");
	assert_int_equal(json_array_size(json_object_get(json_object_get(value, "fixed"), "processes")), 1);
	json_decref(value);
	assert_int_equal(
		shell("grep '^run ' fake/calls | grep -c -- '--cap-drop ALL --security-opt no-new-privileges'").code,
		0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_TEST(test_same),
		FAKE_TEST(test_everything_is_labelled),
		FAKE_TEST(test_original_does_not_build),
		FAKE_TEST(test_fixed_does_not_build),
		FAKE_TEST(test_root_process),
		FAKE_TEST(test_root_by_declaration),
		FAKE_TEST(test_fixed_does_not_start),
		FAKE_TEST(test_fixed_ends),
		FAKE_TEST(test_both_fail),
		FAKE_TEST(test_one_shot),
		FAKE_TEST(test_refusals),
		FAKE_TEST(test_missing_output),
		FAKE_TEST(test_missing_process),
		FAKE_TEST(test_port),
		FAKE_TEST(test_check),
		FAKE_TEST(test_health),
		FAKE_TEST(test_http),
		FAKE_TEST(test_json),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
