/* unroot fix and check, as they are seen from a shell: exit codes, outputs, files. */
#define _GNU_SOURCE
#include "cli.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/support.h"

static void exit_codes(void **state)
{
	(void)state;
	put_fixable("Dockerfile");
	assert_int_equal(unroot("check").code, 1);
	assert_int_equal(unroot("check --exit-zero").code, 0);
	assert_int_equal(unroot("fix --check").code, 1);
	assert_int_equal(unroot("fix --check --exit-zero").code, 0);
	assert_int_equal(unroot("fix --diff").code, 1);
	assert_string_equal(get("Dockerfile"), fixable);
	assert_int_equal(unroot("fix").code, 0);
	assert_string_not_equal(get("Dockerfile"), fixable);
	assert_int_equal(unroot("fix --check").code, 0);
	assert_int_equal(unroot("fix --diff").code, 0);
	assert_int_equal(unroot("check").code, 0);
}

static void a_refused_file_does_not_stop_the_others(void **state)
{
	(void)state;
	put_fixable("a/Dockerfile");
	put_refused("b/Dockerfile");
	put_fixable("c/Dockerfile");
	struct outcome o = unroot("fix --check");
	assert_int_equal(o.code, 2);
	assert_string_equal(o.out, "a/Dockerfile\nc/Dockerfile\n");
	assert_holds(o.err, "b/Dockerfile:2:1: unknown instruction FRMO");
	assert_holds(o.err, "2 files would be fixed, 1 failed\n");
	assert_int_equal(unroot("fix --exit-zero").code, 2);
	assert_string_equal(get("b/Dockerfile"), refused);
	assert_string_not_equal(get("c/Dockerfile"), fixable);
}

static void what_is_said(void **state)
{
	(void)state;
	put_fixable("Dockerfile");
	put_clean("x.Dockerfile");
	struct outcome o = unroot("fix --diff");
	assert_holds(o.err, "Dockerfile: would fix run-as-root");
	assert_holds(o.err, "1 file would be fixed, 1 unchanged\n");
	assert_string_equal(unroot("fix --diff -q").err, "");
	assert_string_equal(unroot("fix --check").err, "1 file would be fixed, 1 unchanged\n");
	o = unroot("fix");
	assert_string_equal(o.out, "");
	assert_holds(o.err, "Dockerfile: fixed run-as-root");
	assert_holds(o.err, "1 file fixed, 1 unchanged\n");
	assert_string_equal(unroot("fix").err, "2 files unchanged\n");
}

static void a_filter_prints_the_document_only(void **state)
{
	(void)state;
	put_fixable("Dockerfile");
	put_clean("clean");
	put_refused("refused");
	struct outcome o = shell("\"$U\" fix - < Dockerfile");
	assert_int_equal(o.code, 0);
	assert_string_equal(o.err, "");
	assert_string_not_equal(o.out, fixable);
	assert_holds(o.out, "USER node\n");
	o = shell("\"$U\" fix - < clean");
	assert_int_equal(o.code, 0);
	assert_string_equal(o.out, clean);
	o = shell("\"$U\" fix - --stdin-filename a/Dockerfile < refused");
	assert_int_equal(o.code, 2);
	assert_int_equal(o.out_length, 0);
	assert_holds(o.err, "a/Dockerfile:2:1: ");
	assert_holds(shell("\"$U\" fix - --stdin-filepath a/Dockerfile < refused").err, "a/Dockerfile:2:1: ");
	assert_int_equal(shell("\"$U\" fix - --check < Dockerfile").code, 1);
	assert_holds(shell("\"$U\" fix - --diff --stdin-filename a/Dockerfile < Dockerfile").out, "+++ b/a/Dockerfile\n");
	assert_int_equal(shell("\"$U\" check - < Dockerfile").code, 1);
	assert_int_equal(unroot("fix - Dockerfile").code, 2);
	o = shell("\"$U\" fix --force-exclude --exclude a - --stdin-filename a/Dockerfile < Dockerfile");
	assert_int_equal(o.code, 0);
	assert_string_equal(o.out, fixable);
}

static void a_diff_can_be_applied(void **state)
{
	(void)state;
	put_fixable("a/b c/Dockerfile");
	put_fixable("a/Dockerfile");
	assert_int_equal(shell("cd a && \"$U\" fix --diff > ../diff").code, 1);
	assert_lacks(get("diff"), "diff --git");
	assert_holds(get("diff"), "--- a/Dockerfile\n+++ b/Dockerfile\n");
	assert_int_equal(shell("cp -R a p && cd p && patch -s -p1 < ../diff").code, 0);
	assert_int_equal(shell("cp -R a g && cd g && git apply ../diff").code, 0);
	assert_int_equal(unroot("fix a").code, 0);
	assert_int_equal(shell("cmp a/Dockerfile p/Dockerfile && cmp \"a/b c/Dockerfile\" \"p/b c/Dockerfile\" &&"
			       "cmp a/Dockerfile g/Dockerfile && cmp \"a/b c/Dockerfile\" \"g/b c/Dockerfile\"")
				 .code,
			 0);
	put_fixable("Dockerfile");
	assert_holds(unroot("fix --diff \"$PWD/Dockerfile\"").out, "--- a/Dockerfile\n");
	assert_holds(unroot("fix --diff ./a/../Dockerfile").out, "--- a/Dockerfile\n");
}

static void colours(void **state)
{
	(void)state;
	put_fixable("Dockerfile");
	assert_lacks(unroot("fix --diff").out, "\033");
	assert_holds(unroot("fix --diff --color always").out, "\033[32m+USER node\033[m\n");
	assert_holds(shell("CLICOLOR_FORCE=1 \"$U\" fix --diff").out, "\033[");
	assert_holds(shell("FORCE_COLOR=1 \"$U\" fix --diff").out, "\033[");
	assert_lacks(shell("CLICOLOR_FORCE=0 \"$U\" fix --diff").out, "\033[");
	assert_lacks(shell("NO_COLOR=1 CLICOLOR_FORCE=1 \"$U\" fix --diff").out, "\033[");
	assert_holds(shell("NO_COLOR= CLICOLOR_FORCE=1 \"$U\" fix --diff").out, "\033[");
	assert_holds(shell("NO_COLOR=1 \"$U\" fix --diff --color always").out, "\033[");
	assert_lacks(shell("FORCE_COLOR=1 \"$U\" fix --diff --color never").out, "\033[");
}

static void threads_change_nothing(void **state)
{
	(void)state;
	for (int i = 0; i < 200; i++) {
		const char *path = arena_printf(&cli_arena, "d%d/Dockerfile", i).p;
		(i % 7 == 0 ? put_refused : i % 3 == 0 ? put_fixable : put_clean)(path);
	}
	struct outcome one = unroot("fix --diff -j1"), four = unroot("fix --diff -j4");
	assert_int_equal(one.code, 2);
	assert_int_equal(four.code, 2);
	assert_string_equal(one.out, four.out);
	assert_string_equal(one.err, four.err);
}

static void files_keep_what_they_are(void **state)
{
	(void)state;
	struct stat st;
	put_fixable("Dockerfile");
	put_fixable("real");
	put_fixable("hard.Dockerfile");
	assert_int_equal(chmod("Dockerfile", 0640), 0);
	assert_int_equal(symlink("real", "link.Dockerfile"), 0);
	assert_int_equal(link("hard.Dockerfile", "other"), 0);
	struct outcome o = unroot("fix");
	assert_int_equal(o.code, 2);
	assert_holds(o.err, "hard.Dockerfile: has 2 hard links");
	assert_string_equal(get("other"), fixable);
	assert_int_equal(stat("Dockerfile", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(lstat("link.Dockerfile", &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_string_not_equal(get("real"), fixable);
	assert_int_equal(unroot("fix --break-links").code, 0);
	assert_string_not_equal(get("hard.Dockerfile"), fixable);
	assert_string_equal(get("other"), fixable);
}

static void leftovers_of_a_dead_run(void **state)
{
	(void)state;
	put_clean("Dockerfile");
	put(".unroot-abc123", "x");
	put("a/.unroot-abc123", "x");
	put_clean("a/Dockerfile");
	unroot("fix --check");
	assert_true(path_exists("a/.unroot-abc123"));
	unroot("fix");
	assert_false(path_exists(".unroot-abc123"));
	assert_false(path_exists("a/.unroot-abc123"));
}

static void bad_files(void **state)
{
	static const char *const bad[] = {"binary", "long", "fifo", "folder", "none", "fifo.Dockerfile"};
	(void)state;
	assert_int_equal(shell("cp /bin/sh binary && truncate -s 200M long && mkfifo fifo fifo.Dockerfile &&"
			       "mkdir folder")
				 .code,
			 0);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct outcome o = unroot(arena_printf(&cli_arena, "fix -q %s", bad[i]).p);
		assert_int_equal(o.code, 2);
		assert_lines(o.err, 1);
		assert_ptr_equal(strstr(o.err, bad[i]), o.err);
		assert_string_equal(o.out, "");
	}
	assert_int_equal(shell("cmp binary /bin/sh").code, 0);
	/* A walk leaves the FIFO out, since it is no file. */
	put_clean("folder/Dockerfile");
	assert_int_equal(unroot("fix .").code, 0);
}

static void a_file_without_permission(void **state)
{
	(void)state;
	put_fixable("Dockerfile");
	put_fixable("d/Dockerfile");
	put_fixable("r/Dockerfile");
	if (geteuid() == 0)
		assert_int_equal(shell("chown 65534:65534 . Dockerfile d d/Dockerfile r r/Dockerfile").code, 0);
	assert_int_equal(shell("chmod 0 Dockerfile && chmod 555 d && chmod 444 r/Dockerfile").code, 0);
	struct outcome o = shell_as_nobody("\"$U\" fix");
	assert_int_equal(o.code, 2);
	assert_holds(o.err, "Dockerfile: cannot be opened: Permission denied\n");
	assert_holds(o.err, "d/Dockerfile: cannot be replaced: no file can be made beside it: Permission denied\n");
	assert_holds(o.err, "r/Dockerfile: cannot be written: Permission denied\n");
	assert_int_equal(shell("chmod 644 Dockerfile && chmod 755 d").code, 0);
	assert_string_equal(get("d/Dockerfile"), fixable);
	assert_string_equal(get("r/Dockerfile"), fixable);
}

/* Root may read any directory. */
static void a_directory_without_permission(void **state)
{
	(void)state;
	put_clean("Dockerfile");
	put_clean("d/Dockerfile");
	if (geteuid() == 0)
		assert_int_equal(shell("chown 65534:65534 d").code, 0);
	assert_int_equal(chmod("d", 0), 0);
	struct outcome o = shell_as_nobody("\"$U\" check");
	assert_int_equal(chmod("d", 0755), 0);
	assert_int_equal(o.code, 2);
	assert_holds(o.err, "d: cannot be opened: Permission denied\n1 file unchanged\n");
}

static void a_full_disk(void **state)
{
	(void)state;
	put_fixable("Dockerfile");
	/* No file may grow at all; the messages go through a pipe, which is none. */
	struct outcome o = shell(WITHOUT_COUNTERS "(ulimit -f 0 && \"$U\" fix 2>&1; echo $?) | cat");
	assert_holds(o.out, "Dockerfile: cannot be written: File too large\n");
	assert_holds(o.out, "\n2\n");
	assert_string_equal(get("Dockerfile"), fixable);
	assert_string_equal(shell("ls -A").out, "Dockerfile\n");
	if (access("/dev/full", W_OK) == 0)
		assert_int_equal(shell("\"$U\" fix --diff > /dev/full").code, 2);
}

/* Files keep their modes of the build context, which git does not: no golden case can hold one. */
static void a_mode_of_the_build_context_counts(void **state)
{
	(void)state;
	put("Dockerfile", "FROM node:20\nCOPY app.conf /etc/app.conf\nCOPY run /usr/local/bin/\nWORKDIR /app\nCMD [\"run\"]\n");
	put("app.conf", "a = 1\n");
	put("run", "#!/bin/sh\nexec node /app/index.js\n");
	assert_int_equal(chmod("app.conf", 0644), 0);
	assert_int_equal(chmod("run", 0755), 0);
	assert_int_equal(unroot("fix --check").code, 1);
	assert_int_equal(chmod("app.conf", 0600), 0);
	assert_int_equal(unroot("fix --check").code, 0);
	assert_holds(unroot("check").out, "line 2: /etc/app.conf gets mode 0600 from the build context, which shuts the user out");
	assert_int_equal(chmod("app.conf", 0644), 0);
	assert_int_equal(chmod("run", 0744), 0);
	assert_holds(unroot("check").out, "line 3: /usr/local/bin/run gets mode 0744 from the build context, which shuts the user out");
	put("Dockerfile", "FROM node:20\nCOPY run /usr/local/bin/\nRUN chmod 755 /usr/local/bin/run\nWORKDIR /app\nCMD [\"run\"]\n");
	assert_int_equal(unroot("fix --check").code, 1);
}

/* Files beside the Dockerfile say what it is for; the golden cases' build context shows nothing further up. */
static void purpose_shows_in_other_files(void **state)
{
	static const char app[] = "FROM node:20\nWORKDIR /app\nCOPY . .\nCMD [\"node\", \"index.js\"]\n";
	(void)state;
	put(".git/HEAD", "ref: refs/heads/main\n");
	put(".devcontainer/devcontainer.json", "{}\n");
	put(".devcontainer/web/Dockerfile", app);
	assert_int_equal(unroot("fix --check .devcontainer/web/Dockerfile").code, 0);
	assert_holds(unroot("check .devcontainer/web/Dockerfile").out, "dev container");
	put("a/Dockerfile.base", app);
	put("a/Dockerfile", "FROM node:20\n");
	assert_int_equal(unroot("fix --check a/Dockerfile.base").code, 1);
	put("a/Dockerfile", "ARG TAG\nFROM registry.example.org/team/web-base:$TAG\n");
	assert_int_equal(unroot("fix --check a/Dockerfile.base").code, 0);
	assert_holds(unroot("check a/Dockerfile.base").out, "it is the base of Dockerfile:");
	put("b/base/Dockerfile", app);
	assert_int_equal(unroot("fix --check b/base").code, 0);
	assert_holds(unroot("check b/base").out, "it is the base of ../../a/Dockerfile:");
	put("a/Dockerfile", "FROM gcr.io/distroless/base\n");
	assert_int_equal(unroot("fix --check b/base a/Dockerfile.base").code, 1);
	put("a/database.Dockerfile", app);
	assert_int_equal(unroot("fix --check a/database.Dockerfile").code, 1);
}

/* BuildKit reads lines of 65,535 bytes: a step that is as long already cannot hand anything over. */
static void a_line_that_would_get_too_long_is_left_alone(void **state)
{
	(void)state;
	assert_int_equal(shell("{ printf 'FROM node:20\\nWORKDIR /app\\nRUN mkdir -p /app/data && echo '; head -c 65480 /dev/zero | "
			       "tr '\\0' x; printf '\\nCMD [\"node\", \"index.js\"]\\n'; } > Dockerfile; cp Dockerfile before")
				 .code,
			 0);
	assert_int_equal(unroot("fix --check").code, 0);
	assert_int_equal(unroot("fix").code, 0);
	assert_int_equal(shell("cmp Dockerfile before").code, 0);
	assert_holds(unroot("check").out, "not changed: a line would become longer than the 65535 bytes that BuildKit reads");
	assert_int_equal(shell("{ printf 'FROM node:20\\nWORKDIR /app\\nRUN echo '; head -c 65480 /dev/zero | tr '\\0' x; "
			       "printf '\\nCMD [\"node\", \"index.js\"]\\n'; } > Dockerfile")
				 .code,
			 0);
	assert_int_equal(unroot("fix --check").code, 1); /* USER is a line of its own */
}

/* What starts as root is explained with what helps against it there. */
static void what_starts_as_root_is_explained(void **state)
{
	static const struct {
		const char *text, *said;
	} cases[] = {
		{"FROM postgres:16\nCOPY init.sql /docker-entrypoint-initdb.d/\n", "run it with --user 999:999 on a volume that 999 owns"},
		{"FROM debian:12\nCMD [\"cron\", \"-f\"]\n", "supercronic"},
		{"FROM debian:12\nCMD [\"/usr/sbin/sshd\", \"-D\"]\n", "kubectl exec"},
		{"FROM debian:12\nCMD [\"supervisord\", \"-n\"]\n", "one container a service"},
		{"FROM debian:12\nENTRYPOINT [\"gosu\", \"app\", \"server\"]\n", "kept on purpose: --cap-drop=ALL --cap-add=CHOWN"},
		{"FROM debian:12\nCMD chown -R app /data && exec server\n", "COPY --chown"},
		{"FROM debian:12\nCMD apt-get update && exec server\n", "A RUN step can do it once"},
		{"FROM python:3.12\nCMD [\"gunicorn\", \"--user\", \"app\", \"a:b\"]\n", "Without that option"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		put("Dockerfile", cases[i].text);
		struct outcome o = unroot("check");
		assert_holds(o.out, "starts-as-root");
		assert_holds(o.out, cases[i].said);
		assert_int_equal(o.code, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLI_TEST(exit_codes),
		CLI_TEST(a_refused_file_does_not_stop_the_others),
		CLI_TEST(what_is_said),
		CLI_TEST(what_starts_as_root_is_explained),
		CLI_TEST(a_line_that_would_get_too_long_is_left_alone),
		CLI_TEST(purpose_shows_in_other_files),
		CLI_TEST(a_mode_of_the_build_context_counts),
		CLI_TEST(a_filter_prints_the_document_only),
		CLI_TEST(a_diff_can_be_applied),
		CLI_TEST(colours),
		CLI_TEST(threads_change_nothing),
		CLI_TEST(files_keep_what_they_are),
		CLI_TEST(leftovers_of_a_dead_run),
		CLI_TEST(bad_files),
		CLI_TEST(a_file_without_permission),
		CLI_TEST(a_directory_without_permission),
		CLI_TEST(a_full_disk),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
