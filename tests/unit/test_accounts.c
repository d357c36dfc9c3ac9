#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "model/accounts.h"
#include "support/fixture.h"
#include "syntax/shell.h"

static struct scope scope;
static struct accounts accounts;

static int begin(void **state)
{
	arena_set_up(state);
	scope = scope_child(&arena, NULL);
	accounts = (struct accounts){0};
	scope_put(&scope, STR("APP_USER"), (struct variable){.value = STR("svc"), .known = true});
	scope_put(&scope, STR("APP_UID"), (struct variable){.value = STR("4242"), .known = true});
	scope_put(&scope, STR("PASSED"), (struct variable){.known = false});
	return 0;
}

static bool note(const struct shell_word *words, uint32_t n, bool busybox, uint32_t ins, uint32_t at)
{
	struct account_command command;
	if (!account_command_read(&arena, &scope, words, n, busybox, &command))
		return false;
	accounts_command(&accounts, &arena, &command, words[0].text, ins, at);
	return true;
}

static void run_as(const char *text, bool busybox)
{
	struct shell_script script = {0};

	shell_parse(&arena, str_of(text), &script);
	assert_false(script.unknown);
	for (size_t i = 0; i < script.n; i++)
		if (script.at[i].nwords)
			note(script.at[i].words, script.at[i].nwords, busybox, 7, script.at[i].start);
}

static struct str id_text(bool known, uint32_t id)
{
	return known ? arena_printf(&arena, "%u", (unsigned)id) : STR("?");
}

/* The live accounts as "name:uid:gid:group:home:shell:flags" with m for a home that is made, s for a system account,
   c for a changed one; and the groups as "name=gid". */
static struct str summary(void)
{
	struct buf b = buf_new(&arena);

	for (size_t i = 0; i < accounts.users.n; i++) {
		const struct file_account *u = &accounts.users.at[i];
		if (u->removed || accounts_user(&accounts, u->name) != u)
			continue;
		struct str uid = id_text(u->uid_known, u->uid), gid = id_text(u->gid_known, u->gid);
		if (b.n)
			buf_char(&b, ' ');
		buf_printf(&b, "%.*s:%.*s:%.*s:%.*s:%.*s:%.*s:%s%s%s", STR_ARG(u->name), STR_ARG(uid), STR_ARG(gid),
			   STR_ARG(u->group), STR_ARG(u->home), STR_ARG(u->shell), u->home_made ? "m" : "",
			   u->system ? "s" : "", u->changed ? "c" : "");
	}
	for (size_t i = 0; i < accounts.groups.n; i++) {
		const struct file_group *g = &accounts.groups.at[i];
		if (g->removed || accounts_group(&accounts, g->name) != g)
			continue;
		struct str gid = id_text(g->gid_known, g->gid);
		if (b.n)
			buf_char(&b, ' ');
		buf_printf(&b, "%.*s=%.*s", STR_ARG(g->name), STR_ARG(gid));
	}
	return buf_str(&b);
}

struct expectation {
	const char *command, *result;
};

static void check(const struct expectation *at, size_t n, bool busybox)
{
	for (size_t i = 0; i < n; i++) {
		accounts = (struct accounts){0};
		run_as(at[i].command, busybox);
		struct str got = summary();
		if (!str_eq(got, str_of(at[i].result)))
			fail_msg("%s: got \"%.*s\", expected \"%s\"", at[i].command, STR_ARG(got), at[i].result);
	}
}

#define CHECK(table, busybox) check((table), sizeof(table) / sizeof *(table), (busybox))

static void shadow_tools(void **state)
{
	(void)state;
	static const struct expectation table[] = {
		{"useradd app", "app:?:?:app:/home/app:: app=?"},
		{"useradd -m app", "app:?:?:app:/home/app::m app=?"},
		{"useradd --create-home --shell /bin/bash app", "app:?:?:app:/home/app:/bin/bash:m app=?"},
		{"groupadd -g 10001 app && useradd -u 10001 -g app -m -d /srv -s /usr/sbin/nologin -l app",
		 "app:10001:10001:app:/srv:/usr/sbin/nologin:m app=10001"},
		{"groupadd --gid 5 app && useradd --uid=6 --gid=5 --home-dir=/x --no-log-init app",
		 "app:6:5:app:/x:: app=5"},
		{"groupadd -r app; useradd -r -g app app", "app:?:?:app:/home/app::s app=?"},
		{"groupadd -rg999 app; useradd -rmu999 -gapp app", "app:999:999:app:/home/app::ms app=999"},
		{"useradd -ms /bin/sh app", "app:?:?:app:/home/app:/bin/sh:m app=?"},
		{"useradd app -u 1000", "app:1000:?:app:/home/app:: app=?"},
		{"useradd -u 1000 -- app", "app:1000:?:app:/home/app:: app=?"},
		{"useradd -g 100 -u 1000 app", "app:1000:100::/home/app::"},
		{"useradd -g root app", "app:?:0:root:/home/app::"},
		{"useradd -g www-data app", "app:?:?:www-data:/home/app::"},
		{"useradd -N app", "app:?:?::/home/app::"},
		{"useradd -MN app", "app:?:?::/home/app::"},
		{"useradd -m -M app", "app:?:?:app:/home/app:: app=?"},
		{"useradd -b /srv -m app", "app:?:?:app:/srv/app::m app=?"},
		{"useradd -c 'the app' -G a,b -p x -K UID_MIN=5 -k /skel app", "app:?:?:app:/home/app:: app=?"},
		{"useradd --no-create app", "app:?:?:app:/home/app:: app=?"},
		{"/usr/sbin/useradd app", "app:?:?:app:/home/app:: app=?"},
		{"useradd -u abc app", "app:?:?:app:/home/app:: app=?"},
		{"useradd --frobnicate app", "app:?:?::::"},
		{"useradd --frobnicate x app", ""},
		{"useradd a b", ""},
		{"useradd", ""},
		{"useradd -D -s /bin/sh", ""},
		{"useradd -R /target app", ""},
		{"useradd --prefix /target app", ""},
		{"groupadd -f app", "app=?"},
		{"groupadd -f -o -K a=b -p x -g 7 app", "app=7"},
		{"id app || useradd -u 7 app", "app:7:?:app:/home/app:: app=?"},
	};
	CHECK(table, false);
}

static void red_hats_adduser_is_useradd(void **state)
{
	(void)state;
	static const struct expectation table[] = {
		{"adduser -r -u 1001 -g 0 -d /app -s /sbin/nologin app", "app:1001:0::/app:/sbin/nologin:s"},
		{"adduser -M app", "app:?:?:app:/home/app:: app=?"},
	};
	CHECK(table, false);
}

static void debians_adduser(void **state)
{
	(void)state;
	static const struct expectation table[] = {
		{"adduser app", "app:?:?:app:/home/app::m app=?"},
		{"adduser --disabled-password --gecos '' app", "app:?:?:app:/home/app::m app=?"},
		{"adduser --uid 1000 --gecos \"\" --disabled-password app", "app:1000:1000:app:/home/app::m app=1000"},
		{"adduser -u 5678 --disabled-password --gecos \"\" app", "app:5678:5678:app:/home/app::m app=5678"},
		{"adduser --system app", "app:?:65534:nogroup:/nonexistent::s"},
		{"adduser --system --group app", "app:?:?:app:/nonexistent::s app=?"},
		{"adduser --system --group --uid 500 app", "app:500:500:app:/nonexistent::s app=500"},
		{"adduser --system --home /srv app", "app:?:65534:nogroup:/srv::ms"},
		{"adduser --system --home /srv --no-create-home app", "app:?:65534:nogroup:/srv::s"},
		{"addgroup --gid 44 app && adduser --ingroup app --uid 45 --shell /bin/sh app",
		 "app:45:44:app:/home/app:/bin/sh:m app=44"},
		{"addgroup --system --gid 44 app; adduser --system --gid 44 app",
		 "app:?:44:app:/nonexistent::s app=44"},
		{"adduser --group app", "app=?"},
		{"adduser --sys --in app app", "app:?:?:app:/nonexistent::s"},
		{"adduser app staff", ""},
		{"adduser --quiet app sudo", ""},
		{"adduser --frob app", "app:?:?::::"},
	};
	CHECK(table, false);
}

static void busyboxs_adduser(void **state)
{
	(void)state;
	static const struct expectation table[] = {
		{"adduser -D app", "app:?:?:app:/home/app::m app=?"},
		{"adduser -D -u 1000 app", "app:1000:1000:app:/home/app::m app=1000"},
		{"adduser -S app", "app:?:?:nogroup:/home/app::ms"},
		{"addgroup -S app && adduser -S -G app app", "app:?:?:app:/home/app::ms app=?"},
		{"addgroup -S -g 101 app && adduser -SDH -u 100 -G app -h /x -s /sbin/nologin -g 'the app' app",
		 "app:100:101:app:/x:/sbin/nologin:s app=101"},
		{"addgroup --system --gid 9 app && adduser --system --uid 8 --ingroup app app",
		 "app:8:9:app:/home/app::ms app=9"},
		{"addgroup -g 1000 app; adduser -u 1000 -G app -s /bin/sh -D app",
		 "app:1000:1000:app:/home/app:/bin/sh:m app=1000"},
		{"addgroup app wheel", ""},
		{"adduser app wheel", ""},
		{"adduser -D -g '' app", "app:?:?:app:/home/app::m app=?"},
		{"adduser --disabled-password --no-create-home app", "app:?:?:app:/home/app:: app=?"},
		/* Debian's options where BusyBox is at home: an error there, read as what was meant. */
		{"adduser --system --group app", "app:?:?:app:/nonexistent::s app=?"},
	};
	CHECK(table, true);
}

static void an_unknown_family_shows_in_the_options(void **state)
{
	(void)state;
	static const struct expectation table[] = {
		{"adduser -D -H app", "app:?:?:app:/home/app:: app=?"},
		{"adduser -D -h //srv/./app/ app", "app:?:?:app:/srv/app::m app=?"},
		{"addgroup -S app && adduser -S app -G app", "app:?:?:app:/home/app::ms app=?"},
		{"adduser -h /x -D app", "app:?:?:app:/x::m app=?"},
		{"addgroup -g 12 app", "app=12"},
	};
	CHECK(table, false);
}

static void variables_are_expanded(void **state)
{
	(void)state;
	static const struct expectation table[] = {
		{"useradd -u $APP_UID \"${APP_USER}\"", "svc:4242:?:svc:/home/svc:: svc=?"},
		{"useradd -u${APP_UID} ${APP_USER}d", "svcd:4242:?:svcd:/home/svcd:: svcd=?"},
		{"useradd --uid=$APP_UID -d /srv/$APP_USER x", "x:4242:?:x:/srv/svc:: x=?"},
		{"useradd -u $PASSED app", "app:?:?:app:/home/app:: app=?"},
		{"useradd -u ${NOBODY:-7} app", "app:?:?:app:/home/app:: app=?"},
		{"useradd -d $PASSED -g $PASSED app", "app:?:?::::"},
		{"useradd $PASSED", ""},
		{"useradd $(whoami)", ""},
		{"useradd `whoami`", ""},
		{"useradd -u $(id -u) app", "app:?:?:app:/home/app:: app=?"},
		{"useradd '$APP_USER'", "$APP_USER:?:?:$APP_USER:/home/$APP_USER:: $APP_USER=?"},
		{"useradd app*", ""},
		{"useradd -d ~/x app", "app:?:?:app::: app=?"},
	};
	CHECK(table, false);
}

static void accounts_change(void **state)
{
	(void)state;
	static const struct expectation table[] = {
		{"useradd -u 5 app; usermod -u 6 app", "app:6:?:app:/home/app:: app=?"},
		{"useradd -m app; usermod -d /x app", "app:?:?:app:/x:: app=?"},
		{"useradd -m app; usermod -m -d /x app", "app:?:?:app:/x::m app=?"},
		{"useradd app; usermod -aG docker app", "app:?:?:app:/home/app:: app=?"},
		{"useradd app; usermod -s /bin/sh -L app", "app:?:?:app:/home/app:/bin/sh: app=?"},
		{"useradd -u 5 app; usermod -l web app", "web:5:?:app:/home/app:: app=?"},
		{"usermod -u 1001 node", "node:1001:?::::c"},
		{"usermod -aG docker node", ""},
		{"usermod -l app -d /home/app -m node", "app:?:?::/home/app::c"},
		{"groupmod -g 1001 node && usermod -u 1001 -g 1001 node", "node:1001:1001:node:::c node=1001"},
		{"groupadd -g 5 a; useradd -g a app; groupmod -g 6 a", "app:?:6:a:/home/app:: a=6"},
		{"groupadd -g 5 a; groupmod -n b a; useradd -g 5 app", "app:?:5:b:/home/app:: b=5"},
		{"groupmod -o -g $PASSED a", "a=?"},
		{"useradd app; userdel -r app", ""},
		{"useradd app; deluser --remove-home app", ""},
		{"useradd app; deluser app wheel", "app:?:?:app:/home/app:: app=?"},
		{"groupadd a; groupdel a", ""},
		{"groupadd a; delgroup a", ""},
		{"groupadd a; deluser --group a", ""},
		{"useradd -u 5 app; userdel app; useradd -u 6 app", "app:6:?:app:/home/app:: app=?"},
		{"userdel -r ubuntu", ""},
	};
	CHECK(table, false);
	assert_true(accounts_removed(&accounts, STR("ubuntu")));
	assert_false(accounts_removed(&accounts, STR("node")));
	assert_null(accounts_user(&accounts, STR("ubuntu")));
}

static void two_ways_to_make_one_account_must_agree(void **state)
{
	(void)state;
	static const struct expectation table[] = {
		{"useradd -u 5 -d /x app || adduser -D -u 5 app", "app:5:?:app::: app=?"},
		{"if true; then useradd -u 5 app; else useradd -u 6 app; fi", "app:?:?:app:/home/app:: app=?"},
		{"groupadd -g 5 a || groupadd -g 5 a", "a=5"},
		{"groupadd -g 5 a || groupadd -g 6 a", "a=?"},
	};
	accounts = (struct accounts){0};
	run_as("adduser -D -u 5 app || adduser --disabled-password --uid 5 app", true);
	assert_true(str_eq(summary(), STR("app:5:5:app:/home/app::m app=5")));
	CHECK(table, false);
}

static void lines_of_passwd_and_group(void **state)
{
	(void)state;
	struct str passwd = STR("/etc/passwd"), group = STR("/etc/group");

	accounts_line(&accounts, &arena, group, STR("app:x:10001:"), 3, 11);
	accounts_line(&accounts, &arena, passwd, STR("app:x:10001:10001:the app:/srv:/sbin/nologin"), 3, 12);
	accounts_line(&accounts, &arena, passwd, STR("a:x:1:1::/:\\nb:x:2:2::/b:\\n"), 3, 12);
	accounts_line(&accounts, &arena, passwd, STR("c:x:$UID:3::/home/$c:/bin/sh\nd:*:4:4"), 3, 12);
	accounts_line(&accounts, &arena, passwd, STR("$e:x:5:5::/:"), 3, 12);
	accounts_line(&accounts, &arena, passwd, STR("not a line"), 3, 12);
	accounts_line(&accounts, &arena, passwd, STR(""), 3, 12);
	accounts_line(&accounts, &arena, STR("/etc/shadow"), STR("f:x:5:5::/:"), 3, 12);
	struct str got = summary();
	assert_string_equal(arena_str(&arena, got).p, "app:10001:10001:app:/srv:/sbin/nologin: a:1:1::/:: b:2:2::/b:: "
						      "c:?:3:::/bin/sh: d:4:4:::: app=10001");
	assert_true(str_eq(accounts.users.at[0].tool, STR("passwd")));
	assert_int_equal(accounts.users.at[0].ins, 3);
	assert_int_equal(accounts.users.at[0].at, 12);
}

static void other_commands_are_none(void **state)
{
	(void)state;
	struct shell_word words[] = {{.text = STR("passwd"), .literal = true}, {.text = STR("app"), .literal = true}};

	assert_false(note(words, 2, false, 0, 0));
	assert_false(note(words, 0, false, 0, 0));
	words[0].text = STR("useradd");
	assert_true(note(words, 2, false, 4, 9));
	const struct file_account *app = accounts_user(&accounts, STR("app"));
	assert_int_equal(app->ins, 4);
	assert_int_equal(app->at, 9);
	assert_true(str_eq(app->tool, STR("useradd")));
}

static void many_accounts_take_no_longer_each(void **state)
{
	(void)state;
	struct shell_word words[] = {{.text = STR("useradd"), .literal = true}, {.literal = true}};

	for (unsigned i = 0; i < 100000; i++) {
		words[1].text = arena_printf(&arena, "u%u", i);
		note(words, 2, false, 0, 0);
	}
	assert_int_equal(accounts.users.n, 100000);
	assert_non_null(accounts_user(&accounts, STR("u77777")));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, arena_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(shadow_tools),
		TEST(red_hats_adduser_is_useradd),
		TEST(debians_adduser),
		TEST(busyboxs_adduser),
		TEST(an_unknown_family_shows_in_the_options),
		TEST(variables_are_expanded),
		TEST(accounts_change),
		TEST(two_ways_to_make_one_account_must_agree),
		TEST(lines_of_passwd_and_group),
		TEST(other_commands_are_none),
		TEST(many_accounts_take_no_longer_each),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
