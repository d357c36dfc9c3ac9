/* Classes of characters outside ASCII, by Unicode properties. */
#ifndef UNROOT_SYNTAX_CHAR_CLASS_H
#define UNROOT_SYNTAX_CHAR_CLASS_H

#include "base/arena.h"

/* A class that is compiled when it is first asked. Its memory is the arena's. */
struct char_class {
	struct arena *arena;
	const char *pattern; /* a PCRE2 pattern for one character, such as "\\p{L}" */
	void *code, *match;
};

bool char_class_has(struct char_class *c, uint32_t code_point);

#endif
