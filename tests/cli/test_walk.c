/* Which files the program takes, and which configuration holds for them. */
#define _GNU_SOURCE
#include "cli.h"

#include <stdio.h>
#include <unistd.h>

/* What `fix --check` lists. */
static const char *listed(const char *arguments)
{
	return unroot(arena_printf(&cli_arena, "fix --check -q %s", arguments).p).out;
}

static void names(void **state)
{
	(void)state;
	put_fixable("Dockerfile");
	put_fixable("Dockerfile.dev");
	put_fixable("Dockerfile.dockerignore");
	put_fixable("Dockerfile.j2");
	put_fixable("README.md");
	put_fixable("a/b/api.Dockerfile");
	put_fixable("a/b/api.dockerfile");
	put_fixable("a-b/Containerfile");
	put_fixable("node_modules/Dockerfile");
	put_fixable("a/vendor/Dockerfile");
	assert_string_equal(listed(""), "Dockerfile\nDockerfile.dev\na-b/Containerfile\na/b/api.Dockerfile\n"
					"a/b/api.dockerfile\n");
	assert_string_equal(listed("a"), "a/b/api.Dockerfile\na/b/api.dockerfile\n");
	assert_string_equal(listed("./a//b/ a"), "a/b/api.Dockerfile\na/b/api.dockerfile\n");
	assert_string_equal(listed("node_modules/Dockerfile README.md"), "README.md\nnode_modules/Dockerfile\n");
	assert_string_equal(listed("--force-exclude node_modules/Dockerfile README.md a/b/api.dockerfile"),
			    "a/b/api.dockerfile\n");
	struct outcome o = shell("cd a && \"$U\" fix --check -q ..");
	assert_holds(o.out, "../Dockerfile\n");
}

static void nothing_found(void **state)
{
	(void)state;
	put("a/README", "");
	struct outcome o = unroot("fix a");
	assert_int_equal(o.code, 2);
	assert_string_equal(o.err, "a: holds no Dockerfile\n");
	assert_string_equal(unroot("check").err, ".: holds no Dockerfile\n");
	put_fixable("b/Dockerfile");
	o = unroot("fix --check a b");
	assert_int_equal(o.code, 2);
	assert_string_equal(o.out, "b/Dockerfile\n");
	assert_string_equal(unroot("check --exclude Dockerfile b").err,
			    "b: holds no Dockerfile that is not ignored or excluded\n");
}

static void git_ignores(void **state)
{
	(void)state;
	put(".git/info/exclude", "private/\n");
	put(".gitignore", "/build\n*.tmp.Dockerfile\nold/**\n!old/kept/\n# x\n");
	put("a/.gitignore", "!b.tmp.Dockerfile\n/x\n");
	put_fixable("build/Dockerfile");
	put_fixable("a/build/Dockerfile");
	put_fixable("a/b.tmp.Dockerfile");
	put_fixable("a/x/Dockerfile");
	put_fixable("a/y/x/Dockerfile");
	put_fixable("b.tmp.Dockerfile");
	put_fixable("private/Dockerfile");
	put_fixable("old/Dockerfile");
	const char *all = "a/b.tmp.Dockerfile\na/build/Dockerfile\na/y/x/Dockerfile\n";
	assert_string_equal(listed(""), all);
	assert_string_equal(listed("a"), all);
	assert_string_equal(shell("cd a && \"$U\" fix --check -q").out,
			    "b.tmp.Dockerfile\nbuild/Dockerfile\ny/x/Dockerfile\n");
	/* What is named is taken. */
	assert_string_equal(listed("build b.tmp.Dockerfile"), "b.tmp.Dockerfile\nbuild/Dockerfile\n");
}

/* In a linked worktree, and in a submodule, .git is a file. */
static void a_git_file(void **state)
{
	(void)state;
	put_fixable("Dockerfile");
	put(".git", "gitdir: /elsewhere\n");
	struct outcome o = unroot("fix --check");
	assert_string_equal(o.out, "Dockerfile\n");
	assert_lacks(o.err, ".git");
	assert_int_equal(o.code, 1);
}

static void exclusions(void **state)
{
	(void)state;
	put_fixable("a/Dockerfile");
	put_fixable("a/b/Dockerfile");
	put_fixable("c/Dockerfile");
	assert_string_equal(listed("--exclude a/b --exclude 'c*'"), "a/Dockerfile\n");
	assert_string_equal(listed("--exclude b a"), "a/Dockerfile\n");
	assert_string_equal(listed("--exclude '**/Dockerfile' c/Dockerfile"), "c/Dockerfile\n");
	assert_string_equal(listed("--exclude '**/Dockerfile' --force-exclude c/Dockerfile"), "");
	assert_string_equal(shell("cd a && \"$U\" fix --check -q --exclude /b").out, "Dockerfile\n");
	put("a/.unroot.yaml", "exclude: [/b, nothing]\n");
	assert_string_equal(listed(""), "a/Dockerfile\nc/Dockerfile\n");
	assert_string_equal(listed("--force-exclude a/b/Dockerfile c/Dockerfile"), "c/Dockerfile\n");
	assert_string_equal(listed("--isolated --force-exclude a/b/Dockerfile"), "a/b/Dockerfile\n");
	put("a/.unroot.yaml", "exclude: [/b, nothing]\nforce-exclude: true\n");
	assert_string_equal(listed("a/b/Dockerfile c/Dockerfile"), "c/Dockerfile\n");
	assert_string_equal(listed("--config a/.unroot.yaml a/b/Dockerfile c/Dockerfile"), "c/Dockerfile\n");
	assert_string_equal(shell("\"$U\" fix --stdin-filename a/b/Dockerfile - <c/Dockerfile").out, get("c/Dockerfile"));
}

static void links(void **state)
{
	(void)state;
	put_fixable("in/Dockerfile");
	put_fixable("out/real");
	assert_int_equal(symlink("Dockerfile", "in/again.Dockerfile"), 0);
	assert_int_equal(symlink("../out/real", "in/out.Dockerfile"), 0);
	assert_int_equal(symlink("nowhere", "in/broken.Dockerfile"), 0);
	assert_int_equal(symlink("../out", "in/folder"), 0);
	put_fixable("out/Dockerfile");
	assert_string_equal(listed("in"), "in/Dockerfile\n");
	assert_string_equal(listed("in/out.Dockerfile in/Dockerfile in/../in/Dockerfile"),
			    "in/../in/Dockerfile\nin/out.Dockerfile\n");
}

static void strange_names(void **state)
{
	(void)state;
	put_fixable("new\nline/Dockerfile");
	put_fixable("esc\033[31m.Dockerfile");
	put_refused("-x.Dockerfile");
	put_refused("new\nline/Dockerfile.bad");
	struct outcome o = unroot("fix --check .");
	assert_int_equal(o.code, 2);
	assert_string_equal(o.out, "esc\033[31m.Dockerfile\nnew\nline/Dockerfile\n");
	assert_holds(o.err, "new\\nline/Dockerfile.bad:2:1: ");
	assert_holds(unroot("check -- -x.Dockerfile").err, "-x.Dockerfile:2:1: ");
	assert_holds(unroot("check 'esc\033[31m.Dockerfile'").out, "esc\\x1b[31m.Dockerfile:");
}

static void a_deep_tree(void **state)
{
	(void)state;
	/* Deeper than a path may be long. */
	assert_int_equal(shell("i=0; while [ $i -lt 60 ]; do d=$(printf '%0100d' $i); mkdir $d && cd -P $d || exit 1;"
			       "i=$((i+1)); [ $i = 30 ] && echo 'FROM scratch' > Dockerfile; done; true")
				 .code,
			 0);
	struct outcome o = unroot("check -q");
	assert_int_equal(shell("rm -rf 0*").code, 0); /* first of all: other ways to remove it would fail */
	assert_int_equal(o.code, 2);
	assert_holds(o.err, "File name too long\n");
	assert_lines(o.err, 1);
}

static void configuration_files(void **state)
{
	(void)state;
	put(".unroot.yaml", "uid: 20001\n");
	put("repo/.git/HEAD", "");
	put_fixable("Dockerfile");
	put_fixable("a/b/Dockerfile");
	put_fixable("repo/x/Dockerfile");
	assert_string_equal(unroot("fix --show-config a/b").out, "# .unroot.yaml\nuid: 20001\n");
	assert_string_equal(unroot("fix --show-config a/b/Dockerfile --uid 5 --numeric").out,
			    "# .unroot.yaml\nuid: 5\nnumeric: true\n");
	assert_string_equal(unroot("fix --show-config repo/x").out, "# no .unroot.yaml\n");
	assert_string_equal(unroot("fix --show-config --isolated").out, "# no .unroot.yaml\n");
	put("a/.unroot.yaml", "ports: keep\n");
	assert_string_equal(unroot("fix --show-config a/b").out, "# a/.unroot.yaml\nports: keep\n");
	assert_string_equal(unroot("fix --show-config --config .unroot.yaml a/b").out, "# .unroot.yaml\nuid: 20001\n");
}

static void configuration_mistakes(void **state)
{
	(void)state;
	put_fixable("Dockerfile");
	put_fixable("a/Dockerfile");
	put("a/.unroot.yaml", "# two\nslect: [x]\n");
	struct outcome o = unroot("fix --check");
	assert_int_equal(o.code, 2);
	assert_string_equal(o.out, "Dockerfile\n");
	assert_holds(o.err, "a/.unroot.yaml:2:1: unknown key slect (did you mean select?)\n");
	assert_int_equal(unroot("fix --check --isolated").code, 1);
	put("a/.unroot.yaml", "select: [no-such-rule]\n");
	o = unroot("fix --check");
	assert_int_equal(o.code, 2);
	assert_holds(o.err, "a/.unroot.yaml:1:10: select: no-such-rule is not valid");
	assert_holds(o.err, "no-such-rule");
	o = unroot("fix --check --select no-such-rule Dockerfile");
	assert_int_equal(o.code, 2);
	assert_lines(o.err, 1);
	assert_string_equal(unroot("check --config none.yaml Dockerfile").err,
			    "none.yaml: cannot be opened: No such file or directory\n");
	assert_int_equal(unroot("check --templates none Dockerfile").code, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLI_TEST(names),
		CLI_TEST(nothing_found),
		CLI_TEST(git_ignores),
		CLI_TEST(a_git_file),
		CLI_TEST(exclusions),
		CLI_TEST(links),
		CLI_TEST(strange_names),
		CLI_TEST(a_deep_tree),
		CLI_TEST(configuration_files),
		CLI_TEST(configuration_mistakes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
