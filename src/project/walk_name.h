/* Names that a walk knows. */
#ifndef UNROOT_PROJECT_WALK_NAME_H
#define UNROOT_PROJECT_WALK_NAME_H

#include "base/str.h"

/* Dockerfile, Dockerfile.*, *.Dockerfile, *.dockerfile, Containerfile, Containerfile.*; no templates, documents or
   ignore files. */
bool walk_is_dockerfile(struct str name);

/* *.yml and *.yaml, without a dot at the beginning. */
bool walk_is_yaml(struct str name);

/* Of those the ones that Compose reads: compose.yaml, docker-compose.yml, and these with more between:
   docker-compose.override.yml. */
bool walk_is_compose(struct str name);

/* .git, node_modules, vendor. */
bool walk_skips_directory(struct str name);

/* A template, document or ignore file, whatever its beginning. */
bool walk_skips_file(struct str name);

#endif
