/* Measures ratios of running time and memory: tests/bench/run.sh. */
#ifndef UNROOT_TESTS_BENCH_H
#define UNROOT_TESTS_BENCH_H

#include "base/arena.h"

#include "base/str.h"

/* Writes `files` Dockerfiles of the kinds people write below `folder`, some forty to a directory; always the same. */
void tree_make(const char *folder, size_t files);

/* The same with the files below `from`, at most `files` of them; gives how many there were. */
size_t tree_copy(struct arena *a, const char *folder, const char *from, size_t files);

/* Writes a Dockerfile: a FROM, then `instruction` until it has `bytes` bytes. */
void file_of_one(const char *path, const char *instruction, size_t bytes);

/* Writes a Dockerfile: `first`, then `instruction` `count` times, then `last`. */
void file_of_same(const char *path, const char *first, const char *instruction, size_t count, const char *last);

/* Writes a Dockerfile of `count` different instructions of all kinds. */
void file_of_many(const char *path, size_t count);

/* A run of a program with its output thrown away. */
struct run {
	double seconds;	  /* on the clock */
	double processor; /* seconds of it */
	size_t peak;	  /* bytes of memory */
};

/* The exit code has to be 0 or `allowed`. */
struct run run_once(const char *const argv[], int allowed);

/* Seconds that parsing a document takes, and all that an editor waits for after a change: the medians of some hundred runs. */
void measure_analysis(struct str bytes, double *parsing, double *analysis);

#endif
