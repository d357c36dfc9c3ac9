/* The caller's provider (unroot_provider), in the core's terms. */
#ifndef UNROOT_API_PROVIDER_H
#define UNROOT_API_PROVIDER_H

#include "model/workspace.h"
#include "unroot/unroot.h"

/* `given` may be NULL, and has to outlive the result. */
struct provider provider_of(struct arena *a, const unroot_provider *given);

#endif
