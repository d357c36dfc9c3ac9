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
	ACCOUNT_OTHER, /* no other tool has it */
	ACCOUNT_ASIDE, /* says nothing of the account itself: --quiet, --disabled-password, --no-log-init */
	ACCOUNT_UID,
	ACCOUNT_GROUP, /* primary group by name or number; for groups their number */
	ACCOUNT_HOME,
	ACCOUNT_BASE, /* the directory that homes are in */
	ACCOUNT_SHELL,
	ACCOUNT_NAME, /* a new name */
	ACCOUNT_SYSTEM,
	ACCOUNT_MAKE_HOME,
	ACCOUNT_NO_HOME,
	ACCOUNT_OWN_GROUP,
	ACCOUNT_NO_OWN_GROUP,
	ACCOUNT_COMMENT,
	ACCOUNT_GROUPS, /* further groups, with commas */
	ACCOUNT_APPEND, /* to those that it is in already */
	ACCOUNT_NON_UNIQUE,
	ACCOUNT_FORCE,
	ACCOUNT_REMOVE_HOME,
	ACCOUNT_ELSEWHERE, /* another root directory is meant, or no account at all */
	ACCOUNT_COUNT
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
	struct account_value options[ACCOUNT_COUNT];
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
