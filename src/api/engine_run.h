/* Other ways to run an engine, for the program's own commands: not part of the library's interface. */
#ifndef UNROOT_API_ENGINE_RUN_H
#define UNROOT_API_ENGINE_RUN_H

#include "base/str.h"
#include "unroot/unroot.h"

/* As unroot_run(), but looks once: the findings and which files change are the same, but a file's `fixed` may not be
   all yet, and fixes that do not settle are not noticed. */
int engine_judge(unroot_report **out, unroot_engine *engine, const char *name, struct str bytes,
		 const unroot_provider *provider, unroot_error *error);

/* As unroot_run(), but makes the fix of one finding alone, whatever its class, and that of what is fixed together with
   it. `only` is a finding of an earlier report on the same bytes. The files of the report are that fix; there are none
   when the finding is not found again. */
int engine_fix_one(unroot_report **out, unroot_engine *engine, const char *name, struct str bytes,
		   const unroot_provider *provider, const unroot_finding *only, unroot_error *error);

#endif
