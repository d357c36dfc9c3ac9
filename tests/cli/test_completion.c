/* unroot completion, as the shells read it. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

/* What bash offers for a command line whose last word is being typed. */
static const char *bash_offers(const char *words)
{
	char command[512];
	snprintf(command, sizeof command,
		 "bash -c 'source <($U completion bash) && COMP_WORDS=(%s) && COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) && "
		 "_unroot && echo \"${COMPREPLY[@]}\"'",
		 words);
	struct outcome o = shell(command);
	assert_int_equal(o.code, 0);
	assert_string_equal(o.err, "");
	return o.out;
}

static void bash_completes(void **state)
{
	(void)state;
	assert_string_equal(bash_offers("unroot fi"), "fix\n");
	assert_string_equal(bash_offers("unroot fix --out"), "--output-format --output-file\n");
	assert_string_equal(bash_offers("unroot facts --out"), "--output-format\n");
	assert_string_equal(bash_offers("unroot fix --placement e"), "early\n");
	assert_string_equal(bash_offers("unroot fix --placement = e"), "early\n");
	assert_string_equal(bash_offers("unroot fix --placement ="), "late early\n");
	assert_string_equal(bash_offers("unroot check --select priv"), "privileged-port\n");
	assert_string_equal(bash_offers("unroot explain chown"), "chown-after-copy\n");
	assert_string_equal(bash_offers("unroot completion z"), "zsh\n");
	assert_string_equal(bash_offers("unroot fix Docker"), "\n"); /* then bash offers files */
}

static void fish_completes(void **state)
{
	(void)state;
	if (shell("command -v fish").code != 0)
		skip();
	struct outcome o = shell(
		"export HOME=$PWD; $U completion fish > unroot.fish && "
		"fish -c 'source unroot.fish; complete -C \"unroot fix --placement \"; complete -C \"unroot expl\"'");
	assert_int_equal(o.code, 0);
	assert_holds(o.out, "early\nlate\n");
	assert_holds(o.out, "explain\texplain a rule, or list the rules\n");
}

static void zsh_reads_it(void **state)
{
	(void)state;
	if (shell("command -v zsh").code != 0)
		skip();
	struct outcome o = shell("$U completion zsh | zsh -n");
	assert_int_equal(o.code, 0);
	assert_string_equal(o.err, "");
}

static void other_shells_are_refused(void **state)
{
	(void)state;
	assert_int_equal(unroot("completion").code, 2);
	struct outcome o = unroot("completion tcsh");
	assert_int_equal(o.code, 2);
	assert_string_equal(o.out, "");
	assert_holds(o.err, "bash, zsh or fish");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLI_TEST(bash_completes),
		CLI_TEST(fish_completes),
		CLI_TEST(zsh_reads_it),
		CLI_TEST(other_shells_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
