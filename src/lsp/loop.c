#define _GNU_SOURCE
#include "lsp/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "lsp/frame.h"
#include "lsp/server.h"

/* The thread that does the jobs, one at a time: it may wait for the file system, and nobody waits for it. */
struct helper {
	const struct worker_options *options;
	pthread_t id;
	pthread_mutex_t lock;
	pthread_cond_t given;
	struct job *job, *done;
	bool stop;
	int wake[2]; /* a pipe: a byte for each job that is done */
};

struct loop {
	struct helper helper;
	struct frames frames;
	struct server server;
	bool broken; /* the client cannot be written to */
};

static void *help(void *argument)
{
	struct helper *h = argument;
	struct worker worker;
	worker_init(&worker, h->options);
	pthread_mutex_lock(&h->lock);
	while (!h->stop) {
		struct job *job = h->job;
		if (!job) {
			pthread_cond_wait(&h->given, &h->lock);
			continue;
		}
		pthread_mutex_unlock(&h->lock);
		worker_run(&worker, job);
		pthread_mutex_lock(&h->lock);
		h->job = NULL;
		h->done = job;
		while (write(h->wake[1], "", 1) < 0 && errno == EINTR)
			;
	}
	pthread_mutex_unlock(&h->lock);
	worker_free(&worker);
	return NULL;
}

static bool start_helper(struct helper *h, const struct worker_options *options)
{
	*h = (struct helper){.options = options};
	if (pipe2(h->wake, O_CLOEXEC) != 0)
		return false;
	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->given, NULL);
	return pthread_create(&h->id, NULL, help, h) == 0;
}

/* False when it is in the middle of something that may never end. */
static bool stop_helper(struct helper *h)
{
	pthread_mutex_lock(&h->lock);
	bool idle = !h->job;
	h->stop = true;
	pthread_cond_signal(&h->given);
	pthread_mutex_unlock(&h->lock);
	if (!idle)
		return false;
	pthread_join(h->id, NULL);
	pthread_cond_destroy(&h->given);
	pthread_mutex_destroy(&h->lock);
	close(h->wake[0]);
	close(h->wake[1]);
	return true;
}

static void give_next_job(struct loop *l)
{
	struct job *job = server_take(&l->server);
	if (!job)
		return;
	pthread_mutex_lock(&l->helper.lock);
	l->helper.job = job;
	pthread_cond_signal(&l->helper.given);
	pthread_mutex_unlock(&l->helper.lock);
}

static void take_done_job(struct loop *l)
{
	char byte;
	if (read(l->helper.wake[0], &byte, 1) != 1)
		return;
	pthread_mutex_lock(&l->helper.lock);
	struct job *job = l->helper.done;
	l->helper.done = NULL;
	pthread_mutex_unlock(&l->helper.lock);
	server_finish(&l->server, job);
}

static void send_bytes(void *ctx, struct str bytes)
{
	struct loop *l = ctx;
	while (bytes.n > 0 && !l->broken) {
		ssize_t n = write(STDOUT_FILENO, bytes.p, bytes.n);
		if (n > 0)
			bytes = str_sub(bytes, (size_t)n, bytes.n);
		else if (errno != EINTR)
			l->broken = true;
	}
}

/* Reads what is there; false at the end of the input. */
static bool read_input(struct loop *l)
{
	size_t room, n;
	char *at = frames_room(&l->frames, &room), *body;
	if (!at)
		longjmp(*l->server.arena.out_of_memory, 1);
	ssize_t got = read(STDIN_FILENO, at, room);
	if (got <= 0)
		return got < 0 && (errno == EINTR || errno == EAGAIN);
	frames_add(&l->frames, (size_t)got);
	for (enum frame_status status; l->server.state != SERVER_ENDED;) {
		status = frames_next(&l->frames, &body, &n);
		if (status == FRAME_NONE)
			break;
		if (status == FRAME_BODY)
			server_receive(&l->server, body, n);
		else
			server_refuse(&l->server);
	}
	return true;
}

static int serve(struct loop *l)
{
	struct pollfd waiting[] = {{STDIN_FILENO, POLLIN, 0}, {l->helper.wake[0], POLLIN, 0}};
	while (l->server.state != SERVER_ENDED && !l->broken) {
		give_next_job(l);
		if (poll(waiting, 2, -1) < 0)
			continue;
		if (waiting[1].revents)
			take_done_job(l);
		if (waiting[0].revents && !read_input(l))
			return l->server.state == SERVER_SHUT_DOWN ? 0 : 1; /* the client has gone */
	}
	return l->broken ? 1 : l->server.exit_code;
}

static int run_loop(struct loop *l, const struct worker_options *options, jmp_buf *out_of_memory)
{
	signal(SIGPIPE, SIG_IGN); /* a client that has gone is found out by write() */
	if (!start_helper(&l->helper, options)) {
		fputs("unroot: cannot start a thread\n", stderr);
		return 2;
	}
	server_init(&l->server, send_bytes, l, out_of_memory);
	int code = serve(l);
	if (!stop_helper(&l->helper))
		_exit(code);
	server_free(&l->server);
	frames_free(&l->frames);
	return code;
}

int loop_run(const struct worker_options *options)
{
	struct loop l = {0};
	jmp_buf place;
	if (setjmp(place) == 0)
		return run_loop(&l, options, &place);
	fputs("unroot: out of memory\n", stderr);
	_exit(2); /* the other thread may be in the middle of something */
}
