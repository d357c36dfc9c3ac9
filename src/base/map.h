/* A map from text to a pointer, in an arena. Keys and values are not owned. */
#ifndef UNROOT_BASE_MAP_H
#define UNROOT_BASE_MAP_H

#include "base/arena.h"

struct map_entry {
	struct str key;
	uint32_t hash;
	void *value;
};

struct map {
	struct map_entry *slots;
	size_t cap, n; /* cap is a power of two */
};

/* The value's place for `key`, made (NULL inside) when it was not there. Valid until the next map_put. `a` is the same
   each time. */
void **map_put(struct arena *a, struct map *m, struct str key);

/* The value, or NULL. */
void *map_get(const struct map *m, struct str key);

#endif
