/* The words of a request: what they say, and that data stays data. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bot/body.h"

static struct arena arena;

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena, NULL, 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static void expect_code(struct str text, bool cell, const char *expected)
{
	struct buf out = buf_new(&arena);
	body_code(&out, text, cell);
	assert_string_equal(arena_str(&arena, buf_str(&out)).p, expected);
}

static void expect_plain(struct str text, const char *expected)
{
	struct buf out = buf_new(&arena);
	body_plain(&out, text);
	assert_string_equal(arena_str(&arena, buf_str(&out)).p, expected);
}

static void code_spans_cannot_be_ended(void **state)
{
	(void)state;
	expect_code(STR("a/Dockerfile"), true, "`a/Dockerfile`");
	expect_code(STR("a`b"), false, "`` a`b ``");
	expect_code(STR("``"), false, "``` `` ```");
	expect_code(STR("a|b"), true, "`a\\|b`");
	expect_code(STR("a|b"), false, "`a|b`");
	expect_code(STR("a\nb\x1b[m"), true, "`a\\nb\\x1b[m`");
	expect_code(STR(""), false, "` `");
}

/* GitLab looks for them in the bare text, code or not. */
static void no_issue_is_closed(void **state)
{
	(void)state;
	expect_code(STR("fixes #1/Dockerfile"), false, "`fixes\\x20#1/Dockerfile`");
	expect_code(STR("it Closes: g/p#1"), false, "`it Closes:\\x20g/p#1`");
	expect_code(STR("implementing  PROJ-1"), false, "`implementing\\x20 PROJ-1`");
	expect_code(STR("my prefix a"), false, "`my prefix a`");
	expect_plain(STR("Resolved PROJ-1, fix #1"), "Resolved <!-- -->PROJ-1, fix <!-- -->#<!-- -->1");
}

static void text_has_no_meaning(void **state)
{
	(void)state;
	expect_plain(STR("a <!-- b --> *c* [d](e)"), "a \\<!<!-- -->-- b --\\> \\*c\\* \\[d\\](e)");
	expect_plain(STR("@all #1 https://x"), "@<!-- -->all #<!-- -->1 https:<!-- -->//x");
	expect_plain(STR("a\nb|c"), "a\\\\nb\\|c");
}

static void conventional_commits(void **state)
{
	(void)state;
	assert_true(body_is_conventional(STR("fix: a\nfeat(x)!: b\nchore(deps): c\nOther\n")));
	assert_true(body_is_conventional(STR("fix: a\nOther\n")));
	assert_false(body_is_conventional(STR("Fix: a\nfix a\nfix:a\n")));
	assert_false(body_is_conventional(STR("fix(a: b\n: c\n")));
	assert_false(body_is_conventional(STR("")));
}

static struct change *add_change(struct changes *changes, struct str path)
{
	struct change *c = VEC_PUSH(&arena, *changes);
	struct change_stage *stage = VEC_PUSH(&arena, c->stages);
	*c = (struct change){.path = path,
			     .context = STR("."),
			     .stages = {stage, 1, 1},
			     .least = UNROOT_SAFE,
			     .verified = CHANGE_NOT_BUILT};
	*stage = (struct change_stage){.user = STR("app"), .uid = STR("10001"), .gid = STR("10001"), .shell = true};
	texts_add(&arena, &c->rules, STR("unwritable-path"));
	texts_add(&arena, &c->rules, STR("run-as-root"));
	return c;
}

static const char *text_of(const struct changes *changes)
{
	return body_text(&arena, &(struct body_facts){.changes = changes, .hash = STR("0123456789abcdef")}).p;
}

static void holds(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in:\n%s", part, text);
}

static void lacks(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("\"%s\" is in:\n%s", part, text);
}

static void what_has_to_follow(void **state)
{
	struct changes changes = {0};
	struct change *c = add_change(&changes, STR("Dockerfile"));
	(void)state;
	lacks(text_of(&changes), "instead of");
	*VEC_PUSH(&arena, c->stages.at[0].ports) = (struct change_port){80, 8080};
	*VEC_PUSH(&arena, c->stages.at[0].volumes) = STR("/data");
	texts_add(&arena, &c->follow, STR("publish with -p 80:8080"));
	texts_add(&arena, &c->follow,
		  STR("volumes that exist already at /data: hand them over; it listens on IPv4 only"));
	const char *text = text_of(&changes);
	holds(text, "**8080 instead of 80**");
	holds(text, "chown -R 10001:10001 /v");
	holds(text, "- It listens on IPv4 only.\n");
	holds(text, "runAsUser: 10001, runAsGroup: 10001, fsGroup: 10001");
	lacks(text, "hand them over");
	lacks(text, "publish with");
}

static void how_it_was_checked(void **state)
{
	struct changes changes = {0};
	struct change *c = add_change(&changes, STR("Dockerfile"));
	(void)state;
	holds(text_of(&changes), "Nothing was built here");
	c->verified = CHANGE_VERIFIED;
	holds(text_of(&changes), "built the old and the new image and ran both");
	lacks(text_of(&changes), "Nothing was built");
	c->verified = CHANGE_NOT_VERIFIED;
	c->said = STR("no engine <was> found");
	holds(text_of(&changes), "could not tell (no engine \\<was\\> found)");
	lacks(text_of(&changes), "are not known");
	c->least = UNROOT_UNSAFE;
	holds(text_of(&changes), "facts that are not known");
	lacks(text_of(&changes), "that are known to keep");
}

static void how_to_try_it(void **state)
{
	struct changes changes = {0};
	struct change *c = add_change(&changes, STR("it's/Dockerfile"));
	(void)state;
	holds(text_of(&changes), "`docker run --rm --entrypoint id $(docker build -q -f 'it'\\''s/Dockerfile' .)`");
	c->path = STR("fixes #1\n'/\\");
	holds(text_of(&changes), "-f $'fixes\\x20#1\\n\\'/\\\\' .");
	c->stages.at[0].shell = false;
	holds(text_of(&changes), "docker inspect -f '{{.Config.User}}'");
	c->path = STR("-f/x;rm");
	holds(text_of(&changes), "-f '-f/x;rm' .");
	c->path = STR("-x");
	holds(text_of(&changes), "-f ./-x .");
}

/* Where nothing can be quoted. */
static void titles_and_messages_name_nobody(void **state)
{
	struct changes changes = {0};
	struct body_facts facts = {.changes = &changes, .one_file = true};
	struct change *c = add_change(&changes, STR("fixes #1 @all/[skip ci]\n\nCo-authored-by: x <y@z>/\xc3\xbc"));
	(void)state;
	c->stages.at[0].user = STR("#2");
	const char *title = body_title(&arena, &facts).p, *message = body_message(&arena, &facts).p;
	assert_string_equal(title,
			    "Run containers as non-root (...es\\x20\\x231\\x20\\x40all/\\x5bskip\\x20ci\\x5d\\x0a\\x0a"
			    "Co-authored-by:\\x20x\\x20\\x3cy\\x40z\\x3e/\xc3\xbc)");
	holds(message, "\n- fixes\\x20\\x231\\x20\\x40all/\\x5bskip\\x20ci\\x5d\\x0a\\x0aCo-");
	holds(message, ": user \\x232\n");
	c->path = STR("api/Dockerfile");
	assert_string_equal(body_title(&arena, &facts).p, "Run containers as non-root (api/Dockerfile)");
	c->path = arena_printf(&arena, "%04000d/Dockerfile", 0);
	assert_true(strlen(body_title(&arena, &facts).p) < 100);
}

static void many_files_stay_short(void **state)
{
	struct changes changes = {0};
	(void)state;
	for (int i = 0; i < 3000; i++)
		add_change(&changes, arena_printf(&arena, "%0200d/Dockerfile", i));
	const char *text = text_of(&changes);
	assert_true(strlen(text) < 62000);
	holds(text, "[unroot](https://github.com/unroot/unroot)");
	holds(text, "and 2960 more, see the changes.");
	holds(text, "<!-- unroot-bot hash=0123456789abcdef rules=unwritable-path,run-as-root -->");
	holds(text, "`# unroot ignore=run-as-root # why`");
}

static void obsolete(void **state)
{
	struct changes changes = {0};
	add_change(&changes, STR("Dockerfile"));
	(void)state;
	struct str text = body_obsolete(&arena, str_of(text_of(&changes)));
	holds(text.p, "_Closed by itself:");
	holds(text.p, "| `Dockerfile` |");
	holds(text.p, "<!-- unroot-bot hash=0123456789abcdef obsolete -->");
}

static void bytes_that_are_no_text(void **state)
{
	struct changes changes = {0};
	add_change(&changes, STR("a\xff/Dockerfile"));
	(void)state;
	holds(text_of(&changes), "`a\xef\xbf\xbd/Dockerfile`");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(code_spans_cannot_be_ended),
		TEST(no_issue_is_closed),
		TEST(titles_and_messages_name_nobody),
		TEST(text_has_no_meaning),
		TEST(conventional_commits),
		TEST(what_has_to_follow),
		TEST(how_it_was_checked),
		TEST(how_to_try_it),
		TEST(many_files_stay_short),
		TEST(obsolete),
		TEST(bytes_that_are_no_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
