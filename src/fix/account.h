/* The commands that make an account, and that hand paths over, from templates/<family>/. */
#ifndef UNROOT_FIX_ACCOUNT_H
#define UNROOT_FIX_ACCOUNT_H

#include "base/buf.h"
#include "model/tables.h"
#include "plan/plan.h"

struct commands {
	struct str *at;
	size_t n, cap;
	/* Room for the paths that join handover_add()'s last commands. */
	struct buf last, above;
};

/* The lines of templates/<family>/account with {user}, {group}, {uid}, {gid}, {home}, {manager} and {package} put in; nothing when
   the family has none. */
void account_commands(struct arena *a, const struct tables *t, const struct plan *p, struct commands *out);

/* Adds what hands a path over: "chown app:app /app", with the directory made first, recursive or only what root owns, as the
   handover asks. A path that the command before hands over in the same way joins it. */
void handover_add(struct arena *a, const struct plan *p, const struct handover *h, struct commands *out);

/* Checks a snippet of a family: only known placeholders, no line that is not a command. Gives what is wrong, or an
   empty text. */
struct str account_template_fault(struct arena *a, struct str text);

#endif
