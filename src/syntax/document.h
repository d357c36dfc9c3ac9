/* A Dockerfile as instructions, read as BuildKit's parser reads it
 * (moby/buildkit frontend/dockerfile/parser and instructions, 2026-08).
 *
 * Parsing never fails: the first thing that BuildKit would refuse stands in `error`, and all the
 * instructions are there, those behind it included. An instruction holds only its place; its words are read on demand
 * with instruction_args(), because most instructions of a file are never asked. */
#ifndef UNROOT_SYNTAX_DOCUMENT_H
#define UNROOT_SYNTAX_DOCUMENT_H

#include "syntax/source.h"

enum keyword {
	KW_UNKNOWN, /* an instruction that BuildKit does not know: its instruction layer refuses it */
	KW_ADD,
	KW_ARG,
	KW_CMD,
	KW_COPY,
	KW_ENTRYPOINT,
	KW_ENV,
	KW_EXPOSE,
	KW_FROM,
	KW_HEALTHCHECK,
	KW_LABEL,
	KW_MAINTAINER,
	KW_ONBUILD,
	KW_RUN,
	KW_SHELL,
	KW_STOPSIGNAL,
	KW_USER,
	KW_VOLUME,
	KW_WORKDIR,
	KW_COUNT
};

/* "RUN", ... */
struct str keyword_name(enum keyword kw);
enum keyword keyword_of(struct str word);

struct instruction {
	uint32_t start;	   /* first byte of the keyword */
	uint32_t text_end; /* end of the instruction's own lines, without the last line end */
	uint32_t end;	   /* the same, here-documents included (= text_end without them) */
	uint32_t line;	   /* 1-based first line, as BuildKit counts; it may hold nothing but an escape character */
	uint32_t last_line;
	uint8_t keyword;   /* enum keyword */
	uint8_t continued; /* its first line ends in an escape character (that joins the next one) */
	uint8_t heredocs;  /* number of here-documents, 255 for more */
};

/* Where the body of a here-document stands. */
struct heredoc_place {
	uint32_t body;	     /* first byte of the first line */
	uint32_t terminator; /* first byte of the terminator line */
	uint32_t end;	     /* end of the terminator line's text */
};

/* What BuildKit refuses, and where. */
struct syntax_error {
	uint32_t offset;
	uint32_t line;		/* the line BuildKit would name */
	bool instruction_layer; /* false: the parser itself refuses, there is no tree at all */
	struct str message;	/* one line: what is wrong and what was expected; empty when all is well */
};

/* A line of the file, for the tokens: every line is of one kind. */
enum line_kind {
	LINE_BLANK,
	LINE_COMMENT,
	LINE_DIRECTIVE,	   /* # syntax=, # escape=, # check= at the head */
	LINE_INSTRUCTION,  /* first line of an instruction */
	LINE_CONTINUATION, /* a further line of it that carries text */
	LINE_IN_COMMENT,   /* comment line inside a continuation */
	LINE_IN_BLANK,	   /* blank line inside a continuation */
	LINE_HEREDOC,	   /* body of a here-document */
	LINE_TERMINATOR,   /* its last line */
	LINE_UNREAD	   /* from a line on that is too long for BuildKit */
};

struct document {
	struct source source;
	char escape; /* '\\' or '`' */
	struct {
		struct instruction *at;
		size_t n, cap;
	} instructions;
	struct {
		struct heredoc_place *at; /* of all instructions, in order */
		size_t n, cap;
	} heredocs;
	uint32_t read_end; /* the file is read up to here: its end, or a line too long for BuildKit */
	struct syntax_error error;
};

/* Parses `bytes`, which must outlive the document. */
void document_parse(struct arena *a, struct document *d, const char *name, struct str bytes);

/* Calls `each` for the lines of the file in order; [start, end) includes the line end. The spans
   tile the file after its byte order mark. `text_end` is where the line's text ends: before the
   line end, and before a continuation's escape character and the blanks behind it. */
struct line {
	uint32_t start, text_end, end;
	enum line_kind kind;
};
void document_lines(const struct document *d, void (*each)(void *ctx, const struct line *line), void *ctx);

/* An instruction's here-documents: *n of them, or NULL. */
const struct heredoc_place *document_heredocs(const struct document *d, const struct instruction *ins, size_t *n);

/* The index of the instruction that `offset` lies in (comments and blanks before an instruction
   do not belong to it, the place right behind it does), or STR_NONE. */
size_t document_instruction_at(const struct document *d, uint32_t offset);

#endif
