/* A fuzzer is a function that libFuzzer, or replay.c, calls with an input; it aborts when something is wrong. */
#ifndef UNROOT_TESTS_FUZZ_H
#define UNROOT_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Aborts, naming the condition, unless it holds. */
#define REQUIRE(condition) ((condition) ? (void)0 : fuzz_fail(#condition, __FILE__, __LINE__))
_Noreturn void fuzz_fail(const char *condition, const char *file, int line);

#endif
