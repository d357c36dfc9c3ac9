/* The command lines of the account tools, as data: shadow's useradd and its kin (also RHEL's adduser), Debian's
 * adduser, BusyBox's adduser. Sources: shadow-maint's manuals, Debian's adduser 3.134, BusyBox loginutils. */
#ifndef UNROOT_MODEL_ACCOUNT_TOOLS_H
#define UNROOT_MODEL_ACCOUNT_TOOLS_H

#include "model/expand.h"
#include "syntax/shell.h"

enum account_action {
	ACTION_ADD_USER,
	ACTION_ADD_GROUP,
	ACTION_CHANGE_USER,
	ACTION_CHANGE_GROUP,
	ACTION_REMOVE_USER,
	ACTION_REMOVE_GROUP
};

enum account_dialect { DIALECT_SHADOW, DIALECT_DEBIAN, DIALECT_BUSYBOX };

/* What an option says. */
enum account_option {
	OPTION_OTHER, /* no other tool has it */
	OPTION_ASIDE, /* says nothing of the account itself: --quiet, --disabled-password, --no-log-init */
	OPTION_UID,
	OPTION_GROUP, /* primary group by name or number; for groups their number */
	OPTION_HOME,
	OPTION_BASE, /* the directory that homes are in */
	OPTION_SHELL,
	OPTION_NAME, /* a new name */
	OPTION_SYSTEM,
	OPTION_MAKE_HOME,
	OPTION_NO_HOME,
	OPTION_OWN_GROUP,
	OPTION_NO_OWN_GROUP,
	OPTION_COMMENT,
	OPTION_GROUPS, /* further groups, with commas */
	OPTION_APPEND, /* to those that it is in already */
	OPTION_NON_UNIQUE,
	OPTION_FORCE,
	OPTION_REMOVE_HOME,
	OPTION_ELSEWHERE, /* another root directory is meant, or no account at all */
	OPTION_COUNT
};

enum { ACCOUNT_OPERANDS = 2 };

/* An option of a command line. */
struct account_value {
	bool given, known;
	struct str value;
	struct span word; /* the word that holds the value, as offsets of the text the words are from */
	uint32_t skip;	  /* bytes of it before the value: "--uid=" */
};

/* A command line as read: which options are there, with their values where they are known. */
struct account_command {
	enum account_action action;
	enum account_dialect dialect;
	struct account_value options[OPTION_COUNT];
	struct str operands[ACCOUNT_OPERANDS]; /* p is NULL for one whose value is not known */
	struct span operand_words[ACCOUNT_OPERANDS];
	uint32_t noperands;		       /* may be larger */
	uint32_t strange;		       /* options that the tool does not have */
	uint32_t fits;			       /* 1 << dialect for each tool of that name that makes sense of it */
};

/* Reads the command line `words` (name first). Where a name stands for several tools, the first wins that knows all
   options; BusyBox's is the first to be tried with `busybox`, the last without. Values with variables are expanded in
   `scope` and live in `keep`. Debian's `adduser --group` is read as what it is, an addgroup. False when it is no account
   tool. */
bool account_command_read(struct arena *keep, const struct scope *scope, const struct shell_word *words, uint32_t n,
			  bool busybox, struct account_command *out);

#endif
