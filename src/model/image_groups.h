/* The groups of the base image: those of its family (templates/<family>/groups) and of its accounts. */
#ifndef UNROOT_MODEL_IMAGE_GROUPS_H
#define UNROOT_MODEL_IMAGE_GROUPS_H

#include "model/facts.h"

/* The image's group of that name; `gid` may be NULL. */
bool image_group_named(const struct facts *f, struct str name, uint32_t *gid);

/* The name of the image's group of that number; p is NULL when none is known. */
struct str image_group_numbered(const struct facts *f, uint32_t gid);

/* The image's account of that name or number, or NULL. */
const struct account *image_account_named(const struct facts *f, struct str name);
const struct account *image_account_numbered(const struct facts *f, uint32_t uid);

#endif
