/* Comments that switch rules off: "# unroot ignore=RULE[,RULE] # why" above an instruction, "# unroot global ignore=RULE"
 * anywhere, and hadolint's "# hadolint ignore=DL3002" ("last USER should not be root"). */
#ifndef UNROOT_FIX_PRAGMA_H
#define UNROOT_FIX_PRAGMA_H

#include "fix/finding.h"
#include "syntax/document.h"

/* Marks the findings that comments of the document switch off; with the finding of run-as-root or root-user-last its whole bundle. */
void pragma_apply(struct arena *a, const struct document *d, struct findings *findings);

#endif
