/* Reading shell text for what it does to the image (RUN) or at run time (CMD, ENTRYPOINT, scripts). */
#ifndef UNROOT_MODEL_STEP_H
#define UNROOT_MODEL_STEP_H

#include "model/facts.h"

enum { STEP_ARGUMENT_LISTS = 8 };

struct step {
	struct facts *f;
	struct run *run;   /* flags are noted here */
	struct run_words *words; /* and the telling commands here; they need not last longer than the step */
	struct start *start; /* NULL in RUN; else programs that a container starts are judged too */
	uint32_t index;	   /* of the run, for paths made; RUN_START at run time */
	struct str cwd;	   /* empty: not known */
	struct str home;   /* $HOME; empty: not known */
	struct str venv;   /* the virtual environment that was entered; empty: none */
	struct scope vars; /* the file's variables, and those that the text sets itself */
	uint32_t ins;
	int nesting; /* of texts within texts */
	int depth;   /* of commands within commands */
	uint32_t how; /* UNWRAP_… bits of what stands before the command being read */
	const struct shell_command *command; /* the one being read; NULL in exec form */
	uint32_t where;			     /* its SHELL_… bits, with those of the texts around it */
	const struct shell_command *tried;   /* the last before it in its text whose failure is not one of the whole, or NULL */
	const struct shell_command *test;    /* the last [ or its like there, or NULL */
	struct argument_list {
		const struct shell_word *at;
		uint32_t n;
	} arguments[STEP_ARGUMENT_LISTS]; /* what the "$@" of the script that is read at start can be: what it is started
					     with, and what set -- and shift make of that */
	uint32_t narguments, njudged; /* and the first of them, which were judged already */
	struct str input;		     /* its here-document or here-string; p is NULL without one */
	uint32_t last_list;		     /* of the text being read: see struct shell_command */
	bool errexit;			     /* set -e was there */
	const struct args *args;	     /* the instruction, for here-documents whose bodies stand behind it, or NULL */
	uint32_t heredoc;		     /* the next of them */
	struct map functions;		     /* names of the functions that the text defines */
	struct map mounts;		     /* directories that are mounted while the step runs: not in the image */
	size_t end; /* where " && more" may follow the text that step_script() read last, or STR_NONE */
};

/* Reads shell text. */
void step_script(struct step *s, struct str text);

/* The same for the text of sh -c and the like: what it does to the directory and to variables ends with it. */
void step_nested(struct step *s, struct str text);

/* The same for a text that the shell reads in itself: its variables and its directory stay. */
void step_sourced(struct step *s, struct str text);

/* Reads the script that a word names as a command of its own, or into the shell (src/model/script.c). False when it is no
   shell script of the build context, or may be another one by then. */
bool step_run_script(struct step *s, const struct shell_word *word);
bool step_source_script(struct step *s, const struct shell_word *word);

/* "#!/usr/bin/env bash -e": up to `max` words of a script's first line, the interpreter first; 0 without one. */
uint32_t script_shebang(struct str text, struct shell_word *words, uint32_t max);

/* Whether the bytes look like text. */
bool script_is_text(struct str bytes);

/* Reads one command, its name first; `at` is its offset in the text. */
void step_command(struct step *s, const struct shell_word *words, uint32_t n, uint32_t at);

/* The effect of one command, wrappers gone, on the image (src/model/effects.c). */
void step_effect(struct step *s, const struct command_fact *fact, const struct shell_word *words, uint32_t n, uint32_t at);

/* Something is written at `path` (absolute; p is NULL when not known) by `command`, or at the path that a word names. */
void step_write(struct step *s, enum made_kind kind, struct str path, struct str command);
void step_write_word(struct step *s, enum made_kind kind, const struct shell_word *word, struct str command);

/* `command` needs root; does more as root than as somebody else (pip); is not known; its text cannot be read. */
void step_needs_root(struct step *s, struct str command);
void step_wants_root(struct step *s, struct str command);
void step_opaque(struct step *s, struct str command);
void step_unreadable(struct step *s);

/* A package manager's command or an account tool's: whoever runs it is root, unless something speaks against it. */
void step_proves_root(struct step *s);

/* What a command that only root can run says when it is a distribution's package manager (src/model/packages.c). */
void step_package_manager(struct step *s, const struct shell_word *words, uint32_t n);

/* "nginx=1.2*", "redis@edge", "sudo:amd64": the name of a package alone. */
struct str step_package_name(struct str word);

/* Notes what a command leaves below the home (src/model/homes.c). */
void step_home(struct step *s, const struct command_fact *fact, const struct shell_word *words, uint32_t n);

/* A command that others have made known is run: what it fetches is left in the home then. */
void step_uses_homes(struct step *s, struct str command);

/* The same as step_home() for packages that `words` (name first) install, by name or from the package.json of the working
   directory, where that can be read: some fetch something when they are installed. */
void step_package_homes(struct step *s, const struct shell_word *words, uint32_t n);

/* Notes an account command in facts.account_steps; `words` is the command without sudo and the like. */
void step_note_account(struct step *s, const struct account_command *command, const struct shell_word *words,
		       uint32_t n, bool wrapped);

/* Notes what a package manager's command installs, as far as account tools go. */
void step_note_packages(struct step *s, const struct shell_word *words, uint32_t n);

/* A word's value, with the file's variables put in; p is NULL when it is not known. */
struct str step_value(const struct step *s, const struct shell_word *word);

/* The same as a path: absolute, in scratch memory; p is NULL when it is not known. */
struct str step_path(const struct step *s, const struct shell_word *word);

/* The same for a command that changes a link itself, not what it leads to: rm, mv, ln. */
struct str step_path_itself(const struct step *s, const struct shell_word *word);

/* What is found out about the start command. Needing root outweighs not knowing, which outweighs running. */
void start_judge(struct step *s, enum verdict verdict, struct str why);

/* The same: it needs root; `instead` is what people can do about it, in sentences; or empty. */
void start_judge_root(struct step *s, struct str why, struct str instead);

/* A program that no table knows: reads it where it is a script of the build context or a here-document, takes it for the app
   where the file brings or builds it, and judges it unknown otherwise. */
void start_resolve(struct step *s, struct str word);

/* Judges the program `words[0]` as something that a container starts (src/model/start_program.c). True when that says all
   there is to say of the command. */
bool start_program(struct step *s, const struct shell_word *words, uint32_t n);

#endif
