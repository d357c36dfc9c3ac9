/* unroot explain: the page of a rule. */
#include <stdio.h>

#include "cli/commands.h"
#include "cli/exit.h"
#include "project/nearest.h"
#include "cli/options.h"

static const char help[] = "Usage: unroot explain [RULE]...\n"
			   "Prints what a rule finds, why, and what its fix does; without RULE, the rules.\n\n"
			   "  -h, --help\n";

static int unknown_rule(const char *name)
{
	struct nearest near = nearest_to(str_of(name));
	const char *id;
	for (size_t i = 0; (id = unroot_rule_id(i)); i++)
		nearest_try(&near, id);
	if (near.word)
		fprintf(stderr, "unroot: unknown rule %s (did you mean %s?)\n", name, near.word);
	else
		fprintf(stderr, "unroot: unknown rule %s, expected one that unroot explain lists\n", name);
	return EXIT_FAILED;
}

int cmd_explain(struct arena *a, int argc, char **argv)
{
	struct options o;
	const char *id;
	int code = options_read(&o, a, FOR_EXPLAIN, argc, argv, help);
	if (code != OPTIONS_GO)
		return code;
	code = EXIT_DONE;
	for (size_t i = 0; o.path_count == 0 && (id = unroot_rule_id(i)); i++)
		puts(id);
	for (size_t i = 0; i < o.path_count; i++) {
		const char *page = unroot_rule_page(o.paths[i]);
		if (i > 0 && page)
			putchar('\n');
		if (page)
			fputs(page, stdout);
		else
			code = unknown_rule(o.paths[i]);
	}
	if (fflush(stdout) != 0 || ferror(stdout)) {
		perror("standard output");
		return EXIT_FAILED;
	}
	return code;
}
