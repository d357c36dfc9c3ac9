/* An instruction's logical text taken apart the way BuildKit's parser does, without storing
   anything: ranges are offsets in that text. */
#ifndef UNROOT_SYNTAX_SPLIT_H
#define UNROOT_SYNTAX_SPLIT_H

#include "syntax/document.h"

struct range {
	size_t from, to;
};

static inline struct str range_text(struct str text, struct range r)
{
	return str_sub(text, r.from, r.to);
}

/* How the parser reads the arguments of an instruction. */
enum style {
	STYLE_IGNORE,	      /* not at all (unknown instructions) */
	STYLE_STRING,	      /* one string */
	STYLE_WORDS,	      /* words between blanks */
	STYLE_NAMES,	      /* words with quotes: ARG */
	STYLE_PAIRS,	      /* words with quotes and =: ENV, LABEL */
	STYLE_JSON_OR_STRING, /* exec form or one string */
	STYLE_JSON_OR_WORDS,
	STYLE_HEALTH, /* a type, then STYLE_JSON_OR_STRING */
	STYLE_INSTRUCTION
};

enum style style_of(enum keyword kw);

struct split {
	enum keyword keyword;
	struct range name; /* the keyword as written */
	size_t flags;	   /* where flags may begin */
	bool has_flags;
	struct range rest; /* the arguments, without white space around them */
};

/* Splits `part` of the text: keyword, flags, arguments. */
void split_instruction(struct str text, struct range part, char escape, struct split *out);

/* The next flag of the instruction; *at starts as `flags`. False when the arguments begin, which
   is then at *at. `end` is the end of the text to look at. */
bool flag_next(struct str text, size_t *at, size_t end, char escape, struct range *flag);

/* The flag as BuildKit stores it: without quotes and escapes, bytes above 0x7F read as Latin-1.
 *equals is the offset in the raw flag of its first = that counts, or STR_NONE. */
struct str flag_decode(struct arena *a, struct str raw, char escape, size_t *equals);

/* The next word between ASCII blanks. */
bool blank_word_next(struct str text, size_t *at, size_t end, struct range *word);

/* The next word where quotes and escapes hold it together; both stay in it. Its value is
   utf8_repair() of it. */
bool quoted_word_next(struct str text, size_t *at, size_t end, char escape, struct range *word);

/* Old form, "NAME value": where the name ends and the value begins (offsets in the text). */
bool old_pair(struct str text, struct range rest, struct range *name, struct range *value);

/* HEALTHCHECK: the type, and what comes behind it. False when there is none. */
bool health_split(struct str text, struct range rest, struct range *type, struct range *command);

#endif
