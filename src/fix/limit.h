/* Lines that edits would make longer than BuildKit reads. */
#ifndef UNROOT_FIX_LIMIT_H
#define UNROOT_FIX_LIMIT_H

#include "fix/finding.h"
#include "syntax/document.h"

/* Takes the edits from findings, and from all of their bundle, that would leave a line of the document above
   SOURCE_MAX_LINE, and says so in their messages, which lie in `a`: they are UNROOT_DISPLAY then. */
void limit_apply(struct arena *a, struct arena *scratch, const struct document *d, struct findings *findings);

#endif
