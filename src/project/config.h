/* .unroot.yaml: the nearest one upward from a file, up to the repository's root. */
#ifndef UNROOT_PROJECT_CONFIG_H
#define UNROOT_PROJECT_CONFIG_H

#include "base/map.h"
#include "project/location.h"
#include "project/settings.h"

#define CONFIG_NAME ".unroot.yaml"

/* What holds for a file. */
struct config {
	const char *file;	  /* as it is shown; NULL: no configuration file */
	struct str directory;	  /* absolute; its paths and exclusions are seen from here */
	const char *inside;	  /* where it and what it names have to lie; NULL: anywhere */
	struct text_list exclude; /* its own, without the command line's */
	struct settings settings; /* with the command line on top */
	bool broken;		  /* an error was reported; its files are left alone */
	unroot_engine *engine;	  /* made by config_prepare() */
	unroot_options options;	  /* for more engines alike */
};

/* All configurations of one run. */
struct configs {
	struct arena *arena;
	const struct settings *command_line;
	struct buf *errors; /* one line for each thing that is wrong */
	bool failed;
	struct config *plain; /* without a file, or that of --config */
	bool fixed;	      /* no file is looked for: --config or --isolated */
	const char *inside;   /* see configs_confine(); NULL: anywhere */
	bool each_inside;     /* see configs_confine_each() */
	struct map by_directory;
	VEC(struct config *) all;
};

/* `file` is --config's value or NULL. */
void configs_init(struct configs *c, struct arena *a, const struct settings *command_line, const char *file,
		  bool isolated, struct buf *errors);
void configs_free(struct configs *c);

/* For a tree that somebody else made: configurations that are found, and files that these name, are only read below
   this directory, wherever their paths and links lead. */
void configs_confine(struct configs *c, const char *directory);

/* The same for several trees: each configuration to the repository that it lies in, or to its own directory. */
void configs_confine_each(struct configs *c);

/* The configuration for what lies in a directory, looked for upward. Asks the file system once for each directory. */
struct config *config_upward(struct configs *c, const struct location *location);

/* The same for a directory that is known to hold a configuration file (a walk has seen it). */
struct config *config_in(struct configs *c, struct str directory);

/* Reads what the settings name, and makes the engine. False, once with a line in errors, when that fails. */
bool config_prepare(struct configs *c, struct config *config);

#endif
