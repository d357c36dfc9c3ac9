/* The files of a repository that may say how its images are built and run. */
#ifndef UNROOT_PROJECT_CONSUMERS_H
#define UNROOT_PROJECT_CONSUMERS_H

#include "project/location.h"

/* Absolute paths, each list ended by NULL; NULL when there is too much to look at. */
struct consumers_found {
	const char *const *files; /* every compose file, then those YAML files that look like Kubernetes manifests */
	const char *const *dockerfiles;
};

/* What git ignores is left out. Without a repository only the directory itself is looked at. */
struct consumers_found consumers_find(struct arena *a, const struct location *location);

#endif
