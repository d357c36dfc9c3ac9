/* Shell text (RUN, CMD, ENTRYPOINT, HEALTHCHECK, scripts) as a flat list of simple commands.
 *
 * This is a reader, not an interpreter: it finds the commands, their words and redirections with
 * their places, in POSIX shell and the parts of bash that Dockerfiles use. What it cannot read is
 * said so in `unknown`, and nothing is concluded from it.
 *
 * Where POSIX shells and bash differ, the text is read as bash reads it. */
#ifndef UNROOT_SYNTAX_SHELL_H
#define UNROOT_SYNTAX_SHELL_H

#include "base/arena.h"

struct shell_word {
	struct str text;     /* quotes removed; expansions stay as written ("$x", "$(…)") */
	uint32_t start, end; /* offsets in the text that was given, quotes included */
	bool literal;	     /* nothing below but `quoted`, and no $'…', $"…" or array: `text` is the value in
				every shell */
	bool quoted;	     /* some part was quoted or escaped */
	bool glob;	     /* an unquoted *, ? or […] */
	bool tilde;	     /* begins with an unquoted ~; in NAME=value the value, or a part after a colon */
	bool brace;	     /* an unquoted {a,b} or {1..3}: several words in bash, one in sh */
	bool expands; /* holds $name, ${…}, $(…), $((…)), <(…) or a backquote that the shell would replace */
};

enum redirect_kind {
	REDIRECT_IN,
	REDIRECT_OUT, /* > >| &>, and >& with a file */
	REDIRECT_APPEND,
	REDIRECT_READ_WRITE, /* <> */
	REDIRECT_HEREDOC,
	REDIRECT_HERESTRING,
	REDIRECT_DUP /* the target is a descriptor, or - to close one */
};

/* Values of shell_redirect.fd that are no descriptor. */
enum {
	SHELL_FD_BOTH = -1, /* standard output and standard error: &>, &>>, >& with a file */
	SHELL_FD_NAMED = -2 /* {name}> */
};

struct shell_redirect {
	enum redirect_kind kind;
	int fd;			       /* which one is redirected; 0 or 1 where none was written */
	bool chomp;		       /* <<- */
	struct shell_word target;      /* the file, or the here-document's delimiter */
	struct str body;	       /* here-document: its text, without the terminator, and without the tabs that
					  <<- takes away; p is NULL where the text ended before it (as a Dockerfile's logical
					  text does) */
	uint32_t body_start, body_end; /* where that is in the text */
	uint32_t start, end;	       /* from the descriptor to the target's end */
};

/* Where a command stands. What is said of a compound command holds for the commands in it, and
   within their $(…): with `{ a; b; } || c`, a and b are SHELL_TEST. */
enum {
	SHELL_CONDITIONAL = 1 << 0, /* does not run even when all goes well: it stands to the right of ||, in a
				       branch of if or case, or in an elif condition. The right side of && is not
				       meant, nor is what follows && after that (a || b && c: only b) */
	SHELL_TEST = 1 << 1,	    /* its failure is not a failure of the whole, as its exit status is looked at:
				       condition of if, elif, while or until; anywhere to the left of || in its
				       list (a && b || c: a and b); after ! */
	SHELL_LOOP = 1 << 2,	    /* in the body of for, while, until or select: runs any number of times, or never */
	SHELL_SUBSHELL = 1 << 3,    /* in ( … ), $( … ), backquotes or <( … ) */
	SHELL_FUNCTION = 1 << 4,    /* in the body of a function, run only when it is called */
	SHELL_PIPE_IN = 1 << 5,	    /* reads from a pipe */
	SHELL_PIPE_OUT = 1 << 6,    /* writes to a pipe: its failure goes unnoticed without pipefail */
	SHELL_BACKGROUND = 1 << 7,  /* in a list followed by & */
	SHELL_SUBSTITUTION = 1 << 8 /* inside $( … ), backquotes or <( … ) of a word or here-document */
};

/* A simple command; or one of
   - [[ … ]]: words are "[[", every operand and operator, "]]";
   - (( … )): words are "((", the expression as written, "))";
   - assignments or redirections alone: nwords is 0;
   - a compound command's redirections ("done < file"): nwords is 0, start and end are the compound
     command's, and it follows the commands that this one holds. */
struct shell_command {
	struct shell_word *words; /* the command name first; assignments before it are not among them; nor
				     are `!` and `time` */
	uint32_t nwords;
	struct shell_word *assignments; /* NAME=value before the command, or alone */
	uint32_t nassignments;
	struct shell_redirect *redirects;
	uint32_t nredirects;
	uint32_t where;	     /* SHELL_… bits */
	uint32_t list;	     /* commands and pipelines that one list joins by && share a number: a run that goes
				on only while all succeed. || begins another, and so does the first && after it.
				What a compound command or $(…) holds has numbers of its own. From 1 */
	uint32_t start, end; /* offsets in the text, of its words, assignments and redirections */
};

struct shell_script {
	struct shell_command *at;
	size_t n, cap;
	uint32_t end;		 /* behind the last command, compound ones whole: no ; & blank or comment */
	bool unknown;		 /* something was not read; the commands before it are there, though what stands
				    behind it may have changed their `where` */
	uint32_t unknown_at;	 /* offset of it */
	const char *unknown_why; /* a static text */
};

/* Reads `text`, which must outlive `out` (newlines count as they do in a script, a backslash before
   one joins lines; a logical text of a Dockerfile's view has none). Commands inside $(…) and
   backquotes are listed too, marked SHELL_SUBSTITUTION, after the command that holds them (those of
   a here-document later, where its body stands). */
void shell_parse(struct arena *a, struct str text, struct shell_script *out);

#endif
