/* An arena that the tests of one program share, and cmocka's functions around them. */
#ifndef UNROOT_TESTS_FIXTURE_H
#define UNROOT_TESTS_FIXTURE_H

#include "base/arena.h"

extern struct arena arena;

int arena_set_up(void **state);
int arena_tear_down(void **state);

#endif
