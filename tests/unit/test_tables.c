#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/path.h"
#include "base/table.h"
#include "model/app_text.h"
#include "model/tables.h"
#include "support/fixture.h"
#include "support/support.h"

#define CASES UNROOT_TEMPLATES "/../tests/unit/"

static const char *const kind_names[] = {
	[PROGRAM_UNKNOWN] = "unknown", [PROGRAM_APP] = "app",	  [PROGRAM_TOOLS] = "tools", [PROGRAM_INTERPRETER] = "interpreter",
	[PROGRAM_FILES] = "files",     [PROGRAM_DATA] = "data",	  [PROGRAM_IDLE] = "idle",   [PROGRAM_WRAPPER] = "wrapper",
	[PROGRAM_SHELL] = "shell",     [PROGRAM_ROOT] = "root",	  [PROGRAM_DROPS] = "drops", [PROGRAM_SERVER] = "server", [PROGRAM_PLATFORM] = "platform"};

static const char *const place_names[] = {[PLACE_SYSTEM] = "system", [PLACE_STATE] = "state", [PLACE_APP] = "app",
					  [PLACE_HOME] = "home",     [PLACE_TEMP] = "temp",   [PLACE_USERS] = "users",
					  [PLACE_BUILD] = "build",
					  [PLACE_HOST] = "host"};

static struct tables tables;
static struct str programs; /* the text that the tables' programs are parts of */

/* Tables of a test's own, by their paths; those that it leaves out are the shipped ones. */
struct own {
	const char *path, *text;
};

static struct str text_of(void *ctx, const char *path)
{
	const struct own *own = ctx;
	for (; own && own->path; own++)
		if (str_eq(str_of(own->path), str_of(path)))
			return str_of(own->text);
	const char *file = arena_printf(&arena, "%s/%s", UNROOT_TEMPLATES, path).p;
	struct str text = path_exists(file) ? file_bytes(&arena, file) : STR("");
	if (str_eq(str_of(path), STR("programs.tsv")))
		programs = text;
	return text;
}

static void read_own(struct tables *t, struct own *own)
{
	struct str why = STR("");
	if (!tables_read(&arena, t, text_of, own, STR(""), &why))
		fail_msg("%.*s", STR_ARG(why));
}

static int set_up(void **state)
{
	arena_set_up(state);
	read_own(&tables, NULL);
	return 0;
}

/* The lines of a file of cases, one by one, as a table's rows. */
struct cases {
	struct str rest;
	uint32_t line;
	struct str cell[4];
};

static struct cases cases_of(const char *path)
{
	return (struct cases){.rest = file_bytes(&arena, path)};
}

static bool next_case(struct cases *c)
{
	struct str line;
	while (str_split(&c->rest, '\n', &line)) {
		c->line++;
		if (line.n == 0 || line.p[0] == '#')
			continue;
		for (int i = 0; i < 4; i++)
			if (!str_split(&line, '\t', &c->cell[i]))
				c->cell[i] = STR("");
		return true;
	}
	return false;
}

static uint32_t line_in(struct str text, const char *at)
{
	uint32_t line = 1;
	assert_true(at > text.p && at < text.p + text.n);
	for (const char *p = text.p; p < at; p++)
		line += *p == '\n';
	return line;
}

static void test_programs(void **state)
{
	enum { MAX_LINES = 1024 };
	static bool covered[MAX_LINES];
	struct cases c = cases_of(CASES "programs.cases");
	(void)state;
	while (next_case(&c)) {
		struct program program = tables_program(&tables, c.cell[1]);
		if (!str_eq(str_of(kind_names[program.kind]), c.cell[0]))
			fail_msg("programs.cases:%u: %.*s is %s", c.line, STR_ARG(c.cell[1]), kind_names[program.kind]);
		if (program.kind != PROGRAM_UNKNOWN) /* its cells are parts of the table's text */
			covered[line_in(programs, program.options.p)] = true;
	}
	struct table_reader reader = table_read(programs);
	struct table_row row;
	struct map seen = {0};
	while (table_next(&reader, &row)) {
		struct str names = row.cell[0], name, kind = row.cell[1];
		bool explained = str_eq(kind, STR("root")) || str_eq(kind, STR("drops")) || str_eq(kind, STR("data")) ||
				 str_eq(kind, STR("platform"));
		assert_int_equal(row.cells, 6);
		assert_true(row.line < MAX_LINES);
		if (!covered[row.line])
			fail_msg("programs.tsv:%u (%.*s) has no case in programs.cases", row.line, STR_ARG(row.cell[0]));
		if (explained != (row.cell[4].n > 0) || str_eq(kind, STR("server")) != (row.cell[3].n > 0))
			fail_msg("programs.tsv:%u: why is for root, drops, data and platform, recipe for server", row.line);
		if ((str_eq(kind, STR("root")) || str_eq(kind, STR("drops"))) != (row.cell[5].n > 0))
			fail_msg("programs.tsv:%u: what to do instead is for root and drops", row.line);
		while (str_split(&names, ',', &name)) {
			void **place = map_put(&arena, &seen, name);
			if (*place)
				fail_msg("programs.tsv:%u: %.*s stands in another row", row.line, STR_ARG(name));
			*place = &seen;
		}
	}
}

static void test_program_columns(void **state)
{
	static struct own own[] = {{"programs.tsv", "program\tkind\toptions\trecipe\twhy\tinstead\n"
						    "a,/opt/b\tapp\t--uid,--gid\t-\t-\n"
						    "py*\tinterpreter\t-\t-\t-\n"
						    "python3\troot\t-\t-\tit needs root\tanother one\n"
						    "web\tserver\t-\tnginx\t-\n"
						    "b\tdrops\t-\t-\tit drops\n"
						    "a serve\tdata\t-\t-\tit keeps data\n"},
				   {NULL, NULL}};
	struct tables t;
	struct program program;
	(void)state;
	read_own(&t, own);
	program = tables_program(&t, STR("/usr/bin/a"));
	assert_int_equal(program.kind, PROGRAM_APP);
	assert_true(str_eq(program.options, STR("--uid,--gid")));
	assert_int_equal(tables_program(&t, STR("/opt/b")).kind, PROGRAM_APP);
	assert_int_equal(tables_program(&t, STR("/srv/b")).kind, PROGRAM_DROPS);
	assert_int_equal(tables_program(&t, STR("py")).kind, PROGRAM_INTERPRETER);
	assert_int_equal(tables_program(&t, STR("/usr/bin/python2")).kind, PROGRAM_INTERPRETER);
	program = tables_program(&t, STR("python3")); /* the whole name counts before its beginning */
	assert_int_equal(program.kind, PROGRAM_ROOT);
	assert_true(str_eq(program.why, STR("it needs root")));
	assert_true(str_eq(program.instead, STR("another one")));
	assert_int_equal(tables_program_with(&t, STR("/usr/bin/a"), STR("serve")).kind, PROGRAM_DATA);
	assert_int_equal(tables_program_with(&t, STR("a"), STR("run")).kind, PROGRAM_APP);
	assert_int_equal(tables_program_with(&t, STR("a"), STR("")).kind, PROGRAM_APP);
	assert_true(str_eq(tables_program(&t, STR("web")).recipe, STR("nginx")));
	assert_int_equal(tables_program(&t, STR("p")).kind, PROGRAM_UNKNOWN);
	assert_int_equal(tables_program(&t, STR("")).kind, PROGRAM_UNKNOWN);
}

/* The row that decides about a path: the longest prefix; that of a parent decides about itself alone. */
static struct str deciding_row(const struct map *rows, struct str path)
{
	for (struct str dir = path; dir.n > 1; dir = path_parent(dir))
		if (map_get(rows, dir))
			return dir;
	return path.n == 1 ? path : STR("");
}

static void test_places(void **state)
{
	struct str text = text_of(NULL, "places.tsv");
	struct cases c = cases_of(CASES "places.cases");
	struct map rows = {0}, covered = {0};
	struct table_row row;
	(void)state;
	for (struct table_reader reader = table_read(text); table_next(&reader, &row);) {
		void **place = map_put(&arena, &rows, row.cell[0]);
		if (*place)
			fail_msg("places.tsv:%u: %.*s stands there twice", row.line, STR_ARG(row.cell[0]));
		*place = &rows;
	}
	while (next_case(&c)) {
		enum place place = tables_place(&tables, c.cell[1]);
		struct str decides = deciding_row(&rows, c.cell[1]);
		if (!str_eq(str_of(place_names[place]), c.cell[0]))
			fail_msg("places.cases:%u: %.*s is %s", c.line, STR_ARG(c.cell[1]), place_names[place]);
		if (decides.n)
			*map_put(&arena, &covered, decides) = &rows;
	}
	for (struct table_reader reader = table_read(text); table_next(&reader, &row);)
		if (!map_get(&covered, row.cell[0]))
			fail_msg("places.tsv:%u (%.*s) has no case in places.cases", row.line, STR_ARG(row.cell[0]));
}

static void test_what_lies_there(void **state)
{
	(void)state;
	assert_int_equal(tables_holds(&tables, STR("/opt")), HOLDS_OTHERS);
	assert_int_equal(tables_holds(&tables, STR("/home")), HOLDS_OTHERS);
	assert_int_equal(tables_holds(&tables, STR("/var/www")), HOLDS_BASE);
	assert_int_equal(tables_holds(&tables, STR("/go/src")), HOLDS_BASE);
	assert_int_equal(tables_holds(&tables, STR("/opt/app")), HOLDS_NOTHING);
	assert_int_equal(tables_holds(&tables, STR("/")), HOLDS_NOTHING);
}

/* "go:r.Run(":80")": whether the line shows a port in a file of that ending. */
static bool binds_low_port(struct str cell)
{
	struct bound_port bound;
	size_t colon = str_find_char(cell, ':', 0);
	struct str name = arena_printf(&arena, "shop.%.*s", STR_ARG(str_sub(cell, 0, colon)));
	return app_text_port(&tables, name, str_sub(cell, colon + 1, cell.n), &bound);
}

static bool names_file(const struct port_text *rows, size_t n, struct str name, struct str file)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(rows[i].name, name) && tables_file_fits(rows[i].files, file))
			return true;
	return false;
}

static void test_ports(void **state)
{
	struct str text = text_of(NULL, "ports.tsv");
	struct cases c = cases_of(CASES "ports.cases");
	struct map covered = {0};
	struct table_row row;
	(void)state;
	while (next_case(&c)) {
		bool option = str_eq(c.cell[0], STR("option")), yes = str_eq(c.cell[3], STR("yes"));
		bool got = option ? tables_port_option(&tables, c.cell[1], c.cell[2]) : tables_port_variable(&tables, c.cell[1], c.cell[2]);
		if (str_eq(c.cell[0], STR("label")))
			got = tables_port_label(&tables, c.cell[2]);
		if (str_eq(c.cell[0], STR("code")))
			got = tables_port_in_code(&tables, c.cell[2]);
		if (str_eq(c.cell[0], STR("listen")))
			got = binds_low_port(c.cell[2]);
		if (str_eq(c.cell[0], STR("source")))
			got = names_file(tables.port_sources.at, tables.port_sources.n, c.cell[1], c.cell[2]);
		if (str_eq(c.cell[0], STR("settings")))
			got = names_file(tables.port_settings.at, tables.port_settings.n, c.cell[1], c.cell[2]);
		if (str_eq(c.cell[0], STR("client"))) {
			uint32_t port = 0;
			got = str_to_u32(c.cell[1], &port) && tables_port_of_client(&tables, port);
		}
		if (got != yes)
			fail_msg("ports.cases:%u: %.*s of %.*s", c.line, STR_ARG(c.cell[1]), STR_ARG(c.cell[2]));
		if (yes)
			*map_put(&arena, &covered, arena_printf(&arena, "%.*s %.*s", STR_ARG(c.cell[0]), STR_ARG(c.cell[1]))) = &covered;
	}
	for (struct table_reader reader = table_read(text); table_next(&reader, &row);) {
		bool of_files = str_in_list(STR("listen,source,settings"), row.cell[0]);
		assert_int_equal(row.cells, str_eq(row.cell[0], STR("client")) ? 2 : of_files ? 4 : 3);
		if (!map_get(&covered, arena_printf(&arena, "%.*s %.*s", STR_ARG(row.cell[0]), STR_ARG(row.cell[1]))))
			fail_msg("ports.tsv:%u (%.*s) has no case in ports.cases", row.line, STR_ARG(row.cell[1]));
	}
}

static void test_writes(void **state)
{
	struct str text = text_of(NULL, "writes.tsv");
	struct cases c = cases_of(CASES "writes.cases");
	struct map covered = {0};
	struct table_row row;
	(void)state;
	while (next_case(&c)) {
		struct str path = tables_written_path(&tables, c.cell[1]);
		if (!str_eq(path, str_eq(c.cell[2], STR("-")) ? STR("") : c.cell[2]))
			fail_msg("writes.cases:%u: %.*s", c.line, STR_ARG(path));
		*map_put(&arena, &covered, c.cell[0]) = &covered;
	}
	for (struct table_reader reader = table_read(text); table_next(&reader, &row);) {
		assert_int_equal(row.cells, 2);
		if (!map_get(&covered, row.cell[0]))
			fail_msg("writes.tsv:%u (%.*s) has no case in writes.cases", row.line, STR_ARG(row.cell[0]));
	}
}

static void test_faults(void **state)
{
	static const struct {
		struct own own[2];
		const char *why; /* its beginning */
	} cases[] = {
		{{{"programs.tsv", "program\tkind\na\tapp\nb\tgood\n"}}, "templates/programs.tsv:3: "},
		{{{"places.tsv", "prefix\tkind\n/a\tapp\n/b\n"}}, "templates/places.tsv:3: "},
		{{{"places.tsv", "prefix\tkind\na\tapp\n"}}, "templates/places.tsv:2: "},
		{{{"writes.tsv", "option\tsource\n/var/log\tnowhere\n"}}, "templates/writes.tsv:2: "},
		{{{"ports.tsv", "kind\tname\tprograms\tfiles\nlisten\tserve(\t*\n"}}, "templates/ports.tsv:2: "},
		{{{"ports.tsv", "kind\tname\tprograms\n\n# x\nflag\t-p\t*\n"}}, "templates/ports.tsv:4: "},
		{{{"ports.tsv", "kind\tname\tprograms\nlabel\ta*b*\t*\n"}}, "templates/ports.tsv:2: "},
		{{{"places.tsv", "prefix\tkind\tholds\n/a\tapp\tothers\n/b\tapp\tgold\n"}}, "templates/places.tsv:3: "},
		{{{"ports.tsv", "kind\tname\tprograms\nclient\tmail\n"}}, "templates/ports.tsv:2: "},
		{{{"registries.tsv", "kind\tname\nprefix\ta/\nsuffix\tb\n"}}, "templates/registries.tsv:3: "},
		{{{"commands.tsv", "command\twhen\teffect\nx\t-\tfly\n"}}, "templates/commands.tsv:2: "},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct tables t;
		struct own own[2] = {cases[i].own[0], {NULL, NULL}};
		struct str why = STR("");
		assert_false(tables_read(&arena, &t, text_of, own, STR(""), &why));
		if (!str_starts(why, str_of(cases[i].why)))
			fail_msg("%.*s, expected %s", STR_ARG(why), cases[i].why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_programs), cmocka_unit_test(test_program_columns), cmocka_unit_test(test_places),
		cmocka_unit_test(test_what_lies_there), cmocka_unit_test(test_ports), cmocka_unit_test(test_writes),	 cmocka_unit_test(test_faults),
	};
	return cmocka_run_group_tests(tests, set_up, arena_tear_down);
}
