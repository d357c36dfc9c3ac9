/* The YAML files of a repository that may say how its images are built and run. */
#ifndef UNROOT_PROJECT_CONSUMERS_H
#define UNROOT_PROJECT_CONSUMERS_H

#include "project/location.h"

/* Absolute paths, ended by NULL, compose files first: every compose file, and those YAML files that look like
   Kubernetes manifests. What git ignores is left out. Without a repository only the directory itself is looked at. NULL
   when there is too much to look at. */
const char *const *consumers_find(struct arena *a, const struct location *location);

#endif
