/* An account command in the words of another family's tools. */
#ifndef UNROOT_FIX_TRANSLATE_H
#define UNROOT_FIX_TRANSLATE_H

#include "fix/account.h"
#include "model/facts.h"

struct translation {
	struct arena *arena;
	const struct facts *facts;
	const struct account_step *step;
	struct str text;  /* of the RUN step that holds the command */
	bool group_ready; /* a group of the account's name is there already */
};

/* The commands that do with the family's own tools (BusyBox's, or shadow's) what the step's command says. Every option
   has to be understood: else there is none in `out`, and `why` says which could not be said. */
void translate_account(const struct translation *t, struct commands *out, struct str *why);

#endif
