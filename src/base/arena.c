#include "base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { DEFAULT_CHUNK = 64 * 1024, ALIGNMENT = _Alignof(max_align_t) };

struct arena_chunk {
	struct arena_chunk *older;
	char *end;
	_Alignas(max_align_t) char bytes[];
};

static void *default_alloc(void *ctx, size_t size)
{
	(void)ctx;
	return malloc(size);
}

static void default_release(void *ctx, void *memory)
{
	(void)ctx;
	free(memory);
}

const struct allocator allocator_default = {NULL, default_alloc, default_release};

void arena_init(struct arena *a, const struct allocator *from, size_t chunk_size)
{
	*a = (struct arena){.from = from ? from : &allocator_default,
			    .chunk_size = chunk_size ? chunk_size : DEFAULT_CHUNK};
}

static void drop_newest(struct arena *a)
{
	struct arena_chunk *chunk = a->chunk;
	a->chunk = chunk->older;
	a->from->release(a->from->ctx, chunk);
}

void arena_free(struct arena *a)
{
	while (a->chunk)
		drop_newest(a);
	a->next = a->end = NULL;
}

void arena_reset(struct arena *a)
{
	while (a->chunk && (a->chunk->older || (size_t)(a->chunk->end - a->chunk->bytes) > a->chunk_size))
		drop_newest(a);
	a->next = a->chunk ? a->chunk->bytes : NULL;
	a->end = a->chunk ? a->chunk->end : NULL;
}

struct arena_mark arena_mark(const struct arena *a)
{
	return (struct arena_mark){a->chunk, a->next};
}

void arena_rewind(struct arena *a, struct arena_mark mark)
{
	while (a->chunk != mark.chunk)
		drop_newest(a);
	a->next = mark.next;
	a->end = a->chunk ? a->chunk->end : NULL;
}

static _Noreturn void out_of_memory(struct arena *a)
{
	if (!a->out_of_memory)
		abort(); /* a programming error: every public function arms its arena */
	longjmp(*a->out_of_memory, 1);
}

static void new_chunk(struct arena *a, size_t size)
{
	size_t want = a->chunk_size;
	if (size > SIZE_MAX / 2)
		out_of_memory(a);
	if (want < size)
		want = size;
	struct arena_chunk *chunk = a->from->alloc(a->from->ctx, sizeof *chunk + want);
	if (!chunk)
		out_of_memory(a);
	chunk->older = a->chunk;
	chunk->end = chunk->bytes + want;
	a->chunk = chunk;
	a->next = chunk->bytes;
	a->end = chunk->end;
}

void *arena_alloc(struct arena *a, size_t size)
{
	size_t room = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
	if (room < size)
		out_of_memory(a);
	if (!a->next || (size_t)(a->end - a->next) < room)
		new_chunk(a, room);
	void *memory = a->next;
	a->next += room;
	memset(memory, 0, size);
	return memory;
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
	if (size && n > SIZE_MAX / size)
		out_of_memory(a);
	return arena_alloc(a, n * size);
}

void *arena_grow(struct arena *a, void *old, size_t *cap, size_t size)
{
	/* Many arrays hold one thing only. */
	size_t first = size < 64 ? 64 / size : 1;
	size_t more = *cap ? *cap * 2 : first;
	void *memory;
	size_t used = *cap * size;
	size_t padded = (used + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
	if (more > SIZE_MAX / size)
		out_of_memory(a);
	/* The newest allocation grows in place where its chunk has room. */
	if (old && (char *)old + padded == a->next && (size_t)(a->end - (char *)old) >= more * size + ALIGNMENT) {
		a->next = (char *)old;
		memory = old;
		a->next += (more * size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
		memset((char *)old + used, 0, more * size - used);
	} else {
		memory = arena_alloc(a, more * size);
		if (used)
			memcpy(memory, old, used);
	}
	*cap = more;
	return memory;
}

struct str arena_str(struct arena *a, struct str s)
{
	char *copy = arena_alloc(a, s.n + 1);
	if (s.n)
		memcpy(copy, s.p, s.n);
	return (struct str){copy, s.n};
}

struct str arena_vprintf(struct arena *a, const char *format, va_list args)
{
	char buffer[256]; /* most texts are short: formatted once */
	va_list again;
	va_copy(again, args);
	int n = vsnprintf(buffer, sizeof buffer, format, args);
	char *text = arena_alloc(a, n < 0 ? 1 : (size_t)n + 1);
	if (n >= (int)sizeof buffer)
		vsnprintf(text, (size_t)n + 1, format, again);
	else if (n > 0)
		memcpy(text, buffer, (size_t)n);
	va_end(again);
	return (struct str){text, n < 0 ? 0 : (size_t)n};
}

struct str arena_printf(struct arena *a, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	struct str s = arena_vprintf(a, format, args);
	va_end(args);
	return s;
}
