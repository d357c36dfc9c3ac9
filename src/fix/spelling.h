/* Paths as the file itself writes them. */
#ifndef UNROOT_FIX_SPELLING_H
#define UNROOT_FIX_SPELLING_H

#include "plan/plan.h"

/* The path of a handover as a word of its step: with the variable by which the file names a part of it
   ("/opt/app-$VERSION"), so that it holds for another version too; quoted where it has to be. Long files are not
   searched. */
struct str spelling_of(struct arena *a, const struct plan *p, const struct handover *h);

#endif
