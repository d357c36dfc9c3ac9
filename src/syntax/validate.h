/* What BuildKit refuses in one instruction. */
#ifndef UNROOT_SYNTAX_VALIDATE_H
#define UNROOT_SYNTAX_VALIDATE_H

#include "syntax/exec_form.h"

struct fault {
	size_t at; /* offset in the logical text */
	struct str message;
};

/* An instruction under examination. */
struct examined {
	struct arena *arena;
	struct str text; /* logical text */
	char escape;
	struct split split;
	enum exec_form json; /* of the arguments, where the instruction has an exec form */
	size_t json_bad;
	struct fault *fault;
};

/* Splits `text` and looks at its exec form; `fault` is where the others below put what they find. */
struct examined examine(struct arena *a, struct str text, char escape, struct fault *fault);

/* What the parser refuses: false, and the fault is set. Triggers of ONBUILD included. */
bool validate_for_parser(struct examined *e);

/* What the instruction layer refuses, apart from the order of instructions. */
bool validate_for_layer(struct examined *e);

/* Shared by the parts of the instruction layer. */
bool validate_fail(struct examined *e, size_t at, const char *format, ...) __attribute__((format(printf, 3, 4)));
bool validate_flags(struct examined *e);

/* The beginning of a text of the file, short enough for a message. */
struct str validate_excerpt(struct str s);

/* The one of `names` (ends with a NULL) that was probably meant, or NULL. */
const char *validate_nearest(struct str word, const char *const *names);

#endif
