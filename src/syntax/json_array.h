/* Exec form: a JSON array of strings, read as Go's encoding/json reads it. */
#ifndef UNROOT_SYNTAX_JSON_ARRAY_H
#define UNROOT_SYNTAX_JSON_ARRAY_H

#include "syntax/split.h"

enum json_kind {
	JSON_NOT_ARRAY, /* no JSON array: shell form */
	JSON_STRINGS,	/* exec form */
	JSON_MIXED	/* an array with an element that is no string: BuildKit refuses it */
};

/* What text[part] is. For JSON_MIXED *bad is the offset of the first such element. */
enum json_kind json_array(struct str text, struct range part, size_t *bad);

/* The next string of a JSON_STRINGS array, quotes included; *at starts at the array's begin. */
bool json_string_next(struct str text, size_t *at, size_t end, struct range *literal);

/* The value of such a string. */
struct str json_string_value(struct arena *a, struct str literal);

#endif
