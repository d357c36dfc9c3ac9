/* unroot verify with an engine that is a script (fake-engine): verdicts, limits, and what is left behind. */
#define _GNU_SOURCE
#include "cli/cli.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/support.h"

#define APP_ROOT "PID UID COMMAND\n100 0 app\n"
#define APP_USER "PID UID COMMAND\n200 1000 app\n"

/* A PATH with nothing but the engine, some tools that it needs, and two sides that behave alike. */
static int enter(void **state)
{
	unsetenv("TMPDIR"); /* the last test's is gone */
	int code = cli_enter(state);
	char *here = realpath(".", NULL);
	setenv("FAKE", arena_printf(&cli_arena, "%s/fake", here).p, 1);
	setenv("PATH", arena_printf(&cli_arena, "%s/bin:/usr/bin:/bin", here).p, 1);
	setenv("TMPDIR", arena_printf(&cli_arena, "%s/tmp", here).p, 1);
	free(here);
	assert_int_equal(shell("mkdir -p bin tmp fake/original fake/fixed fake/engine && : >fake/images && : "
			       ">fake/containers && "
			       "cp '" UNROOT_FAKE_ENGINE "' bin/docker")
				 .code,
			 0);
	put_fixable("Dockerfile");
	put("fake/original/top", APP_ROOT);
	put("fake/fixed/top", APP_USER);
	put("fake/fixed/user", "node");
	put("fake/original/log", "ready, pid 17\n");
	put("fake/fixed/log", "ready, pid 9\n");
	return code;
}

#define FAKE_TEST(name) cmocka_unit_test_setup_teardown(name, enter, cli_leave)

static struct outcome verify_with(const char *options)
{
	return unroot(arena_printf(&cli_arena, "verify --isolated --timeout 0.05 %s Dockerfile", options).p);
}

static struct outcome expect(int code, const char *part)
{
	struct outcome o = verify_with("");
	if (o.code != code)
		fail_msg("exit code %d instead of %d:\n%s%s", o.code, code, o.out, o.err);
	assert_holds(o.out, part);
	return o;
}

static void assert_nothing_left(void)
{
	assert_string_equal(get("fake/images"), "");
	assert_string_equal(get("fake/containers"), "");
	assert_string_equal(shell("ls tmp").out, "");
}

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

static void test_options_are_passed(void **state)
{
	(void)state;
	put(".unroot.yaml", "build-args:\n  A: b c\n");
	struct outcome o = unroot("verify --timeout 0.05 --network none --build-network host --build-arg 'X=$(id) ;' "
				  "--command '[\"a b\", \"c\"]' Dockerfile");
	assert_int_equal(o.code, 0);
	assert_int_equal(
		shell("grep -qF -- '--network host --build-arg A=b c --build-arg X=$(id) ; --file ' fake/calls").code,
		0);
	assert_int_equal(
		shell("grep -qE -- '^run .*--network none unroot-verify:[0-9a-f]+-original a b c$' fake/calls").code,
		0);
}

static void test_given_fix(void **state)
{
	(void)state;
	put("mine", "FROM scratch\nUSER 7\n");
	struct outcome o = verify_with("--fixed mine");
	assert_int_equal(o.code, 0);
	assert_string_equal(get("fake/fixed/Dockerfile"), "FROM scratch\nUSER 7\n");
}

/* The builder looks for NAME.dockerignore beside the Dockerfile. */
static void test_dockerignore(void **state)
{
	(void)state;
	put("Dockerfile.dockerignore", "secret\n");
	assert_int_equal(shell("sed -i 's|^build)|&\\n\tcp \"$(value_of --file \"$@\").dockerignore\" "
			       "\"$FAKE/ignore\"|' bin/docker")
				 .code,
			 0);
	expect(0, "same");
	assert_string_equal(get("fake/ignore"), "secret\n");
}

static const char config[] = "server {\n  listen 80;\n  root /usr/share/nginx/html;\n}\n";

static void put_site(void)
{
	assert_int_equal(shell("mkdir app app/html && : >app/html/index.html && ln -s html app/link").code, 0);
	put("app/site.conf", config);
	put("app/Dockerfile",
	    "FROM nginx:1.25\nRUN rm /etc/nginx/conf.d/default.conf\nCOPY site.conf /etc/nginx/conf.d/site.conf\n"
	    "COPY html/ /usr/share/nginx/html/\nEXPOSE 80\n");
}

/* A fix may change files of the build context: they change in a copy. */
static void test_changed_context(void **state)
{
	(void)state;
	put_site();
	struct outcome o = unroot("verify --isolated --timeout 0.05 app/Dockerfile");
	assert_int_equal(o.code, 0);
	assert_holds(o.out, "port 80 → 8080");
	assert_string_equal(get("app/site.conf"), config);
	assert_string_equal(get("fake/original/context/site.conf"), config);
	assert_holds(get("fake/fixed/context/site.conf"), "listen 8080;");
	assert_int_equal(shell("test -L fake/fixed/context/link && test -f fake/fixed/context/html/index.html").code,
			 0);
	assert_nothing_left();
}

static void test_read_only_context(void **state)
{
	(void)state;
	put_site();
	assert_int_equal(shell("chmod 0555 app app/html && { [ $(id -u) -ne 0 ] || chown -R 65534 .; }").code, 0);
	struct outcome o = shell_as_nobody("\"$U\" verify --isolated --timeout 0.05 app/Dockerfile");
	assert_int_equal(o.code, 0);
	assert_string_equal(get("app/site.conf"), config);
	assert_holds(get("fake/fixed/context/site.conf"), "listen 8080;");
	assert_int_equal(shell("chmod -R u+w app").code, 0);
	assert_string_equal(shell("ls tmp").out, "");
}

static void test_nothing_to_fix(void **state)
{
	(void)state;
	put_clean("Dockerfile");
	struct outcome o = verify_with("");
	assert_int_equal(o.code, 2);
	assert_holds(o.err, "nothing to verify");
	put_refused("Dockerfile");
	o = verify_with("");
	assert_int_equal(o.code, 2);
	assert_holds(o.err, "Dockerfile:2:1: ");
	assert_int_equal(access("fake/calls", F_OK), -1);
}

static void test_no_engine(void **state)
{
	(void)state;
	put("fake/engine/code", "1");
	struct outcome o = verify_with("--engine docker");
	assert_int_equal(o.code, 2);
	assert_holds(o.out, "unproved: no engine answers (docker: ");
	o = verify_with("--engine nerdctl");
	assert_int_equal(o.code, 2);
	assert_holds(o.out, "nerdctl: is none of docker, podman and buildah");
}

static void test_engine_by_path(void **state)
{
	(void)state;
	assert_int_equal(shell("mkdir elsewhere && mv bin/docker elsewhere/podman").code, 0);
	struct outcome o = verify_with("--engine elsewhere/podman");
	assert_int_equal(o.code, 0);
	assert_holds(o.out, "engine: podman");
}

static void test_buildah_builds_only(void **state)
{
	(void)state;
	assert_int_equal(shell("mv bin/docker bin/buildah").code, 0);
	struct outcome o = verify_with("--engine buildah");
	assert_int_equal(o.code, 2);
	assert_holds(o.out, "both build, and that is all that buildah can tell");
	put("fake/fixed/build", "1");
	assert_int_equal(verify_with("--engine buildah").code, 1);
}

static void test_bad_usage(void **state)
{
	(void)state;
	assert_int_equal(unroot("verify").code, 2);
	assert_int_equal(unroot("verify a b").code, 2);
	assert_int_equal(unroot("verify -").code, 2);
	assert_int_equal(verify_with("--http x").code, 2);
	assert_int_equal(verify_with("--network host").code, 2);
	assert_int_equal(verify_with("--timeout 0").code, 2);
	assert_int_equal(verify_with("--output-format concise").code, 2);
	assert_int_equal(verify_with("--context nowhere").code, 2);
	assert_int_equal(access("fake/calls", F_OK), -1);
}

static void test_timeout(void **state)
{
	(void)state;
	put("fake/hang", "build");
	struct outcome o = verify_with("--build-timeout 1");
	assert_int_equal(o.code, 2);
	assert_holds(o.out, "was not built in time");
	assert_int_not_equal(shell("kill -0 $(cat fake/pid)").code, 0);
	assert_nothing_left();
}

/* Whatever it was doing: what is there is removed, and it ends by the signal. */
static void interrupt(const char *verb, const char *name)
{
	put("fake/hang", verb);
	put("fake/pid", "");
	struct outcome o = shell(
		arena_printf(
			&cli_arena,
			"env --default-signal=INT \"$U\" verify --isolated --timeout 0.05 Dockerfile >out 2>&1 & u=$!\n"
			"i=0; while [ ! -s fake/pid ] && [ $i -lt 500 ]; do sleep 0.02; i=$((i + 1)); done\n"
			"kill -%s $u; wait $u; code=$?; kill -0 $(cat fake/pid) && echo alive; exit $code",
			name)
			.p);
	assert_int_equal(o.code, strcmp(name, "INT") == 0 ? 130 : 143);
	assert_string_equal(o.out, "");
	assert_nothing_left();
}

static void test_signals(void **state)
{
	(void)state;
	interrupt("build", "TERM");
	interrupt("run", "TERM");
	interrupt("container", "TERM");
	interrupt("logs", "TERM");
}

/* A shell starts what runs behind it with SIGINT ignored; it counts all the same. */
static void test_interrupt(void **state)
{
	(void)state;
	interrupt("build", "INT");
}

static void test_keep(void **state)
{
	(void)state;
	struct outcome o = verify_with("--keep");
	assert_int_equal(o.code, 0);
	assert_holds(o.err, "nothing was removed; containers and images carry the label org.unroot.verify=");
	assert_string_not_equal(get("fake/containers"), "");
}

/* What the engine says is shown without its control characters, and nothing of it is believed. */
static void test_hostile_engine(void **state)
{
	(void)state;
	put("fake/fixed/log", "\033]0;title\a\033[2J\xff ready: Permission denied\n");
	struct outcome o = verify_with("");
	assert_int_equal(o.code, 1);
	assert_lacks(o.out, "\033");
	assert_lacks(o.out, "\a");
	o = verify_with("--output-format json");
	json_error_t error;
	json_t *value = json_loads(o.out, 0, &error);
	assert_non_null(value);
	json_decref(value);
	put("fake/fixed/user", "\\u0000\",\"x\":[[[[");
	assert_int_equal(verify_with("").code, 2);
	put("fake/fixed/user", "node");
	put("fake/fixed/state", "\"},[");
	assert_int_equal(verify_with("").code, 2);
	put("fake/fixed/state", "running");
	assert_int_equal(shell("yes 'noise noise noise noise' | head -c 3000000 >fake/fixed/log; cp fake/fixed/log "
			       "fake/fixed/build.out")
				 .code,
			 0);
	put("fake/fixed/build", "1");
	o = verify_with("");
	assert_int_equal(o.code, 1);
	assert_true(o.out_length < 100000);
	put("fake/fixed/build", "0");
	o = verify_with("");
	assert_true(o.out_length < 100000);
	assert_nothing_left();
}

/* An id that is none would be an option or a path for the next call. */
static void test_bad_id(void **state)
{
	(void)state;
	assert_int_equal(shell("sed -i 's/^\techo \"$id\"$/\techo --help/' bin/docker").code, 0);
	expect(2, "gave no id");
	assert_int_not_equal(shell("grep -q -- ' --help' fake/calls").code, 0);
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
		FAKE_TEST(test_options_are_passed),
		FAKE_TEST(test_given_fix),
		FAKE_TEST(test_dockerignore),
		FAKE_TEST(test_changed_context),
		FAKE_TEST(test_read_only_context),
		FAKE_TEST(test_nothing_to_fix),
		FAKE_TEST(test_no_engine),
		FAKE_TEST(test_engine_by_path),
		FAKE_TEST(test_buildah_builds_only),
		FAKE_TEST(test_bad_usage),
		FAKE_TEST(test_timeout),
		FAKE_TEST(test_signals),
		FAKE_TEST(test_interrupt),
		FAKE_TEST(test_keep),
		FAKE_TEST(test_hostile_engine),
		FAKE_TEST(test_bad_id),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
