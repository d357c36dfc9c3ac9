/* The words of one instruction: flags, arguments, exec form, here-documents. */
#ifndef UNROOT_SYNTAX_ARGS_H
#define UNROOT_SYNTAX_ARGS_H

#include "syntax/view.h"

/* An argument. `text` is the value BuildKit's parser stores: for exec form the decoded string,
   otherwise the words as written (quotes and variables untouched). `span` is where it stands in
   the file, quotes included; for exec form with its JSON quotes. `at` is the offset of `span` in
   the view's text. */
struct word {
	struct str text;
	struct span span;
	uint32_t at;
};

struct flag {
	struct str name;  /* without the dashes: "chown" */
	struct str value; /* quotes and escapes taken away, as BuildKit does; variables untouched */
	bool has_value;	  /* an = was there */
	struct span span; /* the whole flag */
	struct span value_span;
	struct str raw; /* the word as BuildKit stores it: "--chown=a:b" */
};

struct heredoc {
	struct str name;
	bool expand;		/* the delimiter is unquoted */
	bool chomp;		/* <<- */
	struct span body;	/* without the terminator line */
	struct span terminator; /* the terminator line without its line end */
	uint32_t at;		/* offset in the view's text of the word holding "<<" */
};

/* How words[] is to be read. */
enum args_form {
	ARGS_NONE,	 /* no arguments, or those of an unknown instruction */
	ARGS_WORDS,	 /* words, one entry each (FROM, COPY, EXPOSE, VOLUME, ARG, ...) */
	ARGS_PAIRS,	 /* ENV and LABEL: name, value, name, value, ... */
	ARGS_STRING,	 /* one entry: the rest of the line (shell form of RUN, CMD, ...; USER, WORKDIR) */
	ARGS_EXEC,	 /* a JSON array of strings, one entry each */
	ARGS_INSTRUCTION /* ONBUILD: `sub` */
};

struct args {
	struct view view;
	enum keyword keyword;
	struct str keyword_text; /* as written */
	struct flag *flags;
	uint32_t nflags;
	enum args_form form;
	struct word *words;
	uint32_t nwords;
	bool old_pair;		/* "ENV name value", without = */
	struct str health_type; /* HEALTHCHECK: "CMD" or "NONE" as written; words then hold its command */
	struct span rest;	/* everything after the flags, trimmed */
	struct heredoc *heredocs;
	uint32_t nheredocs;
	struct args *sub; /* ONBUILD; its here-documents are listed in both */
};

/* Reads instruction `index`. For a document without error this cannot fail; with one, words that
   BuildKit would refuse are left out. */
void instruction_args(struct arena *a, const struct document *d, size_t index, struct args *out);

/* The flag of that name, or NULL. */
const struct flag *args_flag(const struct args *args, struct str name);

/* BuildKit's S-expression of an instruction (parser.Node.Dump), as in `unroot tokens --sexp`.
   `out` must be empty. */
struct buf;
void args_sexp(const struct args *args, struct buf *out);

#endif
