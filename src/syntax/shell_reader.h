/* What the parts of the shell reader share; see shell.h for what it does.
 *
 * shell.c reads lists, pipelines and compound commands, shell_command.c simple commands and
 * redirections, shell_word.c words and expansions, shell_reader.c characters. Functions that give a
 * bool give false once something could not be read; shell_fail() has then noted why. */
#ifndef UNROOT_SYNTAX_SHELL_READER_H
#define UNROOT_SYNTAX_SHELL_READER_H

#include "syntax/shell.h"

/* Compound commands, substitutions and quotes within each other. */
#define SHELL_MAX_DEPTH 100

/* Above the SHELL_… bits while reading: how many substitutions and how many functions the command
   lies in, eight bits each. */
#define SHELL_LEVEL_SUBSTITUTION ((uint32_t)1 << 16)
#define SHELL_LEVEL_FUNCTION ((uint32_t)1 << 24)
#define SHELL_LEVELS_SUBSTITUTION ((uint32_t)0xff << 16)
#define SHELL_LEVELS_FUNCTION ((uint32_t)0xff << 24)

/* A here-document whose body is still to come. */
struct shell_pending {
	struct shell_redirect *redirect;
	uint32_t where; /* of the command */
};

struct shell_reader {
	struct arena *arena;
	struct shell_script *out;
	const char *p; /* the text, or what is left of it once a backquote's escapes are gone */
	uint32_t pos, end;
	const uint32_t *map; /* offset of each place of `p` in the given text; NULL: the same */
	uint32_t where;	     /* of the commands being read */
	uint32_t list, lists;
	uint32_t depth;
	uint32_t last_end; /* behind the last token that was taken; an offset of the given text */
	uint64_t rework;   /* bytes read twice because "((" did not begin an arithmetic expression */
	uint64_t rework_max;
	VEC(struct shell_word) words; /* stacks: each command takes its own off the top */
	VEC(struct shell_word) assignments;
	VEC(struct shell_redirect) redirects;
	VEC(struct shell_pending) pending;
	size_t pending_base; /* those below belong to an outer substitution */
};

/* The place `pos` in the given text. */
static inline uint32_t shell_offset(const struct shell_reader *r, uint32_t pos)
{
	return r->map ? r->map[pos] : pos;
}

bool shell_fail(struct shell_reader *r, uint32_t at, const char *why);

/* One level deeper, or failure. */
bool shell_enter(struct shell_reader *r);

/* The next character, -1 at the end; a backslash and newline before it are skipped. */
int shell_peek_slowly(struct shell_reader *r);
static inline int shell_peek(struct shell_reader *r)
{
	if (r->pos < r->end && r->p[r->pos] != '\\')
		return (unsigned char)r->p[r->pos];
	return shell_peek_slowly(r);
}

/* The character after that one; and the one at `*pos`, which is moved over joined lines. */
int shell_peek2(struct shell_reader *r);
int shell_peek_at(const struct shell_reader *r, uint32_t *pos);

/* Takes `n` characters, none of which may be a newline. */
void shell_take(struct shell_reader *r, unsigned n);

/* Skips blanks and a comment; shell_newlines() newlines and their here-documents as well. */
void shell_blanks(struct shell_reader *r);
bool shell_newlines(struct shell_reader *r);

/* A word that ends there: blank, newline, operator or end. */
bool shell_is_break(int c);
bool shell_is_name_char(int c);
bool shell_is_name(struct str s);

enum {
	SHELL_WORD_ASSIGNMENT = 1 << 0, /* before the command's name: NAME=value, NAME[…]=value, NAME=(…) */
	SHELL_WORD_ARRAY = 1 << 1,	/* an argument of declare and its like: NAME=(…) */
	SHELL_WORD_PATTERN = 1 << 2,	/* in [[ … ]], after ==: @(a|b) */
	SHELL_WORD_REGEX = 1 << 3	/* in [[ … ]], after =~ */
};

/* Reads the word at the current place, which may be empty (start == end). `*assignment`, when not
   NULL, says whether it is one. */
bool shell_read_word(struct shell_reader *r, unsigned mode, struct shell_word *word, bool *assignment);

/* At "((": takes it all when it is an arithmetic expression; otherwise, two nested subshells, takes
   nothing and sets `*is` to false. */
bool shell_try_arithmetic(struct shell_reader *r, bool *is);

/* Expansions in a here-document's body, [from, to) of the text. */
bool shell_read_body(struct shell_reader *r, uint32_t from, uint32_t to, uint32_t where);

/* A list of commands up to what cannot begin one. */
bool shell_read_list(struct shell_reader *r, bool may_be_empty);

/* What closes a compound command, or opens one. */
enum shell_reserved {
	SHELL_NOT_RESERVED,
	SHELL_IF,
	SHELL_THEN,
	SHELL_ELIF,
	SHELL_ELSE,
	SHELL_FI,
	SHELL_FOR,
	SHELL_SELECT,
	SHELL_WHILE,
	SHELL_UNTIL,
	SHELL_DO,
	SHELL_DONE,
	SHELL_CASE,
	SHELL_ESAC,
	SHELL_OPEN_BRACE,
	SHELL_CLOSE_BRACE,
	SHELL_NOT,
	SHELL_OPEN_TEST,
	SHELL_FUNCTION_WORD,
	SHELL_TIME,
	SHELL_COPROC,
	SHELL_IN
};
enum shell_reserved shell_reserved_at(struct shell_reader *r);
/* Takes that reserved word, or false (without failure) when another thing stands there. */
bool shell_take_reserved(struct shell_reader *r, enum shell_reserved word);

/* A compound command that begins here, with its redirections; a function's body too. */
bool shell_read_compound(struct shell_reader *r, enum shell_reserved first);
bool shell_read_function(struct shell_reader *r);

/* A simple command, a function definition "name ()", or a redirection alone. */
bool shell_read_simple(struct shell_reader *r);
/* [[ … ]] and (( … )) as commands; the second like shell_try_arithmetic(). */
bool shell_read_test(struct shell_reader *r);
bool shell_try_arithmetic_command(struct shell_reader *r, bool *is);
/* The redirections behind a compound command that began at `start`. */
bool shell_read_redirects(struct shell_reader *r, uint32_t start);

/* At a newline: takes it, and the here-documents that wait for it. */
bool shell_newline(struct shell_reader *r);

#endif
