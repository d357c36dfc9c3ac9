/* The formats that other tools read, and --output-file. */
#define _GNU_SOURCE
#include "cli.h"

#include <jansson.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/utf8.h"
#include "support/support.h"

/* A byte order mark, CRLF, a character outside the first plane before an edit, and a byte that is no UTF-8. */
static const char hard[] = "\xEF\xBB\xBF"
			   "FROM node:20-slim\r\n"
			   "WORKDIR /srv\r\n"
			   "# \377 no UTF-8\r\n"
			   "COPY \xF0\x9F\x90\xB3 /srv/\r\n"
			   "CMD [\"node\", \"server.js\"]\r\n";

/* A path may hold anything but a slash and NUL. */
#define ODD_PATH "a b/100%,:<\"&\n.Dockerfile"

static void put_hard(void)
{
	put(ODD_PATH, hard);
}

static json_t *parse(const char *text)
{
	json_error_t error;
	json_t *value = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	if (!value)
		fail_msg("%s in:\n%s", error.text, text);
	return value;
}

/* Jansson's own paths: "runs", 0, "results" as one string with dots. */
static json_t *at(json_t *value, const char *path)
{
	struct str rest = str_of(path), name;
	uint32_t index;
	while (str_split(&rest, '.', &name))
		value = str_to_u32(name, &index) ? json_array_get(value, index)
						 : json_object_get(value, arena_str(&cli_arena, name).p);
	return value;
}

static size_t number(json_t *value, const char *path)
{
	return (size_t)json_integer_value(at(value, path));
}

static const char *text(json_t *value, const char *path)
{
	const char *s = json_string_value(at(value, path));
	return s ? s : "";
}

/* The offset of a line and a column in UTF-16 code units, as an editor finds it that has taken the mark off. */
static size_t offset_of(struct str s, size_t line, size_t column)
{
	size_t i = str_starts(s, STR("\xEF\xBB\xBF")) ? 3 : 0, width;
	for (; line > 1; line--)
		i = str_find_char(s, '\n', i) + 1;
	for (; column > 1; column--) {
		column -= utf8_decode(s, i, &width) > 0xFFFF;
		i += width;
	}
	return i;
}

/* The fixed file, as somebody makes it who has the report and the file. */
static const char *apply_sarif(json_t *report, struct str bytes)
{
	json_t *result, *replacement;
	struct buf out = buf_new(&cli_arena);
	size_t i, k, done = 0, fixes = 0;
	json_array_foreach(at(report, "runs.0.results"), i, result)
	{
		fixes += json_array_size(at(result, "fixes"));
		json_array_foreach(at(result, "fixes.0.artifactChanges.0.replacements"), k, replacement)
		{
			size_t start = number(replacement, "deletedRegion.byteOffset");
			size_t end = start + number(replacement, "deletedRegion.byteLength");
			assert_int_equal(start, offset_of(bytes, number(replacement, "deletedRegion.startLine"),
							  number(replacement, "deletedRegion.startColumn")));
			assert_int_equal(end, offset_of(bytes, number(replacement, "deletedRegion.endLine"),
							number(replacement, "deletedRegion.endColumn")));
			buf_add(&out, str_sub(bytes, done, start));
			buf_add(&out, str_of(text(replacement, "insertedContent.text")));
			done = end;
		}
	}
	assert_int_equal(fixes, 1);
	buf_add(&out, str_sub(bytes, done, bytes.n));
	return arena_str(&cli_arena, buf_str(&out)).p;
}

static void sarif_holds_the_fix(void **state)
{
	(void)state;
	put_hard();
	json_t *report = parse(unroot("check --output-format sarif -q").out);
	assert_string_equal(text(report, "version"), "2.1.0");
	assert_string_equal(text(report, "runs.0.columnKind"), "utf16CodeUnits");
	assert_true(json_is_true(at(report, "runs.0.invocations.0.executionSuccessful")));
	json_t *results = at(report, "runs.0.results"), *result;
	size_t i;
	json_array_foreach(results, i, result)
	{
		json_t *rules = at(report, "runs.0.tool.driver.rules");
		assert_string_equal(text(json_array_get(rules, number(result, "ruleIndex")), "id"),
				    text(result, "ruleId"));
		assert_string_equal(text(result, "locations.0.physicalLocation.artifactLocation.uri"),
				    "a%20b/100%25%2C%3A%3C%22%26%0A.Dockerfile");
	}
	assert_true(json_array_size(results) > 1);
	const char *fixed = apply_sarif(report, str_of(hard));
	json_decref(report);
	unroot("fix -q");
	assert_string_equal(get(ODD_PATH), fixed);
	assert_string_not_equal(fixed, hard);
}

static void sarif_tells_what_failed(void **state)
{
	(void)state;
	put_refused("nowhere");
	put_clean("Dockerfile");
	json_t *report = parse(unroot("check --output-format sarif -q Dockerfile nowhere").out);
	json_t *invocation = at(report, "runs.0.invocations.0"), *notes = at(invocation, "toolExecutionNotifications");
	assert_true(json_is_false(at(invocation, "executionSuccessful")));
	assert_int_equal(json_array_size(at(report, "runs.0.results")), 0);
	assert_int_equal(json_array_size(notes), 1);
	assert_int_equal(number(notes, "0.locations.0.physicalLocation.region.startLine"), 2);
	json_decref(report);
	put_fixable("Dockerfile");
	report = parse(unroot("check --output-format sarif -q \"$PWD/Dockerfile\"").out);
	const char *uri = text(report, "runs.0.results.0.locations.0.physicalLocation.artifactLocation.uri");
	assert_int_equal(strncmp(uri, "file:///", 8), 0);
	json_decref(report);
}

/* The reports that follow are of one file: a copy with --chown, and USER above the start command. */
static void github_annotates_lines(void **state)
{
	(void)state;
	put_hard();
	struct outcome o = unroot("check --output-format github -q");
	assert_int_equal(o.code, 1);
	assert_holds(o.out, "::warning file=a b/100%25%2C%3A<\"&%0A.Dockerfile,line=4,endLine=4,col=1,endColumn=14,"
			    "title=unroot%3A copy-without-chown (safe)::");
	put("a b/100%,:<\"&\n.Dockerfile", "FROM node:20-slim\nWORKDIR /srv\nCOPY . .\nCMD node \\\n  server.js\n");
	o = unroot("check --output-format github -q");
	assert_holds(o.out, ",line=4,endLine=5,title=unroot%3A run-as-root (safe)::");
	for (const char *line = o.out; *line; line = strchr(line, '\n') + 1)
		assert_int_equal(strncmp(line, "::warning file=", 15), 0);
	put("Dockerfile", "FROM scratch\nRUN <<E\n");
	assert_holds(unroot("check --output-format github -q Dockerfile").out,
		     "::error file=Dockerfile,line=2,title=unroot::");
}

static void messages_are_text(void **state)
{
	(void)state;
	put("Dockerfile", "FROM node:20-slim\nWORKDIR /s\033\377v\nCOPY . .\nCMD [\"node\", \"server.js\"]\n");
	const char *formats[] = {"github", "checkstyle", "gitlab", "sarif", "rdjson"};
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
		const char *out = unroot(arena_printf(&cli_arena, "check -q --output-format %s", formats[i]).p).out;
		assert_holds(out, "copied to /s\xEF\xBF\xBD\xEF\xBF\xBDv belongs");
		assert_lacks(out, "\033");
		assert_lacks(out, "\377");
	}
}

static void checkstyle_is_escaped(void **state)
{
	(void)state;
	put_hard();
	const char *out = unroot("check --output-format checkstyle -q").out;
	assert_holds(out, "<file name=\"a b/100%,:&#60;&#34;&#38;&#10;.Dockerfile\">\n");
	assert_holds(out, "<error line=\"4\" column=\"1\" severity=\"warning\" message=\"");
	assert_holds(out, "\" source=\"unroot.copy-without-chown\"/>\n");
}

/* The fingerprints of a report, in its order. */
static const char *fingerprints(const char *arguments)
{
	struct buf all = buf_new(&cli_arena);
	json_t *report = parse(unroot(arena_printf(&cli_arena, "check -q --output-format gitlab %s", arguments).p).out),
	       *one;
	size_t i;
	json_array_foreach(report, i, one)
	{
		assert_int_equal(strlen(text(one, "fingerprint")), 16);
		assert_null(strstr(arena_str(&cli_arena, buf_str(&all)).p, text(one, "fingerprint")));
		buf_printf(&all, "%s\n", text(one, "fingerprint"));
	}
	assert_true(json_array_size(report) > 2);
	json_decref(report);
	return arena_str(&cli_arena, buf_str(&all)).p;
}

static void fingerprints_stay(void **state)
{
	static const char body[] =
		"FROM node:20-slim\nWORKDIR /srv\nCOPY . .\nCOPY . .\nCMD [\"node\", \"server.js\"]\n";
	(void)state;
	put("Dockerfile", body);
	const char *before = fingerprints("Dockerfile");
	put("Dockerfile", arena_printf(&cli_arena, "# a line\n\n%s", body).p);
	assert_string_equal(fingerprints("./Dockerfile"), before);
	put("Dockerfile", arena_str(&cli_arena, with_crlf(&cli_arena, str_of(body))).p);
	assert_string_equal(fingerprints("Dockerfile"), before);
	put("other/Dockerfile", body);
	assert_string_not_equal(fingerprints("other/Dockerfile"), before);
}

static void gitlab_has_what_it_needs(void **state)
{
	(void)state;
	put_hard();
	put_refused("Dockerfile");
	json_t *report = parse(unroot("check --output-format gitlab -q .").out), *one;
	size_t i;
	json_array_foreach(report, i, one)
	{
		assert_true(*text(one, "description") && *text(one, "check_name") && *text(one, "severity"));
		assert_true(*text(one, "location.path") && number(one, "location.lines.begin") > 0);
	}
	assert_string_equal(text(report, "0.location.path"), "Dockerfile");
	assert_string_equal(text(report, "0.severity"), "critical");
	assert_string_equal(text(report, "1.location.path"), ODD_PATH);
	json_decref(report);
	assert_string_equal(unroot("check --output-format gitlab -q none.Dockerfile").out, "[\n\n]\n");
}

static void rdjson_suggests_lines(void **state)
{
	(void)state;
	put("Dockerfile", "FROM node:20-slim\nWORKDIR /srv\nCOPY \xC3\xA9 /srv/\nCMD [\"node\", \"server.js\"]\n");
	json_t *report = parse(unroot("check --output-format rdjson -q").out), *one, *copy = NULL, *start = NULL;
	size_t i;
	json_array_foreach(at(report, "diagnostics"), i, one)
	{
		copy = strcmp(text(one, "code.value"), "copy-without-chown") == 0 ? one : copy;
		start = strcmp(text(one, "code.value"), "run-as-root") == 0 ? one : start;
	}
	assert_int_equal(number(copy, "location.range.end.column"), 14); /* é counts two */
	assert_int_equal(number(copy, "suggestions.0.range.start.line"), 3);
	assert_string_equal(text(copy, "suggestions.0.text"),
			    "RUN chown node:node /srv\nCOPY --chown=node:node \xC3\xA9 /srv/");
	assert_string_equal(text(start, "suggestions.0.text"), "USER node\nCMD [\"node\", \"server.js\"]");
	json_decref(report);
}

/* What is left stands where it is once the fixes are written. */
static void written_fixes_are_no_findings(void **state)
{
	static const char *const formats[] = {"sarif", "github", "gitlab", "checkstyle", "rdjson"};
	static const char two[] = "FROM node:20-slim AS one\nWORKDIR /srv\nCOPY . .\nCMD [\"node\", \"server.js\"]\n"
				  "FROM debian:12\nCOPY app /usr/local/bin/app\nCMD [\"/usr/local/bin/app\"]\n";
	(void)state;
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
		put("Dockerfile", two);
		/* The message names a line as well, of the file that was judged. */
		const char *run =
			arena_printf(&cli_arena, " --all-targets -q --output-format %s | sed 's/ line [0-9]*:/ line:/'",
				     formats[i])
				.p;
		const char *during = shell(arena_printf(&cli_arena, "\"$U\" fix %s", run).p).out;
		assert_string_not_equal(get("Dockerfile"), two);
		assert_holds(during, "run-as-root");
		assert_string_equal(during, shell(arena_printf(&cli_arena, "\"$U\" check %s", run).p).out);
	}
}

/* --output-file */

static void the_file_is_whole_or_as_it_was(void **state)
{
	(void)state;
	put_fixable("Dockerfile");
	put("report", "old\n");
	/* While the program waits for its input, the old report is there. */
	shell("(sleep 0.3; cp report seen; cat Dockerfile) | \"$U\" check -q --output-file report -");
	assert_string_equal(get("seen"), "old\n");
	assert_holds(get("report"), "<stdin>:4:1: run-as-root");
	struct outcome o = shell(WITHOUT_COUNTERS "ulimit -f 1; exec \"$U\" check -q --output-format sarif --output-file report");
	assert_int_equal(o.code, 2);
	assert_holds(o.err, "report: cannot be written: ");
	assert_holds(get("report"), "<stdin>:4:1: run-as-root");
	assert_string_equal(shell("ls -A").out, "Dockerfile\nreport\nseen\n");
}

static unsigned mode_of(const char *path)
{
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static void the_file_keeps_what_it_is(void **state)
{
	(void)state;
	put_fixable("Dockerfile");
	shell("umask 027; \"$U\" check -q --output-file new; umask 0; \"$U\" check -q --output-file sub/../open");
	assert_int_equal(mode_of("new"), 0640);
	shell("mkdir sub; umask 0; \"$U\" check -q --output-file sub/open");
	assert_int_equal(mode_of("sub/open"), 0666);
	shell("chmod 604 new; ln -s new link; ln new hard; : >new; \"$U\" check -q --output-file link");
	assert_int_equal(mode_of("new"), 0604);
	assert_string_equal(shell("readlink link").out, "new\n");
	assert_holds(get("hard"), "run-as-root"); /* still the same file */
	shell("rm -f link new; ln -s new link; \"$U\" check -q --output-file link");
	assert_holds(get("new"), "run-as-root");
	assert_holds(shell("\"$U\" check -q --output-file /dev/stdout | cat").out, "run-as-root");
	assert_int_equal(unroot("check -q --output-file sub").code, 2);
	assert_string_equal(unroot("check -q --output-file none/report").err,
			    "none/report: cannot be written: No such file or directory\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLI_TEST(sarif_holds_the_fix),		 CLI_TEST(sarif_tells_what_failed),
		CLI_TEST(github_annotates_lines),	 CLI_TEST(messages_are_text),
		CLI_TEST(checkstyle_is_escaped),	 CLI_TEST(fingerprints_stay),
		CLI_TEST(gitlab_has_what_it_needs),	 CLI_TEST(rdjson_suggests_lines),
		CLI_TEST(written_fixes_are_no_findings), CLI_TEST(the_file_is_whole_or_as_it_was),
		CLI_TEST(the_file_keeps_what_it_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
