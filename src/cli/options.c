#define _GNU_SOURCE
#include "cli/options.h"

#include <getopt.h>
#include <stdio.h>

#include "cli/exit.h"
#include "project/nearest.h"

enum action {
	ON_FLAG,
	ON_TEXT,
	ON_PATH,
	ON_SETTING,
	ON_FORMAT,
	ON_COLOUR,
	ON_JOBS,
	ON_LIST,
	ON_SECONDS,
	ON_HELP,
	ON_VERSION
};

struct option_row {
	const char *name; /* NULL ends the table */
	char letter;
	enum action action;
	size_t offset; /* in struct options */
	unsigned commands;
};

#define FIELD(name) offsetof(struct options, name)
#define RUNS (FOR_FIX | FOR_CHECK)
#define ALL (FOR_FIX | FOR_CHECK | FOR_EXPLAIN | FOR_FACTS | FOR_TOKENS | FOR_COMPLETION | FOR_VERIFY | FOR_LSP)
#define FIXES (RUNS | FOR_VERIFY | FOR_LSP)

static const struct option_row rows[] = {
	{"diff", 0, ON_FLAG, FIELD(diff), FOR_FIX},
	{"check", 0, ON_FLAG, FIELD(check), FOR_FIX},
	{"break-links", 0, ON_FLAG, FIELD(break_links), FOR_FIX},
	{"stdin-filename", 0, ON_PATH, FIELD(stdin_name), RUNS},
	{"stdin-filepath", 0, ON_PATH, FIELD(stdin_name), RUNS},
	{"unsafe-fixes", 0, ON_SETTING, 0, FIXES},
	{"select", 0, ON_SETTING, 0, FIXES},
	{"ignore", 0, ON_SETTING, 0, FIXES},
	{"target", 0, ON_SETTING, 0, FIXES | FOR_FACTS},
	{"all-targets", 0, ON_SETTING, 0, RUNS | FOR_FACTS | FOR_LSP},
	{"build-arg", 0, ON_SETTING, 0, FIXES | FOR_FACTS},
	{"user", 0, ON_SETTING, 0, FIXES},
	{"uid", 0, ON_SETTING, 0, FIXES},
	{"gid", 0, ON_SETTING, 0, FIXES},
	{"numeric", 0, ON_SETTING, 0, FIXES},
	{"placement", 0, ON_SETTING, 0, FIXES},
	{"ownership", 0, ON_SETTING, 0, FIXES},
	{"ports", 0, ON_SETTING, 0, FIXES},
	{"templates", 0, ON_SETTING, 0, FIXES | FOR_FACTS},
	{"context", 0, ON_PATH, FIELD(context), FIXES | FOR_FACTS},
	{"config", 0, ON_PATH, FIELD(config), FIXES | FOR_FACTS},
	{"isolated", 0, ON_FLAG, FIELD(isolated), FIXES | FOR_FACTS},
	{"show-config", 0, ON_FLAG, FIELD(show_config), RUNS},
	{"exclude", 0, ON_SETTING, 0, RUNS | FOR_LSP},
	{"force-exclude", 0, ON_SETTING, 0, RUNS | FOR_LSP},
	{"output-format", 0, ON_FORMAT, 0, RUNS | FOR_VERIFY | FOR_FACTS},
	{"output-file", 0, ON_PATH, FIELD(output_file), RUNS},
	{"exit-zero", 0, ON_FLAG, FIELD(exit_zero), RUNS},
	{"color", 0, ON_COLOUR, 0, RUNS},
	{"jobs", 'j', ON_JOBS, 0, RUNS},
	{"quiet", 'q', ON_FLAG, FIELD(quiet), RUNS | FOR_VERIFY},
	{"verbose", 'v', ON_FLAG, FIELD(verbose), RUNS},
	{"fixed", 0, ON_PATH, FIELD(fixed), FOR_VERIFY},
	{"engine", 0, ON_TEXT, FIELD(engine), FOR_VERIFY},
	{"network", 0, ON_TEXT, FIELD(network), FOR_VERIFY},
	{"build-network", 0, ON_TEXT, FIELD(build_network), FOR_VERIFY},
	{"command", 0, ON_TEXT, FIELD(command), FOR_VERIFY},
	{"exec", 0, ON_TEXT, FIELD(exec), FOR_VERIFY},
	{"http", 0, ON_LIST, FIELD(http), FOR_VERIFY},
	{"timeout", 0, ON_SECONDS, FIELD(timeout), FOR_VERIFY},
	{"build-timeout", 0, ON_SECONDS, FIELD(build_timeout), FOR_VERIFY},
	{"strict", 0, ON_FLAG, FIELD(strict), FOR_VERIFY},
	{"keep", 0, ON_FLAG, FIELD(keep), FOR_VERIFY},
	{"sexp", 0, ON_FLAG, FIELD(sexp), FOR_TOKENS},
	{"stdio", 0, ON_FLAG, FIELD(stdio), FOR_LSP},
	{"help", 'h', ON_HELP, 0, ALL},
	{"version", 'V', ON_VERSION, 0, ALL},
};
enum { ROWS = sizeof rows / sizeof *rows, FIRST_CODE = 256 };

static const struct setting *setting_of(const struct option_row *row)
{
	for (size_t i = 0; i < SETTING_COUNT; i++)
		if (settings_table[i].option && strcmp(settings_table[i].option, row->name) == 0)
			return &settings_table[i];
	return NULL;
}

static bool takes_value(const struct option_row *row)
{
	if (row->action == ON_SETTING)
		return setting_of(row)->kind != SETTING_FLAG;
	return row->action != ON_FLAG && row->action != ON_HELP && row->action != ON_VERSION;
}

static int usage(const char *format, const char *name, const char *value)
{
	fputs("unroot: ", stderr);
	fprintf(stderr, format, name, value);
	fputs("\n", stderr);
	return EXIT_FAILED;
}

static int bad_value(const char *name, const char *value, const char *expected)
{
	fprintf(stderr, "unroot: --%s: \"%s\" is not valid, expected %s\n", name, value, expected);
	return EXIT_FAILED;
}

static const char *const colours[] = {"auto", "always", "never"};

static int read_colour(struct options *o, const char *value)
{
	for (size_t i = 0; i < 3; i++)
		if (strcmp(value, colours[i]) == 0) {
			o->colour = (enum colour)i;
			return OPTIONS_GO;
		}
	return bad_value("color", value, "auto, always or never");
}

static int read_jobs(struct options *o, const char *value)
{
	uint32_t jobs;
	if (!str_to_u32(str_of(value), &jobs) || jobs == 0 || jobs > 1024)
		return bad_value("jobs", value, "a number from 1 to 1024");
	o->jobs = jobs;
	return OPTIONS_GO;
}

/* "15", "0.5": milliseconds. */
static int read_seconds(const struct option_row *row, unsigned *field, const char *value)
{
	struct str rest = str_of(value), whole, part;
	uint32_t seconds, milliseconds = 0;
	bool good = str_split(&rest, '.', &whole) && str_to_u32(whole, &seconds) && seconds <= 86400;
	if (good && str_split(&rest, '.', &part)) {
		good = part.n <= 3 && str_to_u32(part, &milliseconds) && !rest.p;
		for (size_t i = part.n; i < 3; i++)
			milliseconds *= 10;
	}
	if (!good || seconds + milliseconds == 0)
		return bad_value(row->name, value, "a number of seconds up to 86400, such as 15 or 0.5");
	*field = 1000 * seconds + milliseconds;
	return OPTIONS_GO;
}

static int add_to_list(struct options *o, struct text_list *list, const char *value)
{
	*VEC_PUSH(o->arena, *list) = value;
	*VEC_PUSH(o->arena, *list) = NULL;
	list->n--;
	return OPTIONS_GO;
}

static int read_setting(struct options *o, const struct option_row *row, const char *value)
{
	const char *expected;
	if (setting_set(o->arena, &o->settings, setting_of(row), str_of(value ? value : "true"), &expected))
		return OPTIONS_GO;
	return bad_value(row->name, value, expected);
}

static int act(struct options *o, const struct option_row *row, const char *value, const char *help)
{
	void *field = (char *)o + row->offset;
	switch (row->action) {
	case ON_FLAG:
		*(bool *)field = true;
		return OPTIONS_GO;
	case ON_TEXT:
	case ON_PATH:
		*(const char **)field = value;
		return *value ? OPTIONS_GO : bad_value(row->name, value, "a name");
	case ON_SETTING:
		return read_setting(o, row, value);
	case ON_FORMAT:
		o->format = report_format_by_name(value);
		return o->format ? OPTIONS_GO : bad_value(row->name, value, report_format_names);
	case ON_COLOUR:
		return read_colour(o, value);
	case ON_JOBS:
		return read_jobs(o, value);
	case ON_LIST:
		return add_to_list(o, field, value);
	case ON_SECONDS:
		return read_seconds(row, field, value);
	case ON_HELP:
		fputs(help, stdout);
		return EXIT_DONE;
	case ON_VERSION:
		printf("unroot %s\n", unroot_version());
		return EXIT_DONE;
	}
	return EXIT_FAILED;
}

static int unknown(unsigned command, const char *word)
{
	size_t equals = str_find_char(str_of(word), '=', 0);
	struct str name = equals == STR_NONE ? str_of(word) : (struct str){word, equals};
	if (!str_starts(name, STR("--")))
		return usage("unknown option %s%s", word, "");
	struct nearest near = nearest_to(str_sub(name, 2, name.n));
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].commands & command)
			nearest_try(&near, rows[i].name);
	if (near.word)
		return usage("unknown option %s (did you mean --%s?)", word, near.word);
	return usage("unknown option %s%s", word, "");
}

static int misuse(unsigned command, int answer, char **argv)
{
	const char letter[] = {'-', (char)optopt, 0};
	if (answer == ':' || optopt >= FIRST_CODE) {
		bool given = answer != ':';
		const char *word = optopt >= FIRST_CODE ? rows[optopt - FIRST_CODE].name : letter + 1;
		return usage(given ? "option %s%s takes no value" : "option %s%s needs a value",
			     optopt >= FIRST_CODE ? "--" : "-", word);
	}
	return unknown(command, optopt ? letter : argv[optind - 1]);
}

static int check_combination(const struct options *o)
{
	if (o->diff && o->check)
		return usage("%s and %s cannot be used together", "--diff", "--check");
	if (o->isolated && o->config)
		return usage("%s and %s cannot be used together", "--isolated", "--config");
	return OPTIONS_GO;
}

int options_read(struct options *o, struct arena *a, unsigned command, int argc, char **argv, const char *help)
{
	struct option table[ROWS + 1] = {0};
	char letters[2 * ROWS + 2] = ":", *letter = letters + 1;
	size_t n = 0;
	*o = (struct options){.arena = a};
	for (size_t i = 0; i < ROWS; i++) {
		bool value = takes_value(&rows[i]);
		if (!(rows[i].commands & command))
			continue;
		table[n++] = (struct option){rows[i].name, value ? required_argument : no_argument, NULL,
					     FIRST_CODE + (int)i};
		if (rows[i].letter) {
			*letter++ = rows[i].letter;
			if (value)
				*letter++ = ':';
		}
	}
	opterr = 0;
	optind = 1;
	for (int code; (code = getopt_long(argc, argv, letters, table, NULL)) != -1;) {
		const struct option_row *row = NULL;
		if (code == '?' || code == ':')
			return misuse(command, code, argv);
		for (size_t i = 0; i < ROWS && !row; i++)
			if (code == FIRST_CODE + (int)i || code == rows[i].letter)
				row = &rows[i];
		int answer = act(o, row, optarg, help);
		if (answer != OPTIONS_GO)
			return answer;
	}
	o->paths = argv + optind;
	o->path_count = (size_t)(argc - optind);
	return check_combination(o);
}

bool options_info(size_t i, struct option_info *out)
{
	if (i >= ROWS)
		return false;
	const struct option_row *row = &rows[i];
	const struct setting *setting = row->action == ON_SETTING ? setting_of(row) : NULL;
	*out = (struct option_info){.name = row->name,
				    .letter = row->letter,
				    .commands = row->commands,
				    .value = takes_value(row),
				    .path = row->action == ON_PATH || (setting && setting->kind == SETTING_PATH)};
	if (row->action == ON_COLOUR)
		memcpy(out->words, colours, sizeof colours);
	if (row->action == ON_FORMAT)
		for (size_t n = 0; report_formats[n]; n++)
			out->words[n] = report_formats[n]->name;
	if (setting && setting->kind == SETTING_CHOICE)
		memcpy(out->words, setting->choices, sizeof setting->choices);
	return true;
}
