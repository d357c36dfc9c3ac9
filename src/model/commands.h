/* What commands do, from templates/commands.tsv (format at its head). */
#ifndef UNROOT_MODEL_COMMANDS_H
#define UNROOT_MODEL_COMMANDS_H

#include "model/operands.h"

enum effect {
	EFFECT_UNKNOWN,
	EFFECT_PLAIN,
	EFFECT_ROOT,
	EFFECT_TREE,
	EFFECT_BUILD, /* compilers and make: below the working directory, but for make install */
	EFFECT_CREATE,
	EFFECT_COPY,
	EFFECT_UNPACK,
	EFFECT_FETCH,
	EFFECT_EDIT,  /* changes files in place: sed -i, tee, truncate */
	EFFECT_OWNER,
	EFFECT_MODE,
	EFFECT_REMOVE,
	EFFECT_ACCOUNT,
	EFFECT_CD,
	EFFECT_WRAPPER,
	EFFECT_SHELL,
	EFFECT_SOURCE, /* reads a script into the shell: . and source */
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
	struct str home;  /* "home", paths below $HOME with commas, "tool", "tool:names", "used:names", or empty */
};

struct command_table;

/* Reads the table; NULL and the line and reason on a fault. `text` must outlive it. */
struct command_table *command_table_read(struct arena *a, struct str text, uint32_t *bad_line, struct str *why);

/* What `words` (name first) does. Wrappers are not looked through. */
struct command_fact command_lookup(const struct command_table *t, const struct shell_word *words, uint32_t n);

/* The first word after the name that is no option and no value of one; where there is none the first option. */
struct str command_operand(const struct command_table *t, const struct shell_word *words, uint32_t n);

/* The options of the command `words` (name first). */
const struct option_set *command_options(const struct command_table *t, const struct shell_word *words);

/* What stands before a command. */
enum {
	UNWRAP_SUDO = 1 << 0,
	UNWRAP_OTHER_USER = 1 << 1, /* it runs as somebody else: su, gosu, sudo -u */
	UNWRAP_FAKE = 1 << 2,	    /* fakeroot */
	UNWRAP_LOOSE = 1 << 3	    /* more operands follow, which are not known: xargs */
};
struct unwrapped {
	uint32_t skip;		       /* index of the word that is the real command, or n when there is none */
	uint32_t how;		       /* UNWRAP_… bits */
	const struct shell_word *text; /* shell text instead: su -c text */
	struct str by;		       /* the last wrapper's name; empty when there is none */
	struct command_fact fact;      /* of the command itself */
};

/* Looks through sudo, env, exec, time, su, … */
struct unwrapped command_unwrap(const struct command_table *t, const struct shell_word *words, uint32_t n);

/* Whether the conditions of a table's second column are well written; whether they hold for a command. */
bool command_when_valid(struct str when);
bool command_fits(const struct command_table *t, struct str when, const struct shell_word *words, uint32_t n);

/* "/usr/bin/apt-get" -> "apt-get". */
struct str command_name(struct str word);

/* Whether a file's name is that of a shell script: .sh, .bash. */
bool command_is_shell_script(struct str path);

/* The text of `sh -c text` in words[] (sh first), when it is literal. */
const struct shell_word *command_shell_text(const struct shell_word *words, uint32_t n);

/* The same, also where the shell around it would replace variables in the text. */
const struct shell_word *command_any_shell_text(const struct shell_word *words, uint32_t n);

#endif
