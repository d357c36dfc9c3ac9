/* bench UNROOT [FOLDER|- [COMMAND]...]: ratios of one run, each beside its target. */
#include "bench.h"

#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>

enum { MIB = 1 << 20, MAX_RUNS = 301, FILES = 4000, FEW = 400 };

struct median {
	double seconds, processor;
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
	static double seconds[2][MAX_RUNS], processor[2][MAX_RUNS];
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
			processor[p][i] = run.processor;
			if (run.peak > medians[p]->peak)
				medians[p]->peak = run.peak;
		}
	}
	for (size_t p = 0; p < 2; p++) {
		qsort(seconds[p], runs, sizeof **seconds, by_size);
		qsort(processor[p], runs, sizeof **processor, by_size);
		medians[p]->seconds = seconds[p][runs / 2];
		medians[p]->processor = processor[p][runs / 2];
	}
}

enum goal { AT_MOST, AT_LEAST };

static void print_ratio(const char *what, double ratio, enum goal goal, double target)
{
	bool met = goal == AT_MOST ? ratio <= target : ratio >= target;
	printf("%-62s %8.2f   %s %4.1f   %s\n", what, ratio, goal == AT_MOST ? "at most " : "at least", target,
	       met ? "met" : "MISSED");
	fflush(stdout);
}

/* The medians of both in milliseconds, and the processor's time, which depends less on what else runs. */
static void print_medians(const struct median *a, const struct median *b, size_t runs)
{
	printf("    %.2f ms against %.2f ms, median of %zu runs each; processor %.2f ms against %.2f ms, %.2f times\n",
	       a->seconds * 1e3, b->seconds * 1e3, runs, a->processor * 1e3, b->processor * 1e3,
	       a->processor / b->processor);
}

static void measure(const char *what, const char *const a[], const char *const b[], size_t runs, enum goal goal,
		    double target)
{
	struct median ma, mb;
	alternate(a, b, runs, &ma, &mb);
	print_ratio(what, ma.seconds / mb.seconds, goal, target);
	print_medians(&ma, &mb, runs);
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

static void print_memory(const struct bench *b, const char *what, size_t peak, const char *input)
{
	double above = peak > b->empty_peak ? (double)(peak - b->empty_peak) : 0;
	double ratio = above / (double)file_size(input);
	print_ratio(arena_printf(b->arena, "memory / input, %s", what).p, ratio, AT_MOST, 12);
}

/* Eight times the input may cost nine times the time; and the memory of the larger one. */
static void compare_sizes(const struct bench *b, const char *what, const char *large, const char *small)
{
	const char *const of_large[] = {b->unroot, "fix", "--check", large, NULL};
	const char *const of_small[] = {b->unroot, "fix", "--check", small, NULL};
	struct median ml, ms;
	alternate(of_large, of_small, 3, &ml, &ms);
	print_ratio(arena_printf(b->arena, "time, %s", what).p, ml.seconds / ms.seconds, AT_MOST, 9);
	print_medians(&ml, &ms, 3);
	print_memory(b, what, ml.peak, large);
}

/* A million times the same instruction. */
static void measure_million(const struct bench *b, const char *first, const char *instruction, const char *last)
{
	const char *path = path_of(b, "same.Dockerfile");
	file_of_same(path, first, instruction, 1000000, last);
	size_t peak = run_once((const char *const[]){b->unroot, "fix", "--check", path, NULL}, 1).peak;
	const char *what =
		arena_printf(b->arena, "1,000,000 `%s`%s", instruction, *last ? ", each with a finding" : "").p;
	print_memory(b, what, peak, path);
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
	print_ratio("analysis in ms, a document of 500 lines", analysis * 1e3, AT_MOST, 16);
	printf("    %.1f times as long as parsing it alone, %.3f ms\n", analysis / parsing, parsing * 1e3);
}

/* Many small files: against reading them, and with two threads. */
static void measure_tree(const struct bench *b, const char *tree, size_t files)
{
	const char *const one[] = {b->unroot, "fix", "--check", "-j", "1", tree, NULL};
	const char *const two[] = {b->unroot, "fix", "--check", "-j", "2", tree, NULL};
	const char *const whole[] = {b->unroot, "fix", "--diff", "-j", "1", tree, NULL};
	const char *const cat[] = {"find", tree, "-type", "f", "-exec", "cat", "{}", "+", NULL};
	measure(arena_printf(b->arena, "fix --check, %zu files, against find -exec cat", files).p, one, cat, 11,
		AT_MOST, 2);
	measure("fix --diff, which looks again at what it changed, against the same", whole, cat, 11, AT_MOST, 4);
	measure("-j 1 against -j 2", one, two, 11, AT_LEAST, 1.4);
}

/* Other programs on the same files; COMMAND finds their folder in $1. */
static void measure_peers(const struct bench *b, const char *tree, char *const commands[])
{
	const char *const mine[] = {b->unroot, "fix", "--check", "-j", "1", tree, NULL};
	for (; *commands; commands++) {
		const char *const theirs[] = {"sh", "-c", *commands, "sh", tree, NULL};
		struct median m, t;
		alternate(theirs, mine, 1, &t, &m);
		printf("%8.2f times as long: %s\n", t.seconds / m.seconds, *commands);
		print_medians(&t, &m, 1);
		fflush(stdout);
	}
}

/* The files below `from`, or made-up ones; gives how many there are. */
static size_t fill_tree(const struct bench *b, const char *tree, const char *from, size_t files)
{
	if (from)
		return tree_copy(b->arena, tree, from, files);
	tree_make(tree, files);
	return files;
}

int main(int argc, char **argv)
{
	struct arena a;
	if (argc < 2 || !path_exists(argv[1])) {
		fprintf(stderr, "usage: bench UNROOT [FOLDER|- [COMMAND]...]\n");
		return 2;
	}
	arena_init(&a, NULL, 0);
	struct bench b = {.arena = &a, .unroot = argv[1], .folder = scratch_new(&a)};
	const char *from = argc > 2 && strcmp(argv[2], "-") != 0 ? argv[2] : NULL;
	const char *tree = path_of(&b, "tree"), *few = path_of(&b, "few");
	measure_tree(&b, tree, fill_tree(&b, tree, from, FILES));
	if (argc > 3) {
		fill_tree(&b, few, from, FEW);
		measure_peers(&b, few, argv + 3);
	}

	const char *const start[] = {b.unroot, "--version", NULL};
	const char *const nothing[] = {"/bin/true", NULL};
	measure("start against /bin/true", start, nothing, MAX_RUNS, AT_MOST, 1.4);

	const char *empty = path_of(&b, "empty.Dockerfile");
	file_put(empty, STR("FROM scratch\n"));
	b.empty_peak = run_once((const char *const[]){b.unroot, "fix", "--check", empty, NULL}, 1).peak;

	measure_document(&b);
	const char *const debian = "FROM debian:bookworm";
	measure_million(&b, debian, "RUN true", "");
	measure_million(&b, debian, "COPY a b", "");
	measure_million(&b, debian, "ENV a=b", "");
	measure_million(&b, "FROM a", "FROM a", "");
	measure_million(&b, "FROM node:20\nWORKDIR /app", "COPY a b", "CMD [\"node\", \"a.js\"]\n");
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
