#include "base/map.h"

/* The slot that holds `key`, or the empty one where it belongs. */
static struct map_entry *slot_of(const struct map *m, struct str key, uint32_t hash)
{
	size_t mask = m->cap - 1;
	size_t i = hash & mask;

	while (m->slots[i].key.p && !(m->slots[i].hash == hash && str_eq(m->slots[i].key, key)))
		i = (i + 1) & mask;
	return &m->slots[i];
}

static void grow(struct arena *a, struct map *m)
{
	struct map old = *m;
	size_t cap = old.cap ? old.cap * 2 : 16;

	m->slots = ARENA_ARRAY(a, struct map_entry, cap);
	m->cap = cap; /* not before: the map lasts where memory runs out */
	for (size_t i = 0; i < old.cap; i++)
		if (old.slots[i].key.p)
			*slot_of(m, old.slots[i].key, old.slots[i].hash) = old.slots[i];
	arena_give_back(a, old.slots, old.cap * sizeof *old.slots);
}

void **map_put(struct arena *a, struct map *m, struct str key)
{
	uint32_t hash = str_hash(key);

	if (m->n + m->n / 2 >= m->cap)
		grow(a, m);
	struct map_entry *slot = slot_of(m, key, hash);
	if (!slot->key.p) {
		slot->key = (struct str){key.p ? key.p : "", key.n};
		slot->hash = hash;
		m->n++;
	}
	return &slot->value;
}

void *map_get(const struct map *m, struct str key)
{
	return m->n ? slot_of(m, key, str_hash(key))->value : NULL;
}
