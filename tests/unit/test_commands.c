#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/table.h"
#include "model/locations.h"
#include "support/fixture.h"
#include "support/support.h"

#define CASES UNROOT_TEMPLATES "/../tests/unit/commands.cases"

static const char *const effect_names[EFFECT_COUNT] = {
	[EFFECT_UNKNOWN] = "unknown", [EFFECT_PLAIN] = "plain",	  [EFFECT_ROOT] = "root",	      [EFFECT_TREE] = "tree",
	[EFFECT_BUILD] = "build",     [EFFECT_CREATE] = "create",  [EFFECT_COPY] = "copy",	      [EFFECT_UNPACK] = "unpack",
	[EFFECT_FETCH] = "fetch",     [EFFECT_EDIT] = "edit",	  [EFFECT_OWNER] = "owner",	      [EFFECT_MODE] = "mode",
	[EFFECT_REMOVE] = "remove",   [EFFECT_ACCOUNT] = "account", [EFFECT_CD] = "cd",		      [EFFECT_WRAPPER] = "wrapper",
	[EFFECT_SHELL] = "shell",     [EFFECT_HOME] = "home",	  [EFFECT_INTERPRETER] = "interpreter", [EFFECT_SWITCH] = "switch",
	[EFFECT_SERVICE] = "service", [EFFECT_SOURCE] = "source"};

static struct str shipped_text;
static const struct command_table *shipped;

static const struct command_table *table_of(struct str text)
{
	uint32_t line = 0;
	struct str why = STR("");
	const struct command_table *t = command_table_read(&arena, text, &line, &why);
	if (!t)
		fail_msg("line %u: %.*s", line, STR_ARG(why));
	return t;
}

static int set_up(void **state)
{
	arena_set_up(state);
	shipped_text = file_bytes(&arena, UNROOT_TEMPLATES "/commands.tsv");
	shipped = table_of(shipped_text);
	return 0;
}

/* The first command of shell text. */
static const struct shell_command *command_of(struct str text)
{
	struct shell_script script = {0};
	shell_parse(&arena, text, &script);
	assert_false(script.unknown);
	assert_true(script.n > 0 && script.at[0].nwords > 0);
	return &script.at[0];
}

static const struct shell_command *command(const char *text)
{
	return command_of(str_of(text));
}

static struct command_fact look_up(const struct command_table *t, struct str text)
{
	const struct shell_command *c = command_of(text);
	return command_lookup(t, c->words, c->nwords);
}

static void assert_str(struct str got, const char *expected)
{
	if (!str_eq(got, str_of(expected)))
		fail_msg("got '%.*s', expected '%s'", STR_ARG(got), expected);
}

static const char own_table[] = "# comment\n"
				"command\twhen\teffect\tpaths\tminds\thome\n"
				"tool\tsub=build;has=--all\ttree\tout,.\towner\t-\n"
				"tool\tsub=build\tbuild\t.\t-\t-\n"
				"tool\thas=-g,--global\troot\t-\tnpm\thome\n"
				"tool\tsub=--version\tplain\t-\t-\t-\n"
				"tool,other\t-\thome\t-\t-\t.tool,.cache/tool\n"
				"/opt/bin/run\t-\tplain\t-\t-\t-\n"
				"run\t-\troot\t-\t-\t-\n"
				"outer\t-\twrapper\t-u,--user,+1\t-\t-\n"
				"plainly\t-\twrapper\t-\t-\t-\n"
				"gosu,su\t-\tswitch\t-\t-\t-\n"
				"shell\t-\tshell\t-\t-\t-\n";

static void test_lookup(void **state)
{
	static const struct {
		const char *text;
		enum effect effect;
	} cases[] = {
		{"tool build --all", EFFECT_TREE},
		{"tool --quiet build --all=yes", EFFECT_TREE},
		{"/usr/bin/tool build", EFFECT_BUILD},
		{"tool build -g", EFFECT_BUILD}, /* the first row that holds */
		{"tool -g x", EFFECT_ROOT},
		{"tool --global=true x", EFFECT_ROOT},
		{"tool --version", EFFECT_PLAIN}, /* no operand: the first option */
		{"tool --version x", EFFECT_HOME},
		{"tool x --version", EFFECT_HOME},
		{"tool", EFFECT_HOME},
		{"other build --all", EFFECT_HOME},
		{"/opt/bin/run x", EFFECT_PLAIN}, /* the whole path counts before the name */
		{"/bin/run x", EFFECT_ROOT},
		{"'tool' bui\"ld\"", EFFECT_BUILD},
		{"$TOOL build", EFFECT_UNKNOWN},
		{"tools", EFFECT_UNKNOWN},
		{"outer -u x tool", EFFECT_WRAPPER},
	};
	const struct command_table *t = table_of(str_of(own_table));
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		enum effect effect = look_up(t, str_of(cases[i].text)).effect;
		if (effect != cases[i].effect)
			fail_msg("%s: %s, expected %s", cases[i].text, effect_names[effect], effect_names[cases[i].effect]);
	}
	assert_int_equal(command_lookup(t, NULL, 0).effect, EFFECT_UNKNOWN);
}

static void test_columns(void **state)
{
	const struct command_table *t = table_of(str_of(own_table));
	struct command_fact fact = look_up(t, STR("tool build --all"));
	(void)state;
	assert_str(fact.paths, "out,.");
	assert_str(fact.minds, "owner");
	assert_str(fact.home, "");
	fact = look_up(t, STR("tool -g"));
	assert_str(fact.paths, "");
	assert_str(fact.minds, "npm");
	assert_str(fact.home, "home");
	assert_str(look_up(t, STR("other")).home, ".tool,.cache/tool");
}

static void test_faults(void **state)
{
	static const struct {
		const char *text;
		uint32_t line;
	} cases[] = {
		{"command\twhen\teffect\nx\t-\tplain\ny\t-\tfly\n", 3},
		{"command\twhen\teffect\nx\t-\n", 2},
		{"command\twhen\teffect\n# comment\n\nx\thas=a;with=b\tplain\n", 4},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint32_t line = 0;
		struct str why = STR("");
		assert_null(command_table_read(&arena, str_of(cases[i].text), &line, &why));
		assert_int_equal(line, cases[i].line);
		assert_true(why.n > 0);
	}
}

static void test_unwrap(void **state)
{
	static const struct {
		const char *text, *rest; /* the words that are left */
		uint32_t how;
	} cases[] = {
		{"tool build", "tool build", 0},
		{"outer name tool build", "tool build", 0},
		{"outer -u app name tool", "tool", 0},
		{"outer --user app -x name tool -u y", "tool -u y", 0},
		{"plainly A=b -x tool C=d", "tool C=d", 0},
		{"plainly -- tool", "tool", 0},
		{"plainly plainly outer x tool", "tool", 0},
		{"plainly", "", 0},
		{"plainly -x", "", 0},
		{"gosu app tool build", "tool build", UNWRAP_OTHER_USER},
		{"gosu root tool", "tool", 0},
		{"plainly gosu app", "", UNWRAP_OTHER_USER},
	};
	const struct command_table *t = table_of(str_of(own_table));
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct shell_command *c = command(cases[i].text);
		struct unwrapped u = command_unwrap(t, c->words, c->nwords);
		struct buf rest = buf_new(&arena);
		assert_true(u.skip <= c->nwords);
		for (uint32_t w = u.skip; w < c->nwords; w++)
			buf_printf(&rest, "%s%.*s", rest.n ? " " : "", STR_ARG(c->words[w].text));
		if (!str_eq(buf_str(&rest), str_of(cases[i].rest)) || u.how != cases[i].how || u.text)
			fail_msg("%s: left '%.*s', how %u", cases[i].text, STR_ARG(buf_str(&rest)), u.how);
	}
}

static void test_unwrap_shipped(void **state)
{
	static const struct {
		const char *text, *rest;
		uint32_t how;
	} cases[] = {
		{"sudo -E apt-get update", "apt-get", UNWRAP_SUDO},
		{"sudo -u app make", "make", UNWRAP_SUDO | UNWRAP_OTHER_USER},
		{"sudo -u root make", "make", UNWRAP_SUDO},
		{"env -u X A=b nice -n 5 make", "make", 0},
		{"tini -s node", "node", 0},
		{"tini -p SIGTERM -- node", "node", 0},
		{"dumb-init -c node", "node", 0},
		{"dumb-init --rewrite 15:2 node", "node", 0},
		{"timeout -k 5 10 curl x", "curl", 0},
		{"xvfb-run -a -s '-screen 0 1x1x8' npm test", "npm", 0},
		{"bundle exec puma", "puma", 0},
		{"conda run --no-capture-output -n env uvicorn a:b", "uvicorn", 0},
		{"fakeroot make", "make", UNWRAP_FAKE},
		{"xargs -0 -n 1 rm", "rm", UNWRAP_LOOSE},
		{"su-exec app node", "node", UNWRAP_OTHER_USER},
		{"setpriv --reuid=app node", "node", UNWRAP_OTHER_USER},
		{"runuser -u app -- node", "node", UNWRAP_OTHER_USER},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct shell_command *c = command(cases[i].text);
		struct unwrapped u = command_unwrap(shipped, c->words, c->nwords);
		if (u.skip == c->nwords || !str_eq(c->words[u.skip].text, str_of(cases[i].rest)) || u.how != cases[i].how)
			fail_msg("%s: word %u, how %u", cases[i].text, u.skip, u.how);
	}
}

static void test_su_text(void **state)
{
	static const struct {
		const char *text, *script;
		uint32_t how;
	} cases[] = {
		{"su -c 'make all' app", "make all", UNWRAP_OTHER_USER},
		{"su app -s /bin/sh -c make", "make", UNWRAP_OTHER_USER},
		{"su - app --command make", "make", UNWRAP_OTHER_USER},
		{"su -c make", "make", 0},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct shell_command *c = command(cases[i].text);
		struct unwrapped u = command_unwrap(shipped, c->words, c->nwords);
		if (!u.text || !str_eq(u.text->text, str_of(cases[i].script)) || u.how != cases[i].how)
			fail_msg("%s: how %u", cases[i].text, u.how);
	}
}

static void test_name(void **state)
{
	(void)state;
	assert_str(command_name(STR("/usr/bin/apt-get")), "apt-get");
	assert_str(command_name(STR("./mvnw")), "mvnw");
	assert_str(command_name(STR("make")), "make");
	assert_str(command_name(STR("bin/")), "");
}

static void test_shell_text(void **state)
{
	static const struct {
		const char *text, *script; /* NULL: none */
	} cases[] = {
		{"sh -c 'make; make install'", "make; make install"},
		{"bash -exc make", "make"},
		{"bash -o pipefail -c make", "make"},
		{"bash -eo pipefail -c make", "make"},
		{"bash +x -c make", "make"},
		{"bash --norc -c make arg", "make"},
		{"sh -c", NULL},
		{"sh -e script.sh", NULL},
		{"sh script.sh -c make", NULL},
		{"sh -c \"make $target\"", NULL}, /* another text when it is run */
		{"sh", NULL},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct shell_command *c = command(cases[i].text);
		const struct shell_word *word = command_shell_text(c->words, c->nwords);
		bool same = cases[i].script ? word && str_eq(word->text, str_of(cases[i].script)) : !word;
		if (!same)
			fail_msg("%s: '%.*s'", cases[i].text, word ? (int)word->text.n : 0, word ? word->text.p : "");
	}
	assert_str(command_any_shell_text(command("sh -c \"make $target\"")->words, 3)->text, "make $target");
}

/* "root+home": what a case of the file expects. */
static struct str described(const struct command_fact *fact)
{
	struct buf text = buf_new(&arena);
	buf_printf(&text, "%s", effect_names[fact->effect]);
	if (fact->minds.n)
		buf_printf(&text, "+%.*s", STR_ARG(fact->minds));
	if (fact->home.n)
		buf_printf(&text, "+home");
	return buf_str(&text);
}

/* Which line of the table a fact stands in: its cells are parts of the table's text. 0: it is in none. */
static uint32_t line_of(const struct command_fact *fact)
{
	uint32_t line = 1;
	if (fact->effect == EFFECT_UNKNOWN && !fact->paths.p)
		return 0;
	assert_true(fact->paths.p > shipped_text.p && fact->paths.p < shipped_text.p + shipped_text.n);
	for (const char *p = shipped_text.p; p < fact->paths.p; p++)
		line += *p == '\n';
	return line;
}

/* Of what needs root every name is to be tried, not one of a row: "apk" in line 40. */
static struct str tried_name(uint32_t line, struct str name)
{
	return arena_printf(&arena, "%u %.*s", line, STR_ARG(name));
}

static bool needs_root(struct str effect)
{
	return str_in_list(STR("root,account,service"), effect);
}

static void test_shipped(void **state)
{
	enum { MAX_LINES = 4096 };
	static bool covered[MAX_LINES];
	struct map tried = {0};
	struct str cases = file_bytes(&arena, CASES), line, expected;
	(void)state;
	for (uint32_t number = 1; str_split(&cases, '\n', &line); number++) {
		if (line.n == 0 || line.p[0] == '#')
			continue;
		assert_true(str_split(&line, '\t', &expected));
		struct command_fact fact = look_up(shipped, line);
		struct str got = described(&fact);
		uint32_t row = line_of(&fact);
		if (!str_eq(got, expected))
			fail_msg("commands.cases:%u: %.*s: %.*s (commands.tsv:%u), expected %.*s", number, STR_ARG(line), STR_ARG(got), row,
				 STR_ARG(expected));
		assert_true(row < MAX_LINES);
		covered[row] = true;
		*map_put(&arena, &tried, tried_name(row, command_of(line)->words[0].text)) = &tried;
	}
	struct table_reader reader = table_read(shipped_text);
	struct table_row row;
	while (table_next(&reader, &row)) {
		assert_int_equal(row.cells, 6);
		assert_true(row.line < MAX_LINES);
		if (!covered[row.line])
			fail_msg("commands.tsv:%u (%.*s) has no case in commands.cases", row.line, STR_ARG(row.cell[0]));
		struct str names = row.cell[0], name;
		while (needs_root(row.cell[2]) && str_split(&names, ',', &name))
			if (!map_get(&tried, tried_name(row.line, name)))
				fail_msg("commands.tsv:%u: %.*s has no case in commands.cases", row.line, STR_ARG(name));
	}
}

/* What the shipped templates/locations.tsv says: its variables, a tab, shell text. Every name of every row is tried. */
static void test_locations(void **state)
{
	struct str text = file_bytes(&arena, UNROOT_TEMPLATES "/locations.tsv"), why = STR("");
	struct str cases = file_bytes(&arena, UNROOT_TEMPLATES "/../tests/unit/locations.cases"), line, expected;
	struct map rows = {0}, tried = {0};
	uint32_t bad = 0;
	(void)state;
	if (!locations_read(&arena, &rows, text, &bad, &why))
		fail_msg("locations.tsv:%u: %.*s", bad, STR_ARG(why));
	for (uint32_t number = 1; str_split(&cases, '\n', &line); number++) {
		if (line.n == 0 || line.p[0] == '#')
			continue;
		assert_true(str_split(&line, '\t', &expected));
		const struct shell_command *c = command_of(line);
		const struct tool_location *row = location_find(&rows, shipped, c->words, c->nwords);
		struct str got = row ? row->variables : STR("-");
		if (!str_eq(got, expected))
			fail_msg("locations.cases:%u: %.*s: %.*s", number, STR_ARG(line), STR_ARG(got));
		if (row)
			*map_put(&arena, &tried, arena_printf(&arena, "%.*s %.*s", STR_ARG(c->words[0].text), STR_ARG(row->when))) = &tried;
	}
	struct table_reader reader = table_read(text);
	struct table_row row;
	while (table_next(&reader, &row)) {
		struct str names = row.cell[0], name;
		while (str_split(&names, ',', &name))
			if (!map_get(&tried, arena_printf(&arena, "%.*s %.*s", STR_ARG(name), STR_ARG(row.cell[1]))))
				fail_msg("locations.tsv:%u: %.*s has no case in locations.cases", row.line, STR_ARG(name));
	}
}

/* A row that stands below one without conditions is never reached. */
static void test_reachable(void **state)
{
	struct table_reader reader = table_read(shipped_text);
	struct table_row row;
	struct map closed = {0};
	(void)state;
	while (table_next(&reader, &row)) {
		struct str names = row.cell[0], name;
		while (str_split(&names, ',', &name)) {
			void **place = map_put(&arena, &closed, name);
			if (*place)
				fail_msg("commands.tsv:%u: %.*s is settled above", row.line, STR_ARG(name));
			if (row.cell[1].n == 0)
				*place = &closed;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lookup),	     cmocka_unit_test(test_columns), cmocka_unit_test(test_faults),
		cmocka_unit_test(test_unwrap),	     cmocka_unit_test(test_unwrap_shipped), cmocka_unit_test(test_su_text),
		cmocka_unit_test(test_name),	     cmocka_unit_test(test_shell_text), cmocka_unit_test(test_shipped),
		cmocka_unit_test(test_reachable),  cmocka_unit_test(test_locations),
	};
	return cmocka_run_group_tests(tests, set_up, arena_tear_down);
}
