/* File name patterns as git's ignore files have them. */
#ifndef UNROOT_PROJECT_GLOB_H
#define UNROOT_PROJECT_GLOB_H

#include "base/str.h"

/* Whether `pattern` (*, ?, [a-z], [!a-z], [[:digit:]], \c; no slash has a meaning) matches all of `text`. */
bool glob_match(struct str pattern, struct str text);

/* The same for paths: wildcards stay inside one component, and a component ** stands for any number of them. */
bool glob_match_path(struct str pattern, struct str path);

#endif
