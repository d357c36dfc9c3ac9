/* unroot lsp: the language server. */
#include <stdio.h>

#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/help.h"
#include "cli/options.h"
#include "lsp/loop.h"

static const char help[] =
	"Usage: unroot lsp [OPTION]...\n"
	"Serves an editor with the Language Server Protocol on standard input and output.\n"
	"Options hold for all documents, before those of .unroot.yaml.\n\n" HELP_RULES HELP_ACCOUNT HELP_SURROUNDINGS
	"  -h, --help\n";

int cmd_lsp(struct arena *a, int argc, char **argv)
{
	struct options o;
	int code = options_read(&o, a, FOR_LSP, argc, argv, help);
	if (code != OPTIONS_GO)
		return code;
	if (o.path_count > 0) {
		fprintf(stderr, "unroot: lsp takes no path, the editor says what is open: %s\n", o.paths[0]);
		return EXIT_FAILED;
	}
	const struct worker_options options = {&o.settings, o.config, o.context, o.isolated};
	return loop_run(&options);
}
