#define _GNU_SOURCE
#include "cli/run.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/path.h"
#include "cli/exit.h"
#include "cli/report_stream.h"

/* A thread is worth its start when it has this many files to do. */
enum { FILES_A_THREAD = 64, MOST_THREADS = 32, LARGE_FILE = 1 << 20 };

/* Files that a thread takes at once: waking the one that prints costs as much as reading a small file. */
enum { BATCH = 64, BATCHES_A_THREAD = 8 };

struct pool {
	const struct run *run;
	const struct input *inputs;
	struct result *results;
	size_t n, batch;
	atomic_size_t next;
	pthread_mutex_t lock;
	pthread_cond_t ready;
};

/* What the main thread prints, and counts. */
struct printer {
	const struct run *run;
	struct report_stream report;
	size_t counts[OUTCOME_COUNT];
	struct progress progress;
};

static void worker_init(struct worker *w, const struct run *run, bool first)
{
	*w = (struct worker){.run = run, .first = first};
	arena_init(&w->arena, NULL, 4096);
	provider_init(&w->files, run->options->context);
}

static void worker_free(struct worker *w)
{
	unroot_report_free(w->report);
	for (size_t i = 0; i < w->engines.n; i++)
		unroot_engine_free(w->engines.at[i].engine);
	file_bytes_free(&w->bytes);
	provider_free(&w->files);
	arena_free(&w->arena);
}

static void do_one(struct worker *w, const struct input *in, struct result *r)
{
	jmp_buf place;
	arena_init(&r->arena, NULL, 4096);
	r->out = r->err = r->report = r->notes = buf_new(&r->arena);
	arena_arm(&r->arena, &place);
	arena_arm(&w->arena, &place);
	arena_arm(&w->files.arena, &place);
	if (setjmp(place) == 0)
		w->run->each(w, in, r);
	else
		r->no_memory = true;
	unroot_report_free(w->report);
	w->report = NULL;
	w->bytes.n = 0;
	if (w->bytes.cap > LARGE_FILE)
		file_bytes_free(&w->bytes);
}

static void print_buffer(const struct buf *b, FILE *to)
{
	if (b->n)
		fwrite(b->p, 1, b->n, to);
}

static void print_result(struct printer *p, const struct input *in, struct result *r, size_t done)
{
	if (r->no_memory)
		r->outcome = OUTCOME_FAILED;
	p->counts[r->outcome]++;
	if (r->out.n || r->err.n || r->no_memory)
		progress_hide(&p->progress);
	if (!r->no_memory)
		print_buffer(&r->out, stdout);
	if (!r->no_memory && p->run->format)
		report_stream_add(&p->report, buf_str(&r->report), buf_str(&r->notes));
	if (r->err.n || r->no_memory) {
		fflush(stdout); /* where both go to one place, they stay in order */
		print_buffer(&r->err, stderr);
	}
	if (r->no_memory)
		fprintf(stderr, "%s: out of memory\n", in->path);
	arena_free(&r->arena);
	progress_show(&p->progress, done);
}

static void run_here(const struct run *run, const struct input *inputs, size_t n, struct printer *p)
{
	struct worker w;
	worker_init(&w, run, true);
	for (size_t i = 0; i < n; i++) {
		struct result r = {0};
		do_one(&w, &inputs[i], &r);
		print_result(p, &inputs[i], &r, i + 1);
	}
	worker_free(&w);
}

struct thread {
	struct pool *pool;
	pthread_t id;
	bool first;
};

static void *thread_main(void *argument)
{
	struct thread *t = argument;
	struct pool *pool = t->pool;
	struct worker w;
	worker_init(&w, pool->run, t->first);
	for (;;) {
		size_t from = atomic_fetch_add(&pool->next, pool->batch), end = from + pool->batch;
		if (from >= pool->n)
			break;
		end = end < pool->n ? end : pool->n;
		for (size_t i = from; i < end; i++)
			do_one(&w, &pool->inputs[i], &pool->results[i]);
		pthread_mutex_lock(&pool->lock);
		for (size_t i = from; i < end; i++)
			pool->results[i].ready = true;
		pthread_cond_signal(&pool->ready);
		pthread_mutex_unlock(&pool->lock);
	}
	worker_free(&w);
	return NULL;
}

/* Waits for result i; the bar moves meanwhile. */
static void wait_for(struct pool *pool, size_t i, struct printer *p)
{
	pthread_mutex_lock(&pool->lock);
	while (!pool->results[i].ready) {
		struct timespec until;
		if (!p->progress.possible) {
			pthread_cond_wait(&pool->ready, &pool->lock);
			continue;
		}
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += 100 * 1000 * 1000;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		pthread_cond_timedwait(&pool->ready, &pool->lock, &until);
		progress_show(&p->progress, i);
	}
	pthread_mutex_unlock(&pool->lock);
}

static void run_threads(const struct run *run, const struct input *inputs, size_t n, size_t threads, struct printer *p)
{
	size_t batch = n / (threads * BATCHES_A_THREAD);
	struct pool pool = {.run = run, .inputs = inputs, .n = n, .batch = batch > BATCH ? BATCH : batch ? batch : 1};
	struct thread all[MOST_THREADS];
	size_t started = 0;
	pool.results = calloc(n, sizeof *pool.results);
	pthread_mutex_init(&pool.lock, NULL);
	pthread_cond_init(&pool.ready, NULL);
	for (size_t i = 0; i < threads && pool.results; i++) {
		all[i] = (struct thread){.pool = &pool, .first = i == 0};
		if (pthread_create(&all[i].id, NULL, thread_main, &all[i]) != 0)
			break;
		started++;
	}
	if (started == 0)
		run_here(run, inputs, n, p);
	for (size_t i = 0; i < n && started; i++) {
		wait_for(&pool, i, p);
		print_result(p, &inputs[i], &pool.results[i], i + 1);
	}
	for (size_t i = 0; i < started; i++)
		pthread_join(all[i].id, NULL);
	pthread_cond_destroy(&pool.ready);
	pthread_mutex_destroy(&pool.lock);
	free(pool.results);
}

static size_t thread_count(const struct options *o, size_t files)
{
	cpu_set_t cpus;
	size_t n = o->jobs, useful = files;
	if (n == 0) {
		useful = files / FILES_A_THREAD;
		if (useful < 2)
			return 1;
		n = sched_getaffinity(0, sizeof cpus, &cpus) == 0 ? (size_t)CPU_COUNT(&cpus) : 1;
	}
	n = n < useful ? n : useful;
	return n < MOST_THREADS ? n : MOST_THREADS;
}

static void print_summary(const struct printer *p)
{
	const struct {
		enum outcome outcome;
		const char *one, *more;
	} parts[] = {
		{OUTCOME_CHANGED, p->run->changed, p->run->changed},
		{OUTCOME_UNCHANGED, "unchanged", "unchanged"},
		{OUTCOME_REVIEW, "needs review", "need review"},
		{OUTCOME_FAILED, "failed", "failed"},
	};
	bool first = true;
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		size_t n = p->counts[parts[i].outcome];
		if (n == 0)
			continue;
		const char *noun = !first ? "" : n == 1 ? " file" : " files";
		fprintf(stderr, "%s%zu%s %s", first ? "" : ", ", n, noun, n == 1 ? parts[i].one : parts[i].more);
		first = false;
	}
	if (!first)
		fputc('\n', stderr);
}

static bool close_output(void)
{
	bool ok = fflush(stdout) == 0 && !ferror(stdout);
	if (!ok)
		fprintf(stderr, "standard output: cannot be written: %s\n", strerror(errno));
	return ok;
}

static void find_standard_input(struct walk *w, const struct options *o)
{
	const char *name = o->stdin_name ? o->stdin_name : "<stdin>";
	const char *directory = arena_str(w->arena, directory_of(str_of(name))).p;
	struct location location = location_of(w->arena, directory);
	if (location.directory.n == 0) { /* an editor may not have made it yet */
		location = location_of(w->arena, "");
		location.directory = path_join(w->arena, location.directory, str_of(directory));
	}
	struct config *config = config_upward(w->configs, &location);
	bool left_out = config->settings.force_exclude && walk_leaves_out(w, name, config, &location);
	*VEC_PUSH(w->arena, w->found) =
		(struct input){.path = name, .config = config, .standard_input = true, .left_out = left_out};
}

static bool find_inputs(struct walk *w, const struct options *o)
{
	for (size_t i = 0; i < o->path_count; i++) {
		if (strcmp(o->paths[i], "-") != 0)
			continue;
		if (o->path_count > 1) {
			fputs("unroot: - (standard input) cannot be used together with other paths\n", stderr);
			return false;
		}
		find_standard_input(w, o);
		return true;
	}
	walk_paths(w, o->paths, o->path_count);
	return true;
}

static int show_config(struct configs *configs, const struct options *o)
{
	const char *path = o->path_count ? o->paths[0] : ".";
	struct buf out = buf_new(o->arena);
	struct location location = location_of(o->arena, path);
	bool file =
		location.directory.n == 0 || access(location_join(o->arena, location.directory, STR(".")).p, F_OK) != 0;
	if (strcmp(path, "-") == 0 || file)
		location = location_of(o->arena, arena_str(o->arena, directory_of(str_of(path))).p);
	struct config *config = config_upward(configs, &location);
	if (configs->failed) {
		print_buffer(configs->errors, stderr);
		return EXIT_FAILED;
	}
	buf_printf(&out, "# %s\n", config->file ? config->file : "no " CONFIG_NAME);
	settings_show(&config->settings, &out);
	print_buffer(&out, stdout);
	return close_output() ? EXIT_DONE : EXIT_FAILED;
}

static bool prepare_configs(struct configs *configs, const struct walk *w)
{
	for (size_t i = 0; i < w->found.n; i++)
		if (i == 0 || w->found.at[i].config != w->found.at[i - 1].config)
			config_prepare(configs, w->found.at[i].config);
	/* A mistake on the command line concerns every file. */
	return !configs->plain->broken;
}

static int run_found(struct run *run, const struct walk *w, bool failed)
{
	const struct options *o = run->options;
	struct printer p = {.run = run};
	size_t threads = thread_count(o, w->found.n);
	if (run->format && !report_stream_open(&p.report, run->format, o->output_file))
		return EXIT_FAILED;
	progress_init(&p.progress, w->found.n, o->quiet);
	if (threads > 1)
		run_threads(run, w->found.at, w->found.n, threads, &p);
	else
		run_here(run, w->found.at, w->found.n, &p);
	progress_hide(&p.progress);
	failed = failed || p.counts[OUTCOME_FAILED];
	bool written = !run->format || report_stream_close(&p.report, o->arena, failed);
	if (!close_output() || !written)
		return EXIT_FAILED;
	if (run->summary && !o->quiet)
		print_summary(&p);
	if (failed)
		return EXIT_FAILED;
	return run->found_is_failure && p.counts[OUTCOME_CHANGED] && !o->exit_zero ? EXIT_FOUND : EXIT_DONE;
}

int run_all(struct run *run)
{
	const struct options *o = run->options;
	struct buf errors = buf_new(o->arena);
	struct configs configs;
	signal(SIGXFSZ, SIG_IGN); /* a file that grows too large is an error like a full disk */
	configs_init(&configs, o->arena, &o->settings, o->config, o->isolated, &errors);
	if (o->show_config)
		return show_config(&configs, o);
	struct walk w = {.arena = o->arena,
			 .configs = &configs,
			 .exclude = &o->settings.exclude,
			 .sweep = run->sweep,
			 .errors = &errors};
	int code = EXIT_FAILED;
	bool ok = find_inputs(&w, o) && prepare_configs(&configs, &w);
	print_buffer(&errors, stderr);
	if (ok)
		code = run_found(run, &w, w.failed || configs.failed);
	configs_free(&configs);
	return code;
}
