#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "project/image_rows.h"
#include "project/yaml.h"
#include "support/support.h"

/* The errors of a configuration, and what it sets. */
static void read_yaml(const char *text, const char *errors, const char *shown)
{
	struct arena a;
	struct settings settings = {0};
	arena_init(&a, NULL, 0);
	struct buf said = buf_new(&a), out = buf_new(&a);
	bool ok = yaml_read(&a, "f.yaml", str_of(text), &settings, &said);
	settings_show(&settings, &out);
	assert_string_equal(arena_str(&a, buf_str(&said)).p, errors);
	assert_int_equal(ok, *errors == 0);
	if (ok)
		assert_string_equal(arena_str(&a, buf_str(&out)).p, shown);
	arena_free(&a);
}

static void what_is_set_is_shown(void **state)
{
	(void)state;
	read_yaml("", "", "");
	read_yaml("# nothing\n", "", "");
	read_yaml("uid: 1234\n", "", "uid: 1234\n");
	read_yaml("exclude: [a, \"b\"]\n", "", "exclude:\n  - \"a\"\n  - \"b\"\n");
	read_yaml("ignore: uid-taken\n", "", "ignore:\n  - \"uid-taken\"\n");
	read_yaml("ignore: []\nplacement: early\n", "", "placement: early\n");
	read_yaml("build-args:\n  A: 1\n  B: \"x y\"\n", "", "build-args:\n  \"A\": \"1\"\n  \"B\": \"x y\"\n");
	read_yaml("ports-map: {80: 8081}\n", "", "ports-map:\n  \"80\": \"8081\"\n");
	read_yaml("user: app:staff\nnumeric: true\nports: keep\n", "",
		  "user: app:staff\nnumeric: true\nports: keep\n");
	read_yaml("target: \"a\\nb\"\n", "", "target: \"a\\x0Ab\"\n");
	read_yaml("images: a.tsv\nforce-exclude: true\n", "", "force-exclude: true\nimages: \"a.tsv\"\n");
}

static const char one_row[] = "# ours\n"
			      "images:\n"
			      "  - key: [reg/a, reg/b]\n"
			      "    family: debian\n"
			      "    shell: yes\n"
			      "    accounts:\n"
			      "      - '@debian'\n"
			      "      - app:5000:5000:/app\n";

static void rows_of_images(void **state)
{
	(void)state;
	const char *shown = "images:\n  - key: \"reg/a,reg/b\"\n    family: \"debian\"\n    shell: \"yes\"\n"
			    "    accounts: \"@debian;app:5000:5000:/app\"\n";
	read_yaml(one_row, "", shown);
	read_yaml(shown, "", shown); /* what is shown can be read */
	read_yaml("images: []\n", "", "");
	read_yaml("images: {key: a}\n",
		  "f.yaml:1:1: images: expected the path of a table, or a list of rows (docs/images.md)\n", "");
	read_yaml("images: [a]\n",
		  "f.yaml:1:1: images: expected rows that are mappings of columns to texts (docs/images.md)\n", "");
	read_yaml("images:\n  - key: a\n    famly: debian\n", "f.yaml:3:5: unknown key famly (did you mean family?)\n",
		  "");
	read_yaml("images:\n  - key: '#a'\n    family: debian\n",
		  "f.yaml:2:5: images: a row needs a key, the image's name, and a family\n", "");
	read_yaml("images:\n  - key: a\n  - family: debian\n",
		  "f.yaml:2:5: images: a row needs a key, the image's name, and a family\n"
		  "f.yaml:3:5: images: a row needs a key, the image's name, and a family\n",
		  "");
	read_yaml("images:\n  - key: \"a\\tb\"\n    family: [debian]\n",
		  "f.yaml:2:5: key: expected a text of one line, or a list of them\n"
		  "f.yaml:3:5: family: expected a text of one line\n",
		  "");
}

/* A row stands at the line of the configuration that it stands at. */
static void rows_keep_their_lines(void **state)
{
	(void)state;
	struct arena a;
	struct settings settings = {0};
	arena_init(&a, NULL, 0);
	struct buf errors = buf_new(&a);
	assert_true(yaml_read(&a, "f.yaml", str_of(one_row), &settings, &errors));
	assert_string_equal(settings.image_rows, "\n\nreg/a,reg/b\t-\t-\tdebian\t-\tyes\t@debian;app:5000:5000:/app"
						 "\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\n");
	arena_free(&a);
}

/* The columns are those of the table. */
static void columns_of_images(void **state)
{
	(void)state;
	struct arena a;
	struct str line, name;
	arena_init(&a, NULL, 0);
	struct str table = file_bytes(&a, UNROOT_TEMPLATES "/images.tsv");
	while (str_split(&table, '\n', &line) && str_starts(line, STR("#")))
		;
	for (size_t i = 0; i < IMAGE_COLUMNS; i++) {
		assert_true(str_split(&line, '\t', &name));
		assert_string_equal(arena_str(&a, name).p, image_columns[i].name);
	}
	assert_null(line.p);
	arena_free(&a);
}

static void mistakes_have_a_place(void **state)
{
	(void)state;
	read_yaml("uid: 1\nplacment: late\n", "f.yaml:2:1: unknown key placment (did you mean placement?)\n", "");
	read_yaml("é: 1\n", "f.yaml:1:1: unknown key é\n", "");
	read_yaml("ports: é\n", "f.yaml:1:8: ports: é is not valid, expected remap or keep\n", "");
	read_yaml("uid: 0\n", "f.yaml:1:6: uid: 0 is not valid, expected a number from 1 to 4294967294 (0 is root)\n",
		  "");
	read_yaml("uid: [1]\n", "f.yaml:1:1: uid: expected one value\n", "");
	read_yaml("select: {a: b}\n", "f.yaml:1:1: select: expected a list of texts\n", "");
	read_yaml("build-args: [a]\n", "f.yaml:1:1: build-args: expected a mapping of names to texts\n", "");
	read_yaml("- a\n", "f.yaml:1:3: expected a mapping of keys to values\n", "");
	read_yaml("user: 9x\n",
		  "f.yaml:1:7: user: 9x is not valid, expected NAME or NAME:GROUP of letters, digits, _ . and -, "
		  "beginning with "
		  "a letter or _, at most 31 long\n",
		  "");
	read_yaml("select: [uid-taken, run-as-rot]\nignore:\n",
		  "f.yaml:1:21: select: run-as-rot is not valid, expected a rule; did you mean run-as-root?\n"
		  "f.yaml:2:1: ignore:  is not valid, expected a text that is not empty\n",
		  "");
	read_yaml("uid: 5\r\nuid: 6\r\n", "f.yaml:2:1: duplicate key uid\n", "");
	read_yaml("uid: 5\n---\nuid: 6\n", "f.yaml:3:1: expected one document\n", "");
	read_yaml("uid: 5\n...\n}\n", "f.yaml:3:1: did not find expected <document start>\n", "");
	read_yaml("select: [\n", "f.yaml:2:1: did not find expected node content while parsing a flow node\n", "");
	read_yaml("numeric: *x\n", "f.yaml:1:10: there is no anchor x\n", "");
	read_yaml("ports: &x keep\nnumeric: *x\n", "f.yaml:2:1: numeric: expected one value\n", "ports: keep\n");
}

static void the_command_line_wins(void **state)
{
	(void)state;
	struct arena a;
	struct settings config = {0}, line = {0};
	const char *expected;
	arena_init(&a, NULL, 0);
	struct buf out = buf_new(&a);
	assert_true(setting_set(&a, &config, setting_by_key(STR("uid")), STR("5"), &expected));
	assert_true(setting_set(&a, &config, setting_by_key(STR("select")), STR("uid-taken,run-as-root"), &expected));
	assert_true(setting_set(&a, &config, setting_by_key(STR("exclude")), STR("x"), &expected));
	assert_true(setting_set(&a, &config, setting_by_key(STR("build-args")), STR("A=1"), &expected));
	assert_true(setting_set(&a, &line, setting_by_key(STR("uid")), STR("6"), &expected));
	assert_true(setting_set(&a, &line, setting_by_key(STR("select")), STR("unknown-user"), &expected));
	assert_true(setting_set(&a, &line, setting_by_key(STR("exclude")), STR("y"), &expected));
	assert_true(setting_set(&a, &line, setting_by_key(STR("build-args")), STR("A=2=3"), &expected));
	assert_true(setting_set(&a, &line, setting_by_key(STR("build-args")), STR("B="), &expected));
	assert_false(setting_set(&a, &line, setting_by_key(STR("build-args")), STR("=x"), &expected));
	assert_false(setting_set(&a, &line, setting_by_key(STR("user")), STR("x:"), &expected));
	settings_merge(&a, &config, &line);
	settings_show(&config, &out);
	assert_string_equal(arena_str(&a, buf_str(&out)).p,
			    "select:\n  - \"unknown-user\"\nexclude:\n  - \"x\"\n  - \"y\"\n"
			    "build-args:\n  \"A\": \"2=3\"\n  \"B\": \"\"\nuid: 6\n");
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_set_is_shown),	 cmocka_unit_test(rows_of_images),
		cmocka_unit_test(rows_keep_their_lines), cmocka_unit_test(columns_of_images),
		cmocka_unit_test(mistakes_have_a_place), cmocka_unit_test(the_command_line_wins)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
