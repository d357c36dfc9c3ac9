#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"

enum { CHUNK = 256, MANY = 10000 };

struct numbers {
	VEC(uint32_t) v;
};

static void count_up(struct arena *a, struct numbers *n, uint32_t to)
{
	for (uint32_t i = (uint32_t)n->v.n; i < to; i++)
		*VEC_PUSH(a, n->v) = i;
}

static void assert_counts_up(const struct numbers *n, uint32_t to)
{
	assert_int_equal(n->v.n, to);
	for (uint32_t i = 0; i < to; i++)
		assert_int_equal(n->v.at[i], i);
}

static void memory_is_zeroed_and_aligned(void **state)
{
	(void)state;
	static const size_t sizes[] = {0, 1, 7, 16, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK};
	struct arena a;
	arena_init(&a, NULL, CHUNK);
	for (int round = 0; round < 2; round++) { /* the second one meets what the first one left behind */
		for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
			unsigned char *p = arena_alloc(&a, sizes[i]);
			assert_non_null(p);
			assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
			for (size_t k = 0; k < sizes[i]; k++)
				assert_int_equal(p[k], 0);
			memset(p, 0xFF, sizes[i]);
		}
		arena_reset(&a);
	}
	arena_free(&a);
}

static void new_elements_are_zeroed(void **state)
{
	(void)state;
	struct arena a;
	struct numbers n = {0};
	arena_init(&a, NULL, CHUNK);
	memset(arena_alloc(&a, CHUNK / 2), 0xFF, CHUNK / 2);
	arena_reset(&a);
	for (uint32_t i = 0; i < MANY; i++) {
		uint32_t *element = VEC_PUSH(&a, n.v);
		assert_int_equal(*element, 0);
		*element = UINT32_MAX;
	}
	arena_free(&a);
}

static void arrays_grow_side_by_side(void **state)
{
	(void)state;
	struct arena a;
	struct numbers one = {0}, two = {0};
	arena_init(&a, NULL, CHUNK);
	for (uint32_t i = 1; i <= MANY; i++) {
		count_up(&a, &one, i);
		if (i % 3 == 0)
			count_up(&a, &two, i / 3);
	}
	assert_counts_up(&one, MANY);
	assert_counts_up(&two, MANY / 3);
	arena_free(&a);
}

/* What is older than the mark stays, even where it has grown since and was large then. */
static void a_rewind_keeps_what_is_older(void **state)
{
	(void)state;
	struct arena a;
	struct numbers old = {0}, new = {0};
	arena_init(&a, NULL, CHUNK);
	count_up(&a, &old, CHUNK);
	arena_alloc(&a, 1);
	struct arena_mark mark = arena_mark(&a);
	struct str small = arena_str(&a, STR("given back"));
	count_up(&a, &new, MANY);
	count_up(&a, &old, MANY);
	arena_rewind(&a, mark);
	assert_counts_up(&old, MANY);
	assert_ptr_equal(arena_alloc(&a, 1), small.p);
	count_up(&a, &old, 2 * MANY);
	assert_counts_up(&old, 2 * MANY);
	arena_free(&a);
}

struct account {
	size_t blocks, left;
};

static void *counted_alloc(void *ctx, size_t size)
{
	struct account *account = ctx;
	if (account->left == 0)
		return NULL;
	account->left--;
	account->blocks++;
	return allocator_default.alloc(NULL, size);
}

static void counted_release(void *ctx, void *memory)
{
	struct account *account = ctx;
	account->blocks--;
	allocator_default.release(NULL, memory);
}

static void outgrown_storage_is_given_back(void **state)
{
	(void)state;
	struct account account = {.left = SIZE_MAX};
	const struct allocator from = {.ctx = &account, .alloc = counted_alloc, .release = counted_release};
	struct arena a;
	struct numbers n = {0};
	arena_init(&a, &from, CHUNK);
	count_up(&a, &n, CHUNK);
	size_t blocks = account.blocks;
	count_up(&a, &n, MANY);
	assert_counts_up(&n, MANY);
	assert_int_equal(account.blocks, blocks);
	arena_free(&a);
	assert_int_equal(account.blocks, 0);
}

/* Large arrays one by one, from the middle, the newest, the oldest; small ones stay with their chunk. */
static void what_is_not_needed_is_given_back(void **state)
{
	(void)state;
	static const size_t order[] = {1, 3, 0, 2};
	struct account account = {.left = SIZE_MAX};
	const struct allocator from = {.ctx = &account, .alloc = counted_alloc, .release = counted_release};
	struct arena a;
	void *large[4];
	arena_init(&a, &from, CHUNK);
	void *small = arena_alloc(&a, CHUNK);
	struct arena_mark mark = arena_mark(&a);
	for (size_t i = 0; i < 4; i++)
		large[i] = arena_alloc(&a, CHUNK + 1);
	assert_int_equal(account.blocks, 5);
	for (size_t i = 0; i < 4; i++) {
		arena_give_back(&a, large[order[i]], CHUNK + 1);
		assert_int_equal(account.blocks, 4 - i);
	}
	for (size_t i = 0; i < 4; i++)
		large[i] = arena_alloc(&a, CHUNK + 1);
	arena_give_back(&a, large[3], CHUNK + 1);
	arena_give_back(&a, large[1], CHUNK + 1);
	arena_rewind(&a, mark); /* the list of the others is whole */
	assert_int_equal(account.blocks, 1);
	arena_give_back(&a, small, CHUNK);
	arena_give_back(&a, NULL, 0);
	assert_int_equal(account.blocks, 1);
	arena_free(&a);
	assert_int_equal(account.blocks, 0);
}

/* Whether that works with so much memory; none is left in use. */
static bool counts_with(size_t left)
{
	struct account account = {.left = left};
	const struct allocator from = {.ctx = &account, .alloc = counted_alloc, .release = counted_release};
	struct arena a;
	jmp_buf place;
	arena_init(&a, &from, CHUNK);
	bool failed = setjmp(place) != 0;
	if (!failed) {
		struct numbers n = {0};
		arena_arm(&a, &place);
		count_up(&a, &n, MANY);
	}
	arena_free(&a);
	assert_int_equal(account.blocks, 0);
	return !failed;
}

static void running_out_of_memory_leaks_nothing(void **state)
{
	(void)state;
	size_t left = 0;
	while (!counts_with(left))
		left++;
	assert_true(left > 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_and_aligned),
		cmocka_unit_test(new_elements_are_zeroed),
		cmocka_unit_test(arrays_grow_side_by_side),
		cmocka_unit_test(a_rewind_keeps_what_is_older),
		cmocka_unit_test(what_is_not_needed_is_given_back),
		cmocka_unit_test(outgrown_storage_is_given_back),
		cmocka_unit_test(running_out_of_memory_leaks_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
