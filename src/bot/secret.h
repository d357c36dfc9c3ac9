/* The token: it comes from the environment, and goes nowhere but into the header of a request. */
#ifndef UNROOT_BOT_SECRET_H
#define UNROOT_BOT_SECRET_H

#include "base/buf.h"

struct secret {
	struct str token; /* empty: there is none */
	struct str basic; /* base64 of "USER:TOKEN", as git sends it */
};

/* Takes the value of the first variable of `names` (NULL-terminated) that is set and not empty, and of no other. All
   variables that hold tokens of a forge are wiped from the environment, so that neither a program that is started nor
   the list of processes shows them. `user` goes before the colon of `basic`. */
void secret_take(struct arena *a, const char *const *names, const char *user, struct secret *out);

struct str secret_base64(struct arena *a, struct str s);

/* The text with the token, in either form, replaced by "***". */
struct str secret_hide(struct arena *a, const struct secret *s, struct str text);

#endif
