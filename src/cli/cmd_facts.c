/* unroot facts: what is known about a Dockerfile, and what shows it. */
#include <stdio.h>
#include <unistd.h>

#include "api/inspect.h"
#include "cli/commands.h"
#include "project/config.h"
#include "cli/exit.h"
#include "cli/options.h"
#include "project/provider.h"
#include "cli/single.h"
#include "report/facts.h"

static const char help[] = "Usage: unroot facts [OPTION]... FILE...\n"
			   "Prints all that is known about a Dockerfile, each fact with what shows it: as JSON,\n"
			   "one line for each file, or as text for people. FILE may be - for standard input.\n\n"
			   "      --output-format json|text               (json)\n"
			   "      --target STAGE, --all-targets           stage that is meant (last)\n"
			   "      --build-arg NAME=VALUE, --context DIR   as for docker build\n"
			   "      --templates DIR    snippets and images.tsv that go before the built-in\n"
			   "      --config FILE, --isolated               .unroot.yaml: this, none\n"
			   "  -h, --help\n";

struct printer {
	struct arena arena; /* for one file */
	const char *path;
	bool text, no_memory;
};

static void print(void *ctx, const struct plan *const *plans, size_t n)
{
	struct printer *p = ctx;
	struct buf out = buf_new(&p->arena);
	if (p->text)
		facts_text(&p->arena, p->path, plans, n, &out);
	else
		p->no_memory = !facts_json(&p->arena, p->path, plans, n, &out);
	if (!p->no_memory)
		fwrite(out.p, 1, out.n, stdout);
}

static bool print_file(struct configs *configs, struct provider_files *files, struct printer *p,
		       struct file_bytes *bytes)
{
	struct arena *a = &p->arena;
	struct file_error failure;
	unroot_error error = {0};
	unroot_provider provider;
	bool standard_input = strcmp(p->path, "-") == 0;
	struct config *config = single_config(configs, p->path);
	if (!config)
		return false;
	if (standard_input ? !file_read_fd(STDIN_FILENO, SOURCE_MAX_BYTES, true, bytes, NULL, &failure)
			   : !file_read(p->path, SOURCE_MAX_BYTES, bytes, NULL, &failure)) {
		single_error(a, p->path, 0, 0, failure.message);
		return false;
	}
	if (!standard_input)
		provider_open(files, p->path, NULL, &provider);
	if (engine_inspect(config->engine, p->path, (struct str){bytes->p, bytes->n}, standard_input ? NULL : &provider,
			   print, p, &error) == 0 &&
	    !p->no_memory)
		return true;
	single_error(a, p->path, error.line, error.column, p->no_memory ? "out of memory" : error.message);
	return false;
}

static bool print_files(const struct options *o, struct configs *configs)
{
	struct printer p = {.text = o->format == &report_text};
	struct file_bytes bytes = {0};
	struct provider_files files;
	bool ok = true;
	arena_init(&p.arena, NULL, 0);
	arena_arm(&p.arena, o->arena->out_of_memory);
	provider_init(&files, o->context);
	arena_arm(&files.arena, o->arena->out_of_memory);
	for (size_t i = 0; i < o->path_count; i++) {
		p.path = o->paths[i];
		if (p.text && i > 0)
			putchar('\n');
		ok = print_file(configs, &files, &p, &bytes) && ok;
		arena_reset(&p.arena);
	}
	arena_free(&p.arena);
	provider_free(&files);
	file_bytes_free(&bytes);
	return ok;
}

int cmd_facts(struct arena *a, int argc, char **argv)
{
	struct options o;
	struct configs configs;
	struct buf errors = buf_new(a);
	int code = options_read(&o, a, FOR_FACTS, argc, argv, help);
	if (code != OPTIONS_GO)
		return code;
	if (o.format && o.format != &report_json && o.format != &report_text) {
		fprintf(stderr, "unroot: --output-format: \"%s\" is not valid, expected json or text\n",
			o.format->name);
		return EXIT_FAILED;
	}
	if (o.path_count == 0) {
		fputs("unroot: facts needs a file, or - for standard input\n", stderr);
		return EXIT_FAILED;
	}
	configs_init(&configs, a, &o.settings, o.config, o.isolated, &errors);
	bool ok = print_files(&o, &configs) && !configs.failed;
	configs_free(&configs);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		perror("standard output");
		return EXIT_FAILED;
	}
	return ok ? EXIT_DONE : EXIT_FAILED;
}
