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

/* As unroot_run(), but makes the fix of one finding alone, whatever its class, and that of what is fixed together with it.
   `only` is a finding of an earlier report on the same bytes. The files of the report are that fix; there are none
   when the finding is not found again. */
int engine_fix_one(unroot_report **out, unroot_engine *engine, const char *name, struct str bytes,
		   const unroot_provider *provider, const unroot_finding *only, unroot_error *error);

#endif
