/* The texts below templates/: built in, or the caller's in their place. */
#ifndef UNROOT_FIX_TEMPLATES_H
#define UNROOT_FIX_TEMPLATES_H

#include "base/arena.h"
#include "unroot/unroot.h"

struct templates {
	const unroot_pair *given; /* path below templates/ and text, ended by a NULL name; or NULL */
};

/* The text by its path ("debian/account"), or an empty str with p NULL. `templates` is a struct templates *, so
   that this serves as a template_text (model/tables.h). */
struct str templates_text(void *templates, const char *path);

/* Whether each one given takes the place of a built-in one and is of use; if not, which and why. */
bool templates_check(const struct templates *t, struct arena *a, struct str *why);

#endif
