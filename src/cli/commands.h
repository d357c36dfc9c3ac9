/* The commands: each reads its own options from argv[1..] (argv[0] is its name) and gives the exit code. `a` is the
   program's arena; running out of memory ends the program. */
#ifndef UNROOT_CLI_COMMANDS_H
#define UNROOT_CLI_COMMANDS_H

#include "base/arena.h"

struct command {
	const char *name, *does;
	unsigned options; /* its bit in the table of options; 0: another program reads its options */
	int (*run)(struct arena *a, int argc, char **argv);
};
extern const struct command commands[];
extern const size_t command_count;

int cmd_fix(struct arena *a, int argc, char **argv);
int cmd_check(struct arena *a, int argc, char **argv);
int cmd_explain(struct arena *a, int argc, char **argv);
int cmd_facts(struct arena *a, int argc, char **argv);
int cmd_verify(struct arena *a, int argc, char **argv);
int cmd_tokens(struct arena *a, int argc, char **argv);
int cmd_completion(struct arena *a, int argc, char **argv);
int cmd_lsp(struct arena *a, int argc, char **argv);

/* Becomes the program unroot-bot, which lies beside this one or in PATH. */
int cmd_bot(struct arena *a, int argc, char **argv);

#endif
