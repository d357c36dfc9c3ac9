/* What an engine knows of a Dockerfile, for the program's own commands: not part of the library's interface. */
#ifndef UNROOT_API_INSPECT_H
#define UNROOT_API_INSPECT_H

#include "plan/plan.h"
#include "unroot/unroot.h"

/* Is given the plans of the target stages, each with its facts, which are gone when it returns. There is one, or with
   all_targets one at least. */
typedef void inspect_visit(void *ctx, const struct plan *const *plans, size_t n);

/* Reads one Dockerfile as unroot_run() does, and changes nothing. */
int engine_inspect(unroot_engine *engine, const char *name, struct str bytes, const unroot_provider *provider,
		   inspect_visit *visit, void *ctx, unroot_error *error);

#endif
