/* Formats, help and the other commands. */
#define _GNU_SOURCE
#include "cli.h"

#include <jansson.h>
#include <stdio.h>

#include "support/support.h"

static json_t *parse(const char *text)
{
	json_error_t error;
	json_t *value = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	if (!value)
		fail_msg("%s in:\n%s", error.text, text);
	return value;
}

static json_t *first_file(json_t *report)
{
	assert_int_equal(json_integer_value(json_object_get(report, "schema")), 1);
	return json_array_get(json_object_get(report, "files"), 0);
}

static size_t number(json_t *object, const char *key)
{
	return (size_t)json_integer_value(json_object_get(object, key));
}

/* What an editor would do with the report. */
static const char *apply(json_t *file, const char *text)
{
	struct buf out = buf_new(&cli_arena);
	json_t *edits = json_object_get(json_array_get(json_object_get(file, "changes"), 0), "edits"), *edit;
	size_t i, done = 0;
	json_array_foreach(edits, i, edit) {
		buf_add(&out, (struct str){text + done, number(edit, "start") - done});
		buf_add(&out, str_of(json_string_value(json_object_get(edit, "text"))));
		done = number(edit, "end");
	}
	buf_add(&out, str_of(text + done));
	return arena_str(&cli_arena, buf_str(&out)).p;
}

static void json_holds_the_edits(void **state)
{
	(void)state;
	put_fixable("Dockerfile");
	struct outcome o = unroot("check --output-format json -q");
	assert_int_equal(o.code, 1);
	json_t *report = parse(o.out), *file = first_file(report);
	assert_string_equal(json_string_value(json_object_get(file, "path")), "Dockerfile");
	assert_true(json_is_false(json_object_get(file, "written")));
	assert_true(json_is_null(json_object_get(file, "error")));
	const char *edited = apply(file, fixable);
	json_decref(report);
	report = parse(unroot("fix --output-format json -q").out);
	file = first_file(report);
	assert_true(json_is_true(json_object_get(file, "written")));
	assert_string_equal(get("Dockerfile"), edited);
	json_t *finding = json_array_get(json_object_get(file, "findings"), 0);
	assert_true(number(finding, "line") > 0 && number(finding, "end") > number(finding, "start"));
	json_decref(report);
}

static void json_of_many_files(void **state)
{
	(void)state;
	put_refused("bad.Dockerfile");
	put_clean("Dockerfile");
	put_fixable("\377.Dockerfile");
	struct outcome o = unroot("check --output-format json --output-file report .");
	assert_int_equal(o.code, 2);
	assert_string_equal(o.out, "");
	json_t *report = parse(get("report")), *files = json_object_get(report, "files");
	assert_int_equal(json_array_size(files), 3);
	assert_int_equal(json_array_size(json_object_get(json_array_get(files, 0), "findings")), 0);
	assert_int_equal(number(json_object_get(json_array_get(files, 1), "error"), "line"), 2);
	assert_string_equal(json_string_value(json_object_get(json_array_get(files, 2), "path_base64")),
			    "/y5Eb2NrZXJmaWxl");
	json_decref(report);
	report = parse(unroot("check --output-format json -q none").out);
	assert_int_equal(json_array_size(json_object_get(report, "files")), 0);
	json_decref(report);
}

static void text_and_concise(void **state)
{
	(void)state;
	put_fixable("Dockerfile");
	assert_holds(unroot("check").out, "Dockerfile:4:1: run-as-root (safe): ");
	assert_holds(unroot("check -v").out, "\n  4 | CMD [\"node\", \"server.js\"]\n    | ^^^");
	const char *concise = unroot("check --output-format concise").out;
	for (const char *line = concise; *line; line = strchr(line, '\n') + 1)
		assert_int_equal(strncmp(line, "Dockerfile:", 11), 0);
	assert_int_equal(unroot("check --output-format xml").code, 2);
	assert_int_equal(unroot("fix --diff --output-format json").code, 2);
	assert_int_equal(unroot("check --output-file none/report").code, 2);
	assert_int_equal(unroot("fix --diff --output-format json --output-file report").code, 1);
	json_decref(parse(get("report")));
}

static void tokens_give_every_byte_back(void **state)
{
	(void)state;
	put("Dockerfile", "\xEF\xBB\xBF# c\r\nfrom a\\\n # x\n  as b\nRUN <<E\nhi\nE\nCOPY [\"a\", \"b\"]");
	struct buf all = buf_new(&cli_arena);
	json_t *document = parse(unroot("tokens Dockerfile").out), *token;
	size_t i;
	json_array_foreach(json_object_get(document, "tokens"), i, token) {
		assert_int_equal(number(token, "start"), all.n);
		buf_add(&all, str_of(json_string_value(json_object_get(token, "text"))));
	}
	assert_string_equal(arena_str(&cli_arena, buf_str(&all)).p, get("Dockerfile"));
	assert_int_equal(json_array_size(json_object_get(document, "instructions")), 3);
	json_decref(document);
	assert_string_equal(unroot("tokens --sexp Dockerfile").out,
			    "== Dockerfile\nfrom \"a\" \"as\" \"b\"\nrun \"<<E\"\ncopy \"a\" \"b\"\n");
	put("bad", "FROM a\nRUN <<E\n");
	assert_holds(unroot("tokens --sexp bad").out, "== bad\nerror 2: ");
	document = parse(shell("printf 'FROM \\377\\n' | \"$U\" tokens -").out);
	assert_string_equal(json_string_value(json_object_get(json_array_get(json_object_get(document, "tokens"), 2),
							      "text_base64")),
			    "/w==");
	json_decref(document);
	assert_int_equal(unroot("tokens none").code, 2);
	assert_int_equal(unroot("tokens").code, 2);
}

static void explanations(void **state)
{
	(void)state;
	assert_holds(unroot("explain").out, "run-as-root\n");
	assert_holds(unroot("explain run-as-root").out, "run-as-root");
	struct outcome o = unroot("explain run-as-rot");
	assert_int_equal(o.code, 2);
	assert_string_equal(o.err, "unroot: unknown rule run-as-rot (did you mean run-as-root?)\n");
}

static void help_fits_a_screen(void **state)
{
	static const char *const commands[] = {"", "fix", "check", "explain", "tokens"};
	(void)state;
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		struct outcome o = unroot(arena_printf(&cli_arena, "%s --help", commands[i]).p);
		assert_int_equal(o.code, 0);
		size_t lines = 0, width = 0;
		for (const char *p = o.out; *p; p++) {
			width = *p == '\n' ? 0 : width + 1;
			lines += *p == '\n';
			if (width >= 80)
				fail_msg("%s: a line is too wide", commands[i]);
		}
		assert_true(lines < 24);
	}
}

static void help_names_every_option(void **state)
{
	static const char *const names[] = {
		"all-targets", "break-links", "build-arg", "check", "color", "config", "context", "diff", "exclude",
		"exit-zero", "force-exclude", "gid", "ignore", "isolated", "numeric", "output-file", "output-format",
		"ownership", "placement", "ports", "select", "show-config", "stdin-filename", "stdin-filepath", "target",
		"templates", "uid", "unsafe-fixes", "user",
	};
	(void)state;
	const char *help = unroot("fix --help").out;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		assert_holds(help, arena_printf(&cli_arena, "--%s", names[i]).p);
}

static void misuse(void **state)
{
	static const struct {
		const char *arguments, *said;
	} cases[] = {
		{"", "Usage: unroot COMMAND"},
		{"fxi", "unroot: unknown command fxi"},
		{"chek", "unroot: unknown command chek (did you mean check?)\n"},
		{"fix --dif=1", "unroot: option --diff takes no value\n"},
		{"fix --difff", "unroot: unknown option --difff (did you mean --diff?)\n"},
		{"fix --uid", "unroot: option --uid needs a value\n"},
		{"fix -j", "unroot: option -j needs a value\n"},
		{"fix -z", "unroot: unknown option -z\n"},
		{"fix --uid 0", "unroot: --uid: \"0\" is not valid, expected a number from 1 to 4294967294 (0 is root)\n"},
		{"fix --placement soon", "unroot: --placement: \"soon\" is not valid, expected late or early\n"},
		{"fix --build-arg A", "unroot: --build-arg: \"A\" is not valid, expected NAME=VALUE\n"},
		{"fix --diff --check", "unroot: --diff and --check cannot be used together\n"},
		{"check --diff", "unroot: unknown option --diff"},
		{"check --color red", "unroot: --color: \"red\" is not valid, expected auto, always or never\n"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct outcome o = unroot(cases[i].arguments);
		assert_int_equal(o.code, 2);
		assert_string_equal(o.out, "");
		assert_ptr_equal(strstr(o.err, cases[i].said), o.err);
	}
	assert_holds(unroot("--version").out, "unroot ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLI_TEST(json_holds_the_edits), CLI_TEST(json_of_many_files), CLI_TEST(text_and_concise),
		CLI_TEST(tokens_give_every_byte_back), CLI_TEST(explanations), CLI_TEST(help_fits_a_screen), CLI_TEST(help_names_every_option),
		CLI_TEST(misuse),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
