/* unroot verify: builds and runs a Dockerfile and its fix, and compares them. */
#define _GNU_SOURCE
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "api/inspect.h"
#include "base/path.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/help.h"
#include "cli/options.h"
#include "project/provider.h"
#include "cli/single.h"
#include "verify/verify.h"

static const char help[] = "Usage: unroot verify [OPTION]... FILE\n"
			   "Builds FILE and its fix with docker or podman, runs both, and compares: users of\n"
			   "all processes, exit, ports, HTTP answers, output. FILE is not changed.\n"
			   "Exit: 0 works as before, without root; 1 differs; 2 nothing is proved.\n\n"
			   "      --fixed FILE       this is the fix, instead of what unroot fix makes\n"
			   "      --engine NAME      docker, podman or buildah (only builds), or a path\n"
			   "      --http '[METHOD ]PATH[ BODY]'   ask this (repeatable; default: /)\n"
			   "      --command CMD      start this, not the image's own; text or a JSON array\n"
			   "      --exec CMD         run this in both when they have settled, and compare\n"
			   "      --timeout N, --build-timeout N  seconds (15, 1800)\n"
			   "      --network MODE, --build-network MODE    as for docker run, docker build\n"
			   "      --strict           the fix without capabilities and low ports\n"
			   "      --keep             remove nothing afterwards\n" HELP_RULES HELP_ACCOUNT
			   "      --target STAGE, --build-arg NAME=VALUE, --context DIR   as for docker\n"
			   "      --templates DIR, --config FILE, --isolated   as for unroot fix\n"
			   "      --output-format text|json, -q no progress, -h this text\n";

enum { RUN_TIME = 15000, BUILD_TIME = 1800000, /* milliseconds */ MOST_WORDS = 256, LINE_WIDTH = 80 };

/* Everything about one call. */
struct call {
	struct arena *arena;
	const struct options *o;
	const char *path;
	struct configs configs;
	struct config *config;
	struct provider_files files;
	unroot_provider provider;
	struct file_bytes bytes, fixed;
	unroot_report *report;
	struct verify_request request;
	struct str context; /* seen from the Dockerfile's directory */
};

static bool refuse(struct call *c, const char *path, const char *message)
{
	single_error(c->arena, path, 0, 0, message);
	return false;
}

/* A command as in a Dockerfile: a JSON array, or text for the image's shell. */
static const char *const *read_command(struct arena *a, const char *text)
{
	json_error_t error;
	json_t *array = text[0] == '[' ? json_loads(text, 0, &error) : NULL;
	size_t n = json_array_size(array);
	const char **words = ARENA_ARRAY(a, const char *, n + 4);
	bool all = n > 0 && n <= MOST_WORDS;
	for (size_t i = 0; i < n && all; i++) {
		const char *word = json_string_value(json_array_get(array, i));
		all = word != NULL;
		words[i] = all ? arena_str(a, str_of(word)).p : NULL;
	}
	json_decref(array);
	if (all)
		return words;
	words[0] = "/bin/sh";
	words[1] = "-c";
	words[2] = text;
	words[3] = NULL;
	return words;
}

static bool read_requests(struct call *c)
{
	static const char *const usual[] = {"/", NULL};
	const char *const *texts = c->o->http.n ? c->o->http.at : usual;
	size_t n = c->o->http.n ? c->o->http.n : 1;
	struct http_request *requests = ARENA_ARRAY(c->arena, struct http_request, n);
	const char *expected;
	for (size_t i = 0; i < n; i++)
		if (!http_parse(texts[i], &requests[i], &expected)) {
			fprintf(stderr, "unroot: --http: \"%s\" is not valid, expected %s\n", texts[i], expected);
			return false;
		}
	c->request.requests = requests;
	c->request.request_count = n;
	return true;
}

/* The build context that the rules have gone by. */
static void note_context(void *ctx, const struct plan *const *plans, size_t n)
{
	struct call *c = ctx;
	if (n > 0)
		c->context = arena_str(c->arena, facts_context_source(plans[0]->f, STR(".")));
}

static bool find_places(struct call *c)
{
	struct verify_request *r = &c->request;
	unroot_error error = {0};
	char *real = realpath(c->path, NULL);
	r->dockerfile = real ? arena_str(c->arena, str_of(real)).p : c->path;
	free(real);
	if (c->o->context) {
		c->context = str_of(c->o->context);
	} else {
		engine_inspect(c->config->engine, c->path, (struct str){c->bytes.p, c->bytes.n}, &c->provider,
			       note_context, c, &error);
		c->context = str_of(provider_path(&c->files, c->context.n ? c->context.p : "."));
	}
	real = realpath(c->context.p, NULL);
	if (!real)
		return refuse(c, c->context.p, "there is no such build context");
	r->context = arena_str(c->arena, str_of(real)).p;
	free(real);
	return true;
}

/* Files of the build context that the fix changes besides the Dockerfile. */
static void find_changes(struct call *c, const unroot_file *files, size_t n)
{
	struct changed_file *changed = ARENA_ARRAY(c->arena, struct changed_file, n + 1);
	struct str context = str_of(c->request.context);
	for (size_t i = 0; i < n; i++) {
		if (strcmp(files[i].path, c->path) == 0) {
			c->request.fixed = (struct str){files[i].fixed, files[i].fixed_length};
			continue;
		}
		char *real = realpath(provider_path(&c->files, files[i].path), NULL);
		struct str full = arena_str(c->arena, str_of(real));
		free(real);
		if (!path_within(full, context) || full.n <= context.n)
			continue; /* a compose file, or the like: no part of the image */
		size_t skip = context.n > 1 ? context.n + 1 : 1;
		changed[c->request.file_count++] =
			(struct changed_file){full.p + skip, {files[i].fixed, files[i].fixed_length}};
	}
	c->request.files = changed;
}

static bool nothing_to_fix(struct call *c, const unroot_finding *findings, size_t n)
{
	const char *message = "nothing to verify: unroot fix would change nothing";
	for (size_t i = 0; i < n; i++)
		if (findings[i].fixable && !findings[i].fixed)
			message = "nothing to verify: unroot fix would change nothing without --unsafe-fixes";
	return refuse(c, c->path, message);
}

static bool find_fix(struct call *c)
{
	unroot_error error = {0};
	size_t files, findings;
	if (unroot_run(&c->report, c->config->engine, c->path, c->bytes.p, c->bytes.n, &c->provider, &error) != 0) {
		single_error(c->arena, c->path, error.line, error.column, error.message);
		return false;
	}
	const unroot_finding *finding = unroot_findings(c->report, &findings);
	const unroot_file *file = unroot_files(c->report, &files);
	c->request.fixed = (struct str){c->bytes.p, c->bytes.n};
	find_changes(c, file, files);
	if (files == 0)
		return nothing_to_fix(c, finding, findings);
	for (size_t i = 0; i < findings; i++)
		if (finding[i].fixed && strcmp(finding[i].rule, "privileged-port") == 0)
			port_moves_read(c->arena, str_of(finding[i].detail), &c->request.moves);
	return true;
}

static bool read_input(struct call *c, const char *path, struct file_bytes *bytes)
{
	struct file_error error;
	return file_read(path, SOURCE_MAX_BYTES, bytes, NULL, &error) || refuse(c, path, error.message);
}

static bool prepare(struct call *c)
{
	const struct options *o = c->o;
	struct verify_request *r = &c->request;
	c->config = single_config(&c->configs, c->path);
	if (!c->config || !read_requests(c) || !read_input(c, c->path, &c->bytes))
		return false;
	provider_open(&c->files, c->path, NULL, &c->provider);
	if (!find_places(c))
		return false;
	if (o->fixed) {
		if (!read_input(c, o->fixed, &c->fixed))
			return false;
		r->fixed = (struct str){c->fixed.p, c->fixed.n};
	} else if (!find_fix(c)) {
		return false;
	}
	r->path = c->path;
	r->engine = o->engine;
	r->target = c->config->settings.target;
	r->build_args = c->config->settings.build_args.at;
	r->network = o->network;
	r->build_network = o->build_network;
	r->command = o->command ? read_command(c->arena, o->command) : NULL;
	r->check = o->exec ? read_command(c->arena, o->exec) : NULL;
	r->timeout = o->timeout ? o->timeout : RUN_TIME;
	r->build_timeout = o->build_timeout ? o->build_timeout : BUILD_TIME;
	r->strict = o->strict;
	r->keep = o->keep;
	return true;
}

/* One line that is written over and over. */
static void show_progress(void *ctx, const char *step, struct str line)
{
	struct winsize size;
	char text[512];
	size_t n = 0, width = LINE_WIDTH;
	(void)ctx;
	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		width = size.ws_col;
	for (size_t i = 0; step[i] && n < sizeof text; i++)
		text[n++] = step[i];
	if (line.n && n + 2 < sizeof text) {
		text[n++] = ':';
		text[n++] = ' ';
	}
	for (size_t i = 0; i < line.n && n < sizeof text; i++)
		text[n++] = line.p[i] >= 0x20 && line.p[i] < 0x7F ? line.p[i] : '.';
	fprintf(stderr, "\r\033[K%.*s", (int)(n < width ? n : width - 1), text);
}

static int print(struct call *c, const struct verify_result *result)
{
	static const int codes[] = {
		[VERIFY_SAME] = EXIT_DONE, [VERIFY_DIFFERS] = EXIT_FOUND, [VERIFY_UNPROVED] = EXIT_FAILED};
	struct buf out = buf_new(c->arena);
	bool ok = true;
	if (c->o->format == &report_json)
		ok = verify_json(c->arena, &c->request, result, &out);
	else
		verify_text(c->arena, &c->request, result, &out);
	if (!ok) {
		fputs("unroot: out of memory\n", stderr);
		return EXIT_FAILED;
	}
	fwrite(out.p, 1, out.n, stdout);
	if (result->leftover)
		fprintf(stderr, "unroot: %s; containers and images carry the label %s=%s\n",
			c->o->keep ? "nothing was removed" : "not everything could be removed", result->leftover,
			result->id);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		perror("standard output");
		return EXIT_FAILED;
	}
	return codes[result->verdict];
}

static int run(struct call *c)
{
	struct verify_result result;
	bool terminal = !c->o->quiet && terminal_is(STDERR_FILENO);
	if (!prepare(c))
		return EXIT_FAILED;
	if (terminal)
		c->request.progress = show_progress;
	verify(c->arena, &c->request, &result);
	if (terminal)
		fputs("\r\033[K", stderr);
	int code = print(c, &result);
	if (result.signal)
		raise(result.signal); /* whoever waits for this program learns why it ended */
	return code;
}

static int check_usage(const struct options *o)
{
	const char *wrong = NULL;
	if (o->format && o->format != &report_json && o->format != &report_text)
		wrong = "--output-format: expected text or json";
	else if (o->path_count != 1 || strcmp(o->paths[0], "-") == 0)
		wrong = "verify needs one Dockerfile";
	else if (o->network && strcmp(o->network, "host") == 0)
		wrong = "--network: host is not possible: the ports of the container could not be told from the "
			"machine's";
	if (wrong)
		fprintf(stderr, "unroot: %s\n", wrong);
	return wrong ? EXIT_FAILED : OPTIONS_GO;
}

int cmd_verify(struct arena *a, int argc, char **argv)
{
	struct options o;
	struct buf errors = buf_new(a);
	struct call c = {.arena = a, .o = &o};
	int code = options_read(&o, a, FOR_VERIFY, argc, argv, help);
	if (code == OPTIONS_GO)
		code = check_usage(&o);
	if (code != OPTIONS_GO)
		return code;
	c.path = o.paths[0];
	configs_init(&c.configs, a, &o.settings, o.config, o.isolated, &errors);
	provider_init(&c.files, o.context);
	arena_arm(&c.files.arena, a->out_of_memory);
	code = run(&c);
	unroot_report_free(c.report);
	provider_free(&c.files);
	file_bytes_free(&c.bytes);
	file_bytes_free(&c.fixed);
	configs_free(&c.configs);
	return code;
}
