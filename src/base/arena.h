/* Memory: an arena hands out memory that is freed all at once.
 *
 * An arena never returns NULL. When the allocator behind it fails, it jumps to the place that was
 * armed with arena_arm(), which is always a function of the public API; that function frees the
 * arena and returns an error. So nothing between needs a check, and nothing can leak: whatever is
 * allocated between comes from the arena (PCRE2 is given the arena's functions too). */
#ifndef UNROOT_BASE_ARENA_H
#define UNROOT_BASE_ARENA_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "base/str.h"

/* Where the arena's chunks come from; `alloc` and `resize` give NULL on failure. `resize` may be NULL: then large
   arrays grow by copying. */
struct allocator {
	void *ctx;
	void *(*alloc)(void *ctx, size_t size);
	void (*release)(void *ctx, void *memory);
	void *(*resize)(void *ctx, void *memory, size_t size);
};

/* malloc and free. */
extern const struct allocator allocator_default;

struct arena_chunk;
struct arena_block;

struct arena {
	struct arena_chunk *chunk; /* newest first */
	char *next;
	char *end;
	size_t chunk_size;
	struct arena_block *block; /* allocations larger than a chunk, newest first */
	size_t serial;		   /* of the newest block so far */
	const struct allocator *from;
	jmp_buf *out_of_memory;
};

/* `chunk_size` in bytes, 0 for the default. Allocates nothing yet. */
void arena_init(struct arena *a, const struct allocator *from, size_t chunk_size);

/* Frees everything; the arena can be used again. */
void arena_free(struct arena *a);

/* Frees everything but one chunk, so that the next document costs no allocation. */
void arena_reset(struct arena *a);

/* A place to come back to: what was allocated after arena_mark() is given back by arena_rewind(). */
struct arena_mark {
	struct arena_chunk *chunk;
	char *next;
	size_t serial;
};
struct arena_mark arena_mark(const struct arena *a);
void arena_rewind(struct arena *a, struct arena_mark mark);

/* Where to go when memory runs out: `if (setjmp(place)) { arena_free(..); return UNROOT_ENOMEM; }` */
static inline void arena_arm(struct arena *a, jmp_buf *place)
{
	a->out_of_memory = place;
}

/* Zeroed memory, aligned for any type. Never NULL. */
void *arena_alloc(struct arena *a, size_t size);
#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define ARENA_ARRAY(a, type, n) ((type *)arena_array((a), (n), sizeof(type)))
void *arena_array(struct arena *a, size_t n, size_t size);

/* Copies; the result is NUL-terminated one past its length. */
struct str arena_str(struct arena *a, struct str s);
struct str arena_printf(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
struct str arena_vprintf(struct arena *a, const char *format, va_list args);

/* Makes room for `size` bytes where `old` has room for `used`, which are kept; the rest may hold anything. In place
   where `old` is the newest allocation; the storage of a large one is given back when it moves. */
void *arena_resize(struct arena *a, void *old, size_t used, size_t size);

/* An array of `size` bytes is not needed any more: a large one is freed, others stay until all is. */
void arena_give_back(struct arena *a, void *old, size_t size);

/* A growing array: declare `struct { type *at; size_t n, cap; } v`, then VEC_PUSH(arena, v) gives
   a pointer to a new zeroed last element. */
#define VEC(type)                                                                                                      \
	struct {                                                                                                       \
		type *at;                                                                                              \
		size_t n, cap;                                                                                         \
	}
#define VEC_PUSH(a, v)                                                                                                 \
	((v).n == (v).cap ? (void)((v).at = arena_grow((a), (v).at, &(v).cap, sizeof *(v).at)) : (void)0,              \
	 memset(&(v).at[(v).n], 0, sizeof *(v).at), &(v).at[(v).n++])
/* Doubles the room of an array of `*cap` elements of `size` bytes. */
void *arena_grow(struct arena *a, void *old, size_t *cap, size_t size);

#endif
