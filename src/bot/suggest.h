/* Suggestions on the lines of a pull request, which people apply with a click. */
#ifndef UNROOT_BOT_SUGGEST_H
#define UNROOT_BOT_SUGGEST_H

#include "bot/run.h"

/* Reviews request `options.suggest` of the repository. The same review is not made twice. */
void suggest_run(const struct bot_options *o, struct forge *forge, const char *path, bool remote,
		 struct totals *totals);

#endif
