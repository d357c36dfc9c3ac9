/* Names that a walk knows. */
#ifndef UNROOT_PROJECT_WALK_NAME_H
#define UNROOT_PROJECT_WALK_NAME_H

#include "base/str.h"

/* Dockerfile, Dockerfile.*, *.Dockerfile, *.dockerfile, Containerfile, Containerfile.*; no templates, documents or
   ignore files. */
bool walk_is_dockerfile(struct str name);

/* .git, node_modules, vendor. */
bool walk_skips_directory(struct str name);

/* A template, document or ignore file, whatever its beginning. */
bool walk_skips_file(struct str name);

#endif
