/* Tokens: a list that tiles the file, so that printing them gives every byte back. */
#ifndef UNROOT_SYNTAX_TOKEN_H
#define UNROOT_SYNTAX_TOKEN_H

#include "syntax/args.h"

enum token_kind {
	TOKEN_BOM,
	TOKEN_NEWLINE, /* "\n" or "\r\n" */
	TOKEN_SPACE,
	TOKEN_COMMENT,
	TOKEN_DIRECTIVE,
	TOKEN_KEYWORD,
	TOKEN_FLAG,
	TOKEN_TEXT,	    /* arguments */
	TOKEN_CONTINUATION, /* the escape character and the blanks behind it */
	TOKEN_HEREDOC,	    /* body of a here-document */
	TOKEN_TERMINATOR
};

struct token {
	uint32_t start, end;
	enum token_kind kind;
};

const char *token_kind_name(enum token_kind kind);

struct tokens {
	struct token *at;
	size_t n, cap;
};

/* Every byte of the file lies in exactly one token, for any input. */
void tokens_of(struct arena *a, const struct document *d, struct tokens *out);

#endif
