#include "base/map.h"

#include <sys/auxv.h>

/* Drawn anew by the kernel for each process (getauxval(3), AT_RANDOM: 16 bytes), so that nobody can write a file whose
   names all fall into one place. */
static uint64_t secret[2];

__attribute__((constructor)) static void draw_secret(void)
{
	const void *random = (const void *)(uintptr_t)getauxval(AT_RANDOM);
	if (random)
		memcpy(secret, random, sizeof secret);
	secret[0] |= 1;
	secret[1] |= 1;
}

/* Twice multiplied for each word: what cancels out in one product does not in the other. */
static uint64_t mix(uint64_t h, uint64_t word)
{
	h = (h ^ word) * secret[0];
	h = (h ^ h >> 32) * secret[1];
	return h ^ h >> 29;
}

static uint64_t load(const char *p, size_t n)
{
	uint64_t word = 0;
	memcpy(&word, p, n);
	return word;
}

/* A rest of four to seven bytes is read as two halves that overlap: the length is mixed in already. */
static uint32_t hash_of(struct str key)
{
	uint64_t h = key.n, word = 0;
	for (; key.n >= sizeof word; key = str_sub(key, sizeof word, key.n))
		h = mix(h, load(key.p, sizeof word));
	if (key.n >= 4)
		word = load(key.p, 4) << 32 | load(key.p + key.n - 4, 4);
	else
		for (; key.n > 0; key.n--)
			word = word << 8 | (unsigned char)key.p[key.n - 1];
	return (uint32_t)(mix(h, word) >> 32);
}

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
	uint32_t hash = hash_of(key);

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
	return m->n ? slot_of(m, key, hash_of(key))->value : NULL;
}
