#define _GNU_SOURCE
#include "verify/fake.h"

#include <stdio.h>
#include <stdlib.h>

int fake_enter(void **state)
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

struct outcome verify_with(const char *options)
{
	return unroot(arena_printf(&cli_arena, "verify --isolated --timeout 0.05 %s Dockerfile", options).p);
}

struct outcome expect(int code, const char *part)
{
	struct outcome o = verify_with("");
	if (o.code != code)
		fail_msg("exit code %d instead of %d:\n%s%s", o.code, code, o.out, o.err);
	assert_holds(o.out, part);
	return o;
}

void assert_nothing_left(void)
{
	assert_string_equal(get("fake/images"), "");
	assert_string_equal(get("fake/containers"), "");
	assert_string_equal(shell("ls tmp").out, "");
}
