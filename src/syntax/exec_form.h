/* Exec form: a JSON array of strings, read as Go's encoding/json reads it. */
#ifndef UNROOT_SYNTAX_EXEC_FORM_H
#define UNROOT_SYNTAX_EXEC_FORM_H

#include "syntax/split.h"

enum exec_form {
	EXEC_NONE,    /* no JSON array: shell form */
	EXEC_STRINGS, /* exec form */
	EXEC_MIXED    /* an array with an element that is no string: BuildKit refuses it */
};

/* What text[part] is. For EXEC_MIXED *bad is the offset of the first such element. */
enum exec_form exec_form_of(struct str text, struct range part, size_t *bad);

/* The next string of a EXEC_STRINGS array, quotes included; *at starts at the array's begin. */
bool exec_string_next(struct str text, size_t *at, size_t end, struct range *literal);

/* The value of such a string. */
struct str exec_string_value(struct arena *a, struct str literal);

#endif
