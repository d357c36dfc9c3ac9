/* The command line. */
#ifndef UNROOT_CLI_OPTIONS_H
#define UNROOT_CLI_OPTIONS_H

#include "project/settings.h"
#include "cli/terminal.h"
#include "report/report.h"

/* The commands, as bits of the table of options. */
enum {
	FOR_FIX = 1 << 0,
	FOR_CHECK = 1 << 1,
	FOR_EXPLAIN = 1 << 2,
	FOR_FACTS = 1 << 3,
	FOR_TOKENS = 1 << 4,
	FOR_COMPLETION = 1 << 5,
	FOR_VERIFY = 1 << 6,
	FOR_LSP = 1 << 7,
};

struct options {
	struct settings settings;
	bool diff, check, break_links, isolated, show_config, exit_zero, quiet, verbose, sexp, strict,
		keep, stdio;
	const char *stdin_name, *context, *config, *output_file;
	const struct report_format *format; /* NULL: not given */
	enum colour colour;
	const char *fixed, *engine, *network, *build_network, *command, *exec; /* verify's; NULL: not given */
	struct text_list http;
	unsigned timeout, build_timeout; /* milliseconds; 0: not given */
	unsigned jobs;			 /* 0: as many as there are processors */
	char *const *paths;
	size_t path_count;
	struct arena *arena;
};

/* What is to be done after reading the options. */
enum { OPTIONS_GO = -1 }; /* otherwise the exit code */

/* Reads argv[1..] for one command. Prints its help or what is wrong. */
int options_read(struct options *o, struct arena *a, unsigned command, int argc, char **argv, const char *help);

/* One option, as a shell's completion has to know it. */
struct option_info {
	const char *name; /* without its dashes */
	char letter;	  /* or 0 */
	unsigned commands;
	bool value, path;	/* it takes one; which is a path */
	const char *words[16]; /* what the value can be, ended by NULL; empty: anything */
};

/* The option of that number; false behind the last one. */
bool options_info(size_t i, struct option_info *out);

#endif
