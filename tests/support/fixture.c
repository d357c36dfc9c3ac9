#include "support/fixture.h"

struct arena arena;

int arena_set_up(void **state)
{
	(void)state;
	arena_init(&arena, NULL, 0);
	return 0;
}

int arena_tear_down(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}
