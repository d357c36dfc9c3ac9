/* The file's own style, so that inserted text looks as if it had always been there. */
#ifndef UNROOT_FIX_STYLE_H
#define UNROOT_FIX_STYLE_H

#include "fix/edit.h"
#include "syntax/args.h"

/* How the commands of a RUN step are joined. */
struct run_style {
	uint32_t ins;
	bool leading_and;  /* continued commands begin with &&, instead of ending with it */
	bool semicolon;	   /* they end with a semicolon, and the step with the first that fails */
	bool several;	   /* lines */
	struct str indent; /* of continuation lines; empty: nothing shows it */
};

struct file_style {
	struct arena *arena;
	const struct document *doc;
	struct str eol; /* "\n" or "\r\n": what most lines end with */
	bool lower;	/* keywords are written small */
	VEC(struct run_style) runs; /* those that show how they are joined, in their order */
};

void style_read(struct file_style *s, struct arena *a, const struct document *d);

/* "RUN" or "run", then a blank. */
struct str style_keyword(const struct file_style *s, enum keyword kw);

/* A RUN instruction of several commands joined by &&, one a line, without a final line end; it will stand near
   instruction `near`. */
struct str style_run(const struct file_style *s, uint32_t near, const struct str *commands, uint32_t n);

/* Where a new instruction goes so that it stands above instruction `ins`: above the comments that belong to it. The
   indentation of `ins` is given for the new line. */
uint32_t style_above(const struct file_style *s, uint32_t ins, struct str *indent);

/* Inserts a line above or below an instruction. A file without a final line end gets none. */
void style_insert_above(const struct file_style *s, struct edits *e, uint32_t ins, struct str text);
void style_insert_below(const struct file_style *s, struct edits *e, uint32_t ins, struct str text);

/* Above `ins`, or below the instruction before it where `ins` begins another stage or is past the last one. */
void style_insert_at(const struct file_style *s, struct edits *e, uint32_t ins, struct str text);

/* Appends " && command", or "; command", to the RUN text that ends at `end` (offset in the file), as the step is written itself. */
void style_append_command(const struct file_style *s, struct edits *e, uint32_t ins, uint32_t end, struct str command);

/* Commands joined by && as step `ins` is written itself: one a line, or all on one. */
struct str style_join(const struct file_style *s, uint32_t ins, const struct str *commands, uint32_t n);

/* " --chown=owner" */
struct str style_chown(const struct file_style *s, struct str owner);

/* Adds a flag, with a blank before it, behind the keyword of COPY or ADD. */
void style_insert_flag(const struct file_style *s, struct edits *e, uint32_t ins, struct str flag);

/* The comments right above an instruction, with their line ends; empty without. */
struct str style_comments(const struct file_style *s, uint32_t ins);

/* Takes an instruction away with its line end and the comments right above it, and one of two empty lines that would then
   follow each other. */
void style_remove_whole(const struct file_style *s, struct edits *e, uint32_t ins);

/* Takes an instruction away with its line end. */
void style_remove(const struct file_style *s, struct edits *e, uint32_t ins);

/* A path as one shell word, quoted where it has to be. */
struct str style_quote(struct arena *a, struct str path);

#endif
