/* unroot verify with an engine that is a script (fake-engine): what is asked of it, limits, and what is left behind. */
#define _GNU_SOURCE
#include "verify/fake.h"

#include <jansson.h>
#include <string.h>
#include <unistd.h>

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

/* Ctrl-C. */
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
