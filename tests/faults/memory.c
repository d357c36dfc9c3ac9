/* Every allocation fails once: the library returns UNROOT_ENOMEM, nothing leaks, and the same engine then gives what it
 * would have given without the failure. memory [FILE-OR-FOLDER…], by default the golden cases. */
#include <stdio.h>
#include <stdlib.h>

#include "support/support.h"
#include "unroot/unroot.h"

/* Counts, and fails the allocation that brings `left` to zero. */
struct faulty {
	size_t left; /* 0: none fails */
	size_t made, living;
};

static void *faulty_alloc(void *ctx, size_t size)
{
	struct faulty *f = ctx;
	f->made++;
	if (f->left && --f->left == 0)
		return NULL;
	void *memory = malloc(size);
	f->living += memory != NULL;
	return memory;
}

static void faulty_release(void *ctx, void *memory)
{
	struct faulty *f = ctx;
	f->living -= memory != NULL;
	free(memory);
}

struct figures {
	size_t files, faults, wrong;
};

static void wrong(struct figures *figures, const char *path, size_t nth, const char *what)
{
	figures->wrong++;
	fprintf(stderr, "%s: allocation %zu fails: %s\n", path, nth, what);
}

/* The fixed text, or "" where nothing changes or the file is refused. */
static int run(unroot_engine *engine, struct str bytes, struct buf *fixed)
{
	unroot_report *report = NULL;
	unroot_error error;
	int code = unroot_run(&report, engine, "Dockerfile", bytes.p, bytes.n, NULL, &error);
	size_t n = 0;
	const unroot_file *files = code == 0 ? unroot_files(report, &n) : NULL;
	fixed->n = 0;
	if (n) {
		buf_add(fixed, (struct str){files[0].fixed, files[0].fixed_length});
		if (!unroot_diff(report, &files[0], "Dockerfile", &n))
			code = UNROOT_ENOMEM;
	}
	unroot_report_free(report);
	return code;
}

static void fail_each(struct arena *a, const char *path, struct figures *figures)
{
	struct str bytes = file_bytes(a, path);
	struct faulty faulty = {0};
	unroot_options options = {
		.least = UNROOT_UNSAFE, .alloc = faulty_alloc, .release = faulty_release, .alloc_ctx = &faulty};
	struct buf expected = buf_new(a), got = buf_new(a);
	int expected_code = UNROOT_ENOMEM;
	size_t total = 0;
	figures->files++;
	for (size_t nth = 0; nth <= total; nth++) {
		unroot_engine *engine = NULL;
		unroot_error error;
		faulty.left = nth;
		faulty.made = 0;
		figures->faults += nth > 0;
		int code = unroot_engine_new(&engine, &options, &error);
		if (code == 0)
			code = run(engine, bytes, nth ? &got : &expected);
		if (nth == 0) {
			expected_code = code;
			total = faulty.made;
		}
		bool reached = nth > 0 && faulty.left == 0;
		faulty.left = 0;
		if (reached && code != UNROOT_ENOMEM)
			wrong(figures, path, nth, "the failure is not reported");
		if (reached && engine &&
		    (run(engine, bytes, &got) != expected_code || !str_eq(buf_str(&got), buf_str(&expected))))
			wrong(figures, path, nth, "the engine gives something else afterwards");
		unroot_engine_free(engine);
		if (faulty.living)
			wrong(figures, path, nth, "memory leaks");
		faulty.living = 0;
	}
}

int main(int argc, char **argv)
{
	struct arena names, text;
	struct figures figures = {0};
	struct paths paths = {0};
	arena_init(&names, NULL, 0);
	arena_init(&text, NULL, 0);
	for (int i = 1; i < argc; i++)
		paths_below(&names, argv[i], "", &paths);
	if (argc == 1)
		paths_below(&names, UNROOT_GOLDEN, "/Dockerfile", &paths);
	for (size_t i = 0; i < paths.n; i++) {
		fail_each(&text, paths.at[i], &figures);
		arena_reset(&text);
	}
	arena_free(&text);
	arena_free(&names);
	printf("%zu allocations failed, over %zu files: %zu wrong\n", figures.faults, figures.files, figures.wrong);
	return figures.wrong || figures.faults == 0;
}
