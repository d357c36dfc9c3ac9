/* The command line of unroot-bot. */
#ifndef UNROOT_BOT_OPTIONS_H
#define UNROOT_BOT_OPTIONS_H

#include "bot/forge.h"
#include "project/settings.h"

enum { BOT_DONE = 0, BOT_FOUND = 1, BOT_FAILED = 2 };

enum commit_way {
	COMMIT_DEFAULT, /* through the API where no clone is given and the forge can, else through git */
	COMMIT_GIT,
	COMMIT_API
};

struct bot_options {
	struct arena *arena;
	struct settings settings;      /* with the names of .unroot.yaml */
	struct text_list passed;       /* the same as given, for unroot verify */
	struct text_list repositories; /* --repo */
	struct text_list labels;
	char *const *clones;
	size_t clone_count;
	const struct forge_kind *kind; /* NULL: by address or environment */
	const char *api, *base, *branch, *remote, *config;
	enum commit_way commit;
	bool dry_run, one_each, draft, sign_off, fork, verify, isolated, quiet, verbose;
	uint32_t limit;	  /* most requests opened in one run; 0: any number */
	uint32_t wait;	  /* longest wait for a busy server, in seconds */
	uint32_t suggest; /* the request that gets suggestions; 0: none */
};

enum { BOT_GO = -1 };

/* Reads the command line; prints help or what is wrong. BOT_GO, or the exit code. */
int bot_options_read(struct bot_options *o, struct arena *a, int argc, char **argv);

#endif
