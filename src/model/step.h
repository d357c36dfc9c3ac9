/* Reading shell text for what it does to the image (RUN) or at run time (CMD, ENTRYPOINT, scripts). */
#ifndef UNROOT_MODEL_STEP_H
#define UNROOT_MODEL_STEP_H

#include "model/facts.h"

struct step {
	struct facts *f;
	struct run *run;   /* flags and the telling command are noted here */
	struct start *start; /* NULL in RUN; else programs that a container starts are judged too */
	uint32_t index;	   /* of the run, for paths made; RUN_START at run time */
	struct str cwd;	   /* empty: not known */
	struct scope vars; /* the file's variables, and those that the text sets itself */
	uint32_t ins;
	int nesting;
	const struct shell_command *command; /* the one being read; NULL in exec form */
	uint32_t last_list;		     /* of the text being read: see struct shell_command */
	bool errexit;			     /* set -e was there */
	size_t end; /* where " && more" may follow the text that step_script() read last, or STR_NONE */
};

/* Reads shell text. */
void step_script(struct step *s, struct str text);

/* Reads one command, its name first; `at` is its offset in the text. */
void step_command(struct step *s, const struct shell_word *words, uint32_t n, uint32_t at);

/* Notes an account command in facts.account_steps; `words` is the command without sudo and the like. */
void step_note_account(struct step *s, const struct account_command *command, const struct shell_word *words,
		       uint32_t n, bool wrapped);

/* Notes what a package manager's command installs, as far as account tools go. */
void step_note_packages(struct step *s, const struct shell_word *words, uint32_t n);

/* A word's value, with the file's variables put in; p is NULL when it is not known. */
struct str step_value(const struct step *s, const struct shell_word *word);

/* Judges the program `words[0]` as something that a container starts (src/model/start.c). True when that says all
   there is to say of the command. */
bool start_program(struct step *s, const struct shell_word *words, uint32_t n);

#endif
