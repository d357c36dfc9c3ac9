/* What commands do, from templates/commands.tsv (format at its head). */
#ifndef UNROOT_MODEL_COMMANDS_H
#define UNROOT_MODEL_COMMANDS_H

#include "base/map.h"
#include "syntax/shell.h"

enum effect {
	EFFECT_UNKNOWN,
	EFFECT_PLAIN,
	EFFECT_ROOT,
	EFFECT_TREE,
	EFFECT_BUILD, /* tree, and perhaps system directories: make install and its like */
	EFFECT_CREATE,
	EFFECT_COPY,
	EFFECT_UNPACK,
	EFFECT_FETCH,
	EFFECT_EDIT, /* changes files in place: sed -i, tee, truncate */
	EFFECT_OWNER,
	EFFECT_MODE,
	EFFECT_REMOVE,
	EFFECT_ACCOUNT,
	EFFECT_CD,
	EFFECT_WRAPPER,
	EFFECT_SHELL,
	EFFECT_INTERPRETER, /* python: -m module, -c text, or a script */
	EFFECT_HOME,	    /* writes below $HOME what the same tool reads again */
	EFFECT_SWITCH,	    /* runs the rest as another user: su, gosu */
	EFFECT_SERVICE,
	EFFECT_COUNT
};

struct command_fact {
	enum effect effect;
	struct str paths;
	struct str minds; /* "owner", "npm" or empty */
	bool home;
};

struct command_table;

/* Reads the table; NULL and the line and reason on a fault. `text` must outlive it. */
struct command_table *command_table_read(struct arena *a, struct str text, uint32_t *bad_line, struct str *why);

/* What `words` (name first) does. Wrappers are not looked through. */
struct command_fact command_lookup(const struct command_table *t, const struct shell_word *words, uint32_t n);

/* Looks through sudo, env, exec, time, … : the index of the word that is the real command, or n when there is none.
   `switched` is set when a su, gosu or the like is among them (the command runs as another user, sudo counts too). */
uint32_t command_unwrap(const struct command_table *t, const struct shell_word *words, uint32_t n, bool *switched);

/* "/usr/bin/apt-get" -> "apt-get". */
struct str command_name(struct str word);

/* The text of `sh -c text` in words[] (sh first), when it is literal. */
const struct shell_word *command_shell_text(const struct shell_word *words, uint32_t n);

#endif
