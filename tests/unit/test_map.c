#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/map.h"

static void an_empty_map_holds_nothing(void **state)
{
	(void)state;
	struct map m = {0};
	assert_null(map_get(&m, STR("a")));
	assert_null(map_get(&m, STR("")));
}

static void what_was_put_is_found(void **state)
{
	(void)state;
	struct arena a;
	struct map m = {0};
	int one = 1, two = 2;

	arena_init(&a, NULL, 0);
	*map_put(&a, &m, STR("one")) = &one;
	*map_put(&a, &m, STR("")) = &two;
	assert_ptr_equal(map_get(&m, STR("one")), &one);
	assert_ptr_equal(map_get(&m, (struct str){NULL, 0}), &two);
	assert_null(map_get(&m, STR("on")));
	*map_put(&a, &m, STR("one")) = &two;
	assert_ptr_equal(map_get(&m, STR("one")), &two);
	assert_int_equal(m.n, 2);
	arena_free(&a);
}

static void keys_may_hold_any_byte(void **state)
{
	(void)state;
	struct arena a;
	struct map m = {0};
	int one = 1, two = 2;

	arena_init(&a, NULL, 0);
	*map_put(&a, &m, STR("a\0b")) = &one;
	*map_put(&a, &m, STR("a\0c")) = &two;
	assert_ptr_equal(map_get(&m, STR("a\0b")), &one);
	assert_ptr_equal(map_get(&m, STR("a\0c")), &two);
	assert_null(map_get(&m, STR("a")));
	arena_free(&a);
}

static void many_keys_stay_apart(void **state)
{
	(void)state;
	enum { COUNT = 100000 };
	struct arena a;
	struct map m = {0};

	arena_init(&a, NULL, 0);
	for (uintptr_t i = 1; i <= COUNT; i++)
		*map_put(&a, &m, arena_printf(&a, "s%u", (unsigned)i)) = (void *)i;
	assert_int_equal(m.n, COUNT);
	for (uintptr_t i = 1; i <= COUNT; i++)
		assert_ptr_equal(map_get(&m, arena_printf(&a, "s%u", (unsigned)i)), (void *)i);
	assert_null(map_get(&m, STR("s0")));
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_map_holds_nothing),
		cmocka_unit_test(what_was_put_is_found),
		cmocka_unit_test(keys_may_hold_any_byte),
		cmocka_unit_test(many_keys_stay_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
