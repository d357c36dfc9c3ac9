#include "bench.h"

#include "syntax/document.h"
#include "unroot/unroot.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { RUNS = 301 };

static double now(void)
{
	struct timespec t;
	timespec_get(&t, TIME_UTC);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median(double *seconds)
{
	qsort(seconds, RUNS, sizeof *seconds, by_size);
	return seconds[RUNS / 2];
}

static double parse_once(struct arena *a, struct str bytes)
{
	struct document document;
	double start = now();
	document_parse(a, &document, "Dockerfile", bytes);
	double seconds = now() - start;
	arena_reset(a);
	return seconds;
}

static double analyse_once(unroot_engine *engine, struct str bytes)
{
	unroot_report *report;
	double start = now();
	if (unroot_run(&report, engine, "Dockerfile", bytes.p, bytes.n, NULL, NULL) != 0) {
		fputs("the document cannot be analysed\n", stderr);
		exit(1);
	}
	double seconds = now() - start;
	unroot_report_free(report);
	return seconds;
}

void measure_analysis(struct str bytes, double *parsing, double *analysis)
{
	static double seconds[2][RUNS];
	const unroot_options options = {.least = UNROOT_SAFE};
	unroot_engine *engine;
	struct arena a;
	arena_init(&a, NULL, 0);
	if (unroot_engine_new(&engine, &options, NULL) != 0) {
		fputs("out of memory\n", stderr);
		exit(1);
	}
	for (size_t i = 0; i < RUNS; i++) {
		seconds[0][i] = parse_once(&a, bytes);
		seconds[1][i] = analyse_once(engine, bytes);
	}
	*parsing = median(seconds[0]);
	*analysis = median(seconds[1]);
	unroot_engine_free(engine);
	arena_free(&a);
}
