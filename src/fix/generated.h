/* Files that a program writes: what is changed in them is lost when it runs again. */
#ifndef UNROOT_FIX_GENERATED_H
#define UNROOT_FIX_GENERATED_H

#include "fix/finding.h"
#include "syntax/document.h"

/* Where a comment above the first instruction says DO NOT EDIT, fixes are UNROOT_UNSAFE at best, and their messages, which
   lie in `a`, say why. */
void generated_apply(struct arena *a, const struct document *d, struct findings *findings);

#endif
