#define _GNU_SOURCE
#include "bot/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "project/nearest.h"

static const char help[] = "Usage: unroot-bot [OPTION]... [CLONE]...\n"
			   "       unroot-bot [OPTION]... --repo OWNER/NAME...\n"
			   "Opens pull requests that make containers run as a non-root user, and keeps them\n"
			   "up to date. CLONE is a directory (default: .); with --repo none is needed.\n\n"
			   "      --dry-run             print title, body and diff; asks no network, exit 1\n"
			   "                            when a request would be opened\n"
			   "      --group repository|file   one request for each (repository)\n"
			   "      --base BRANCH, --branch NAME   from and to (the default one, unroot/fix)\n"
			   "      --label LABEL, --draft, --signoff   of the requests and commits\n"
			   "      --fork                push to a fork of your own\n"
			   "      --commit git|api      who makes commits (git in a clone, else the API)\n"
			   "      --verify              build and run both images first (unroot verify)\n"
			   "      --limit N             open at most N requests in this run\n"
			   "      --suggest NUMBER      suggest changes on this request instead (GitHub)\n"
			   "      --forge github|gitlab|gitea, --api URL, --remote NAME (origin)\n"
			   "      --wait SECONDS        for a server that is busy, at most (300)\n"
			   "      --config FILE, --isolated; and unroot fix's options: --select, --ignore,\n"
			   "      --unsafe-fixes, --user, --ports, ...\n"
			   "  -q, -v (each request), -h, -V\n\n"
			   "Tokens come from the environment: GH_TOKEN, GITHUB_TOKEN, GITLAB_TOKEN,\n"
			   "GITEA_TOKEN, FORGEJO_TOKEN. Exit codes: 0 done, 1 see --dry-run, 2 failure.\n";

enum action { ON_FLAG, ON_TEXT, ON_LIST, ON_NUMBER, ON_GROUP, ON_COMMIT, ON_FORGE, ON_HELP, ON_VERSION };

struct row {
	const char *name;
	char letter;
	enum action action;
	size_t offset;
};

#define FIELD(name) offsetof(struct bot_options, name)

static const struct row rows[] = {
	{"dry-run", 0, ON_FLAG, FIELD(dry_run)},
	{"group", 0, ON_GROUP, 0},
	{"base", 0, ON_TEXT, FIELD(base)},
	{"branch", 0, ON_TEXT, FIELD(branch)},
	{"label", 0, ON_LIST, FIELD(labels)},
	{"labels", 0, ON_LIST, FIELD(labels)},
	{"draft", 0, ON_FLAG, FIELD(draft)},
	{"signoff", 0, ON_FLAG, FIELD(sign_off)},
	{"fork", 0, ON_FLAG, FIELD(fork)},
	{"commit", 0, ON_COMMIT, 0},
	{"verify", 0, ON_FLAG, FIELD(verify)},
	{"limit", 0, ON_NUMBER, FIELD(limit)},
	{"suggest", 0, ON_NUMBER, FIELD(suggest)},
	{"forge", 0, ON_FORGE, 0},
	{"api", 0, ON_TEXT, FIELD(api)},
	{"remote", 0, ON_TEXT, FIELD(remote)},
	{"repo", 0, ON_LIST, FIELD(repositories)},
	{"wait", 0, ON_NUMBER, FIELD(wait)},
	{"config", 0, ON_TEXT, FIELD(config)},
	{"isolated", 0, ON_FLAG, FIELD(isolated)},
	{"quiet", 'q', ON_FLAG, FIELD(quiet)},
	{"verbose", 'v', ON_FLAG, FIELD(verbose)},
	{"help", 'h', ON_HELP, 0},
	{"version", 'V', ON_VERSION, 0},
};
enum { ROWS = sizeof rows / sizeof *rows, FIRST_ROW = 256, FIRST_SETTING = FIRST_ROW + ROWS };

static int usage(const char *format, const char *name, const char *value)
{
	fputs("unroot-bot: ", stderr);
	fprintf(stderr, format, name, value);
	fputs("\n", stderr);
	return BOT_FAILED;
}

static int bad_value(const char *name, const char *value, const char *expected)
{
	fprintf(stderr, "unroot-bot: --%s: \"%s\" is not valid, expected %s\n", name, value, expected);
	return BOT_FAILED;
}

static void append(struct arena *a, struct text_list *list, const char *text)
{
	*VEC_PUSH(a, *list) = text;
	*VEC_PUSH(a, *list) = NULL;
	list->n--;
}

static int read_list(struct bot_options *o, struct text_list *list, const char *value)
{
	struct str rest = str_of(value), part;
	while (str_split(&rest, ',', &part))
		if (str_trim(part).n)
			append(o->arena, list, arena_str(o->arena, str_trim(part)).p);
	return BOT_GO;
}

static int read_number(uint32_t *field, const struct row *row, const char *value)
{
	if (str_to_u32(str_of(value), field) && *field > 0)
		return BOT_GO;
	return bad_value(row->name, value, "a number from 1");
}

static int read_commit(struct bot_options *o, const struct row *row, const char *value)
{
	if (strcmp(value, "git") != 0 && strcmp(value, "api") != 0)
		return bad_value(row->name, value, "git or api");
	o->commit = *value == 'g' ? COMMIT_GIT : COMMIT_API;
	return BOT_GO;
}

static int act(struct bot_options *o, const struct row *row, const char *value)
{
	void *field = (char *)o + row->offset;
	switch (row->action) {
	case ON_FLAG:
		*(bool *)field = true;
		return BOT_GO;
	case ON_TEXT:
		*(const char **)field = value;
		return *value ? BOT_GO : bad_value(row->name, value, "a name");
	case ON_LIST:
		return read_list(o, field, value);
	case ON_NUMBER:
		return read_number(field, row, value);
	case ON_GROUP:
		o->one_each = strcmp(value, "file") == 0;
		return o->one_each || strcmp(value, "repository") == 0
			       ? BOT_GO
			       : bad_value(row->name, value, "repository or file");
	case ON_COMMIT:
		return read_commit(o, row, value);
	case ON_FORGE:
		o->kind = forge_by_name(str_of(value));
		return o->kind ? BOT_GO : bad_value(row->name, value, "github, gitlab or gitea");
	case ON_HELP:
		fputs(help, stdout);
		return BOT_DONE;
	case ON_VERSION:
		printf("unroot-bot %s\n", unroot_version());
		return BOT_DONE;
	}
	return BOT_FAILED;
}

/* The current directory will be another one when it is used. */
static const char *absolute(struct arena *a, const char *path)
{
	char *real = realpath(path, NULL);
	const char *kept = real ? arena_str(a, str_of(real)).p : path;
	free(real);
	return kept;
}

static int set(struct bot_options *o, const struct setting *setting, const char *value)
{
	const char *expected;
	if (setting->kind == SETTING_PATH)
		value = absolute(o->arena, value);
	if (!setting_set(o->arena, &o->settings, setting, str_of(value ? value : "true"), &expected))
		return bad_value(setting->option, value ? value : "", expected);
	/* unroot verify is given files, and has nothing to exclude. */
	if (setting->offset == offsetof(struct settings, exclude))
		return BOT_GO;
	append(o->arena, &o->passed,
	       value ? arena_printf(o->arena, "--%s=%s", setting->option, value).p
		     : arena_printf(o->arena, "--%s", setting->option).p);
	return BOT_GO;
}

static int misuse(int answer, char **argv)
{
	const char *word = argv[optind - 1];
	size_t equals = strcspn(word, "=");
	struct str name = {word, equals};
	if (answer == ':')
		return usage("option %s needs a value%s", word, "");
	if (optopt >= FIRST_ROW)
		return usage("option %s takes no value%s", word, "");
	struct nearest near = nearest_to(str_starts(name, STR("--")) ? str_sub(name, 2, name.n) : name);
	for (size_t i = 0; i < ROWS; i++)
		nearest_try(&near, rows[i].name);
	for (size_t i = 0; i < SETTING_COUNT; i++)
		if (settings_table[i].option)
			nearest_try(&near, settings_table[i].option);
	return near.word ? usage("unknown option %s (did you mean --%s?)", word, near.word)
			 : usage("unknown option %s%s", word, "");
}

static int check(struct bot_options *o)
{
	if (o->repositories.n && o->clone_count)
		return usage("%s cannot be used together with clones%s", "--repo", "");
	if (o->repositories.n && o->dry_run)
		return usage("%s asks no network: give it a clone instead of %s", "--dry-run", "--repo");
	if (o->isolated && o->config)
		return usage("%s and %s cannot be used together", "--isolated", "--config");
	if (o->verify && o->settings.all_targets)
		return usage("%s and %s cannot be used together", "--verify", "--all-targets");
	if (o->fork && o->commit == COMMIT_API)
		return usage("%s and %s cannot be used together", "--fork", "--commit=api");
	if (o->suggest && (o->dry_run || o->repositories.n > 1 || o->clone_count > 1))
		return usage("%s is for one request of one repository%s", "--suggest", "");
	return BOT_GO;
}

int bot_options_read(struct bot_options *o, struct arena *a, int argc, char **argv)
{
	struct option table[ROWS + SETTING_COUNT + 1] = {0};
	size_t n = 0;
	*o = (struct bot_options){.arena = a, .branch = "unroot/fix", .remote = "origin", .wait = 300};
	for (size_t i = 0; i < ROWS; i++) {
		bool bare = rows[i].action == ON_FLAG || rows[i].action == ON_HELP || rows[i].action == ON_VERSION;
		table[n++] =
			(struct option){rows[i].name, bare ? no_argument : required_argument, NULL, FIRST_ROW + (int)i};
	}
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		const struct setting *s = &settings_table[i];
		int value = s->kind == SETTING_FLAG ? no_argument : required_argument;
		if (s->option)
			table[n++] = (struct option){s->option, value, NULL, (int)(FIRST_SETTING + i)};
	}
	opterr = 0;
	for (int code; (code = getopt_long(argc, argv, ":qvhV", table, NULL)) != -1;) {
		int answer = BOT_GO;
		if (code == '?' || code == ':')
			return misuse(code, argv);
		if (code >= (int)FIRST_SETTING)
			answer = set(o, &settings_table[code - (int)FIRST_SETTING], optarg);
		for (size_t i = 0; i < ROWS && code < (int)FIRST_SETTING; i++)
			if (code == FIRST_ROW + (int)i || code == rows[i].letter)
				answer = act(o, &rows[i], optarg);
		if (answer != BOT_GO)
			return answer;
	}
	if (o->config) {
		o->config = absolute(a, o->config);
		append(a, &o->passed, arena_printf(a, "--config=%s", o->config).p);
	}
	if (o->isolated)
		append(a, &o->passed, "--isolated");
	o->clones = argv + optind;
	o->clone_count = (size_t)(argc - optind);
	return check(o);
}
