/* bench UNROOT: ratios of one run, each beside its target. */
#include "bench.h"

#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>

enum { MIB = 1 << 20, MAX_RUNS = 301 };

struct median {
	double seconds;
	size_t peak; /* the highest */
};

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* Runs two programs in turn, so that both meet the same weather. */
static void alternate(const char *const a[], const char *const b[], size_t runs, struct median *ma, struct median *mb)
{
	static double seconds[2][MAX_RUNS];
	const char *const *const programs[] = {a, b};
	struct median *const medians[] = {ma, mb};
	for (size_t p = 0; p < 2; p++) {
		medians[p]->peak = 0;
		run_once(programs[p], 1); /* warms the caches */
	}
	for (size_t i = 0; i < runs; i++) {
		for (size_t p = 0; p < 2; p++) {
			struct run run = run_once(programs[p], 1);
			seconds[p][i] = run.seconds;
			if (run.peak > medians[p]->peak)
				medians[p]->peak = run.peak;
		}
	}
	for (size_t p = 0; p < 2; p++) {
		qsort(seconds[p], runs, sizeof **seconds, by_size);
		medians[p]->seconds = seconds[p][runs / 2];
	}
}

static void print_ratio(const char *what, double ratio, double target)
{
	printf("%-58s %7.2f   target %5.1f   %s\n", what, ratio, target, ratio <= target ? "met" : "MISSED");
	fflush(stdout);
}

static void measure(const char *what, const char *const a[], const char *const b[], size_t runs, double target)
{
	struct median ma, mb;
	alternate(a, b, runs, &ma, &mb);
	print_ratio(what, ma.seconds / mb.seconds, target);
	printf("    %.2f ms against %.2f ms, median of %zu runs each\n", ma.seconds * 1e3, mb.seconds * 1e3, runs);
}

static size_t file_size(const char *path)
{
	FILE *f = fopen(path, "rb");
	long size = f && fseek(f, 0, SEEK_END) == 0 ? ftell(f) : -1;
	if (size < 0) {
		perror(path);
		exit(1);
	}
	fclose(f);
	return (size_t)size;
}

struct bench {
	struct arena *arena;
	const char *unroot;
	const char *folder;
	size_t empty_peak;
};

static const char *path_of(const struct bench *b, const char *name)
{
	return arena_printf(b->arena, "%s/%s", b->folder, name).p;
}

/* Eight times the input may cost nine times the time; and the memory of the larger one. */
static void compare_sizes(const struct bench *b, const char *what, const char *large, const char *small)
{
	const char *const of_large[] = {b->unroot, "fix", "--check", large, NULL};
	const char *const of_small[] = {b->unroot, "fix", "--check", small, NULL};
	struct median ml, ms;
	alternate(of_large, of_small, 3, &ml, &ms);
	print_ratio(arena_printf(b->arena, "time, %s", what).p, ml.seconds / ms.seconds, 9);
	printf("    %.2f s against %.2f s\n", ml.seconds, ms.seconds);
	double above = ml.peak > b->empty_peak ? (double)(ml.peak - b->empty_peak) : 0;
	print_ratio(arena_printf(b->arena, "memory / input, %s", what).p, above / (double)file_size(large), 12);
}

static void compare_repeated(const struct bench *b, const char *instruction)
{
	const char *large = path_of(b, "large.Dockerfile"), *small = path_of(b, "small.Dockerfile");
	file_of_one(large, instruction, 64 * (size_t)MIB);
	file_of_one(small, instruction, 8 * (size_t)MIB);
	compare_sizes(b, arena_printf(b->arena, "`%s` to 64 MiB against 8 MiB", instruction).p, large, small);
}

/* What an editor waits for: a frame is 16 ms. */
static void measure_document(const struct bench *b)
{
	const char *path = path_of(b, "document.Dockerfile");
	double parsing, analysis;
	file_of_many(path, 500);
	measure_analysis(file_bytes(b->arena, path), &parsing, &analysis);
	print_ratio("analysis in ms, a document of 500 lines", analysis * 1e3, 16);
	printf("    %.1f times as long as parsing it alone, %.3f ms\n", analysis / parsing, parsing * 1e3);
}

int main(int argc, char **argv)
{
	struct arena a;
	if (argc != 2 || !path_exists(argv[1])) {
		fprintf(stderr, "usage: bench UNROOT\n");
		return 2;
	}
	arena_init(&a, NULL, 0);
	struct bench b = {.arena = &a, .unroot = argv[1], .folder = scratch_new(&a)};
	const char *tree = path_of(&b, "tree");
	tree_make(tree, 4000);

	const char *const check[] = {b.unroot, "fix", "--check", "-j", "1", tree, NULL};
	const char *const cat[] = {"find", tree, "-type", "f", "-exec", "cat", "{}", "+", NULL};
	measure("fix --check, 4,000 files, against find -exec cat", check, cat, 11, 2.5);

	const char *const start[] = {b.unroot, "--version", NULL};
	const char *const nothing[] = {"/bin/true", NULL};
	measure("start against /bin/true", start, nothing, MAX_RUNS, 1.6);

	const char *empty = path_of(&b, "empty.Dockerfile");
	file_put(empty, STR("FROM scratch\n"));
	b.empty_peak = run_once((const char *const[]){b.unroot, "fix", "--check", empty, NULL}, 1).peak;

	measure_document(&b);
	compare_repeated(&b, "RUN true");
	compare_repeated(&b, "COPY a /app/");
	compare_repeated(&b, "ENV A=b");
	const char *million = path_of(&b, "million.Dockerfile"), *eighth = path_of(&b, "eighth.Dockerfile");
	file_of_many(million, 1000000);
	file_of_many(eighth, 125000);
	compare_sizes(&b, "1,000,000 instructions against 125,000", million, eighth);

	scratch_remove(b.folder);
	arena_free(&a);
	return 0;
}
