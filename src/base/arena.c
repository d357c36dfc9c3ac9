#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { DEFAULT_CHUNK = 64 * 1024, ALIGNMENT = _Alignof(max_align_t) };

struct arena_chunk {
	struct arena_chunk *older;
	char *end;
	_Alignas(max_align_t) char bytes[];
};

/* An allocation that is larger than a chunk. It keeps its place in the list when it grows. */
struct arena_block {
	struct arena_block *older, *newer;
	size_t serial;
	_Alignas(max_align_t) char bytes[];
};

static void *default_alloc(void *ctx, size_t size)
{
	(void)ctx;
	return malloc(size);
}

static void *default_resize(void *ctx, void *memory, size_t size)
{
	(void)ctx;
	return realloc(memory, size);
}

static void default_release(void *ctx, void *memory)
{
	(void)ctx;
	free(memory);
}

const struct allocator allocator_default = {NULL, default_alloc, default_release, default_resize};

void arena_init(struct arena *a, const struct allocator *from, size_t chunk_size)
{
	*a = (struct arena){.from = from ? from : &allocator_default,
			    .chunk_size = chunk_size ? chunk_size : DEFAULT_CHUNK};
}

static void drop_chunk(struct arena *a)
{
	struct arena_chunk *chunk = a->chunk;
	a->chunk = chunk->older;
	a->from->release(a->from->ctx, chunk);
}

static void drop_blocks(struct arena *a, size_t serial)
{
	while (a->block && a->block->serial > serial) {
		struct arena_block *block = a->block;
		a->block = block->older;
		if (a->block)
			a->block->newer = NULL;
		a->from->release(a->from->ctx, block);
	}
}

void arena_free(struct arena *a)
{
	drop_blocks(a, 0);
	while (a->chunk)
		drop_chunk(a);
	a->next = a->end = NULL;
}

void arena_reset(struct arena *a)
{
	drop_blocks(a, 0);
	while (a->chunk && a->chunk->older)
		drop_chunk(a);
	a->next = a->chunk ? a->chunk->bytes : NULL;
	a->end = a->chunk ? a->chunk->end : NULL;
}

struct arena_mark arena_mark(const struct arena *a)
{
	return (struct arena_mark){a->chunk, a->next, a->serial};
}

void arena_rewind(struct arena *a, struct arena_mark mark)
{
	drop_blocks(a, mark.serial);
	/* Nothing was there at the mark: one chunk stays all the same, as it will be wanted again. */
	while (a->chunk != mark.chunk && (mark.chunk || a->chunk->older))
		drop_chunk(a);
	a->next = mark.chunk || !a->chunk ? mark.next : a->chunk->bytes;
	a->end = a->chunk ? a->chunk->end : NULL;
}

static _Noreturn void out_of_memory(struct arena *a)
{
	if (!a->out_of_memory)
		abort(); /* a programming error: every public function arms its arena */
	longjmp(*a->out_of_memory, 1);
}

static size_t padded(size_t size)
{
	return (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
}

static bool is_large(const struct arena *a, size_t size)
{
	return padded(size) > a->chunk_size;
}

static void check_size(struct arena *a, size_t size)
{
	if (size > SIZE_MAX / 2)
		out_of_memory(a);
}

static void new_chunk(struct arena *a)
{
	struct arena_chunk *chunk = a->from->alloc(a->from->ctx, sizeof *chunk + a->chunk_size);
	if (!chunk)
		out_of_memory(a);
	chunk->older = a->chunk;
	chunk->end = chunk->bytes + a->chunk_size;
	a->chunk = chunk;
	a->next = chunk->bytes;
	a->end = chunk->end;
}

static void *new_block(struct arena *a, size_t size)
{
	struct arena_block *block = a->from->alloc(a->from->ctx, sizeof *block + size);
	if (!block)
		out_of_memory(a);
	block->older = a->block;
	block->newer = NULL;
	block->serial = ++a->serial;
	if (a->block)
		a->block->newer = block;
	a->block = block;
	return block->bytes;
}

/* Memory with anything in it. */
static void *take(struct arena *a, size_t size)
{
	check_size(a, size);
	if (is_large(a, size))
		return new_block(a, size);
	if (!a->next || (size_t)(a->end - a->next) < padded(size))
		new_chunk(a);
	void *memory = a->next;
	a->next += padded(size);
	return memory;
}

void *arena_alloc(struct arena *a, size_t size)
{
	return memset(take(a, size), 0, size);
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
	if (size && n > SIZE_MAX / size)
		out_of_memory(a);
	return arena_alloc(a, n * size);
}

static struct arena_block *resize_block(struct arena *a, struct arena_block *block, size_t used, size_t size)
{
	const struct allocator *from = a->from;
	if (from->resize)
		return from->resize(from->ctx, block, sizeof *block + size);
	struct arena_block *larger = from->alloc(from->ctx, sizeof *larger + size);
	if (larger) {
		memcpy(larger, block, sizeof *block + used);
		from->release(from->ctx, block);
	}
	return larger;
}

static struct arena_block *block_of(void *bytes)
{
	return (struct arena_block *)((char *)bytes - offsetof(struct arena_block, bytes));
}

static void *grow_block(struct arena *a, void *old, size_t used, size_t size)
{
	struct arena_block *block = resize_block(a, block_of(old), used, size);
	if (!block)
		out_of_memory(a);
	if (block->older)
		block->older->newer = block;
	if (block->newer)
		block->newer->older = block;
	else
		a->block = block;
	return block->bytes;
}

void arena_give_back(struct arena *a, void *old, size_t size)
{
	if (size == 0 || !is_large(a, size))
		return;
	struct arena_block *block = block_of(old);
	if (block->older)
		block->older->newer = block->newer;
	if (block->newer)
		block->newer->older = block->older;
	else
		a->block = block->older;
	a->from->release(a->from->ctx, block);
}

void *arena_resize(struct arena *a, void *old, size_t used, size_t size)
{
	check_size(a, size);
	if (used && is_large(a, used))
		return grow_block(a, old, used, size);
	bool newest = used && (char *)old + padded(used) == a->next;
	if (newest && (size_t)(a->end - (char *)old) >= padded(size)) {
		a->next = (char *)old + padded(size);
		return old;
	}
	void *memory = take(a, size);
	if (used)
		memcpy(memory, old, used);
	return memory;
}

void *arena_grow(struct arena *a, void *old, size_t *cap, size_t size)
{
	/* Many arrays hold one thing only. */
	size_t first = size < 32 ? 64 / size : 1;
	size_t more = *cap ? *cap * 2 : first;
	if (more > SIZE_MAX / size)
		out_of_memory(a);
	void *memory = arena_resize(a, old, *cap * size, more * size);
	*cap = more;
	return memory;
}

struct str arena_str(struct arena *a, struct str s)
{
	if (s.n == 0)
		return STR("");
	char *copy = take(a, s.n + 1);
	memcpy(copy, s.p, s.n);
	copy[s.n] = '\0';
	return (struct str){copy, s.n};
}

/* The digits of a number, put at the end of `room`. */
static struct str decimal(char room[static 20], unsigned number)
{
	size_t at = 20;
	do {
		room[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	return (struct str){room + at, 20 - at};
}

/* vsnprintf() in a fraction of its time, for what nearly all formats are made of: %s, %.*s and %u. -1 where there is
   something else in it, or the text has no room. */
static int print_plain(char *buffer, size_t size, const char *format, va_list args)
{
	char digits[20];
	size_t n = 0;
	while (*format) {
		struct str part;
		if (*format != '%') {
			part = (struct str){format, strcspn(format, "%")};
			format += part.n;
		} else if (strncmp(format, "%.*s", 4) == 0) {
			int most = va_arg(args, int);
			part.p = va_arg(args, const char *);
			const char *end = most > 0 ? memchr(part.p, 0, (size_t)most) : part.p;
			part.n = end ? (size_t)(end - part.p) : (size_t)most;
			format += 4;
		} else if (format[1] == 's') {
			part = str_of(va_arg(args, const char *));
			format += 2;
		} else if (format[1] == 'u') {
			part = decimal(digits, va_arg(args, unsigned));
			format += 2;
		} else {
			return -1;
		}
		if (part.n >= size - n)
			return -1;
		if (part.n)
			memcpy(buffer + n, part.p, part.n);
		n += part.n;
	}
	return (int)n;
}

struct str arena_vprintf(struct arena *a, const char *format, va_list args)
{
	char buffer[256]; /* most texts are short: formatted once */
	va_list copy;
	va_copy(copy, args);
	int n = print_plain(buffer, sizeof buffer, format, copy);
	va_end(copy);
	va_copy(copy, args);
	if (n < 0)
		n = vsnprintf(buffer, sizeof buffer, format, args);
	char *text = take(a, n < 0 ? 1 : (size_t)n + 1);
	if (n >= (int)sizeof buffer)
		vsnprintf(text, (size_t)n + 1, format, copy);
	else if (n > 0)
		memcpy(text, buffer, (size_t)n);
	va_end(copy);
	n = n < 0 ? 0 : n;
	text[n] = '\0';
	return (struct str){text, (size_t)n};
}

struct str arena_printf(struct arena *a, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	struct str s = arena_vprintf(a, format, args);
	va_end(args);
	return s;
}
