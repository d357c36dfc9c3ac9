/* YAML as the list of nodes that unroot_provider gives, with byte positions. */
#ifndef UNROOT_PROJECT_YAML_NODES_H
#define UNROOT_PROJECT_YAML_NODES_H

#include "base/arena.h"
#include "unroot/unroot.h"

/* As unroot_provider.yaml; the nodes lie in the arena. */
int yaml_nodes(struct arena *a, struct str text, const unroot_yaml_node **nodes, size_t *count, unroot_error *error);

#endif
