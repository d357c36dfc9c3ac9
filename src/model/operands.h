/* The words of a command told apart: options, their values, operands. */
#ifndef UNROOT_MODEL_OPERANDS_H
#define UNROOT_MODEL_OPERANDS_H

#include "base/map.h"
#include "syntax/shell.h"

/* What an option says of the files that its command writes. */
enum option_role {
	/* Options with a value. */
	ROLE_VALUE,   /* nothing */
	ROLE_FILE,    /* the file that is written */
	ROLE_DIR,     /* the directory that is written to */
	ROLE_LIBRARY, /* the same, for what is only read again: pip --target */
	ROLE_CHDIR,   /* where the command works */
	ROLE_OWNER,
	ROLE_GROUP,
	ROLE_MODE,	/* what the files get that it makes */
	ROLE_SCRIPT,	/* the text that else is the first operand: sed -e */
	ROLE_REFERENCE, /* the file whose owner or mode is taken: no operand names it then */
	/* Options whose value, if any, is joined to them. */
	ROLE_JOINED,   /* nothing */
	ROLE_IN_PLACE, /* operands are changed: sed -i.bak */
	/* Options without a value. */
	ROLE_FLAG,	/* nothing; a word of several letters that are not options of their own */
	ROLE_REMOTE,	/* files are named as their URLs end */
	ROLE_UNNAMED,	/* how files are named cannot be told */
	ROLE_STDOUT,	/* no file is written */
	ROLE_CREATE,	/* an archive is made */
	ROLE_EXTRACT,	/* an archive is unpacked */
	ROLE_DIRECTORY, /* operands are directories to make: install -d */
	ROLE_COUNT
};

/* The options of one command, as far as they matter. */
struct option_set;

struct operands {
	const uint32_t *at; /* indexes of the operands in the command's words */
	uint32_t n;
	uint32_t roles;			     /* a bit for each role that an option had */
	struct shell_word value[ROLE_COUNT]; /* the last value of a role, where its bit is set */
	VEC(struct shell_word) files;	     /* every value of ROLE_FILE */
};

/* Every set, by the commands' names. */
void option_sets_read(struct arena *a, struct map *sets);

/* The set of a command, or NULL. */
const struct option_set *option_set_of(const struct map *sets, struct str name);

/* How many words option words[i] is, with its value: 1 or 2. `set` may be NULL. */
uint32_t option_width(const struct option_set *set, const struct shell_word *words, uint32_t i);

/* Reads the words of a command, its name first. */
void operands_read(struct arena *a, const struct option_set *set, const struct shell_word *words, uint32_t n,
		   struct operands *out);

static inline bool operands_have(const struct operands *o, enum option_role role)
{
	return (o->roles >> role & 1) != 0;
}

#endif
