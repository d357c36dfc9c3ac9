#define _GNU_SOURCE
#include "bot/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { IN, OUT, ERR, STREAMS, MOST_ERRORS = 65536, PIECE = 65536 };

/* git rev-parse --local-env-vars, but for those that only hold configuration. */
static const char *const left_out[] = {"GIT_DIR=",
				       "GIT_WORK_TREE=",
				       "GIT_INDEX_FILE=",
				       "GIT_OBJECT_DIRECTORY=",
				       "GIT_ALTERNATE_OBJECT_DIRECTORIES=",
				       "GIT_COMMON_DIR=",
				       "GIT_NAMESPACE=",
				       "GIT_GRAFT_FILE=",
				       "GIT_SHALLOW_FILE=",
				       "GIT_PREFIX=",
				       "GIT_REPLACE_REF_BASE=",
				       "GIT_INTERNAL_SUPER_PREFIX="};

struct running {
	pid_t pid;
	int fd[STREAMS]; /* this side of its pipes; -1: closed */
	struct str input;
	struct buf text[STREAMS];
	size_t limit;
	bool overflow;
};

static bool is_replaced(const char *variable, const char *const *extra)
{
	size_t name = strcspn(variable, "=") + 1;
	for (; extra && *extra; extra++)
		if (strncmp(*extra, variable, name) == 0)
			return true;
	for (size_t i = 0; i < sizeof left_out / sizeof *left_out; i++)
		if (strncmp(variable, left_out[i], strlen(left_out[i])) == 0)
			return true;
	return false;
}

static char **environment(struct arena *a, const char *const *extra)
{
	VEC(const char *) all = {0};
	for (char **e = environ; *e; e++)
		if (!is_replaced(*e, extra))
			*VEC_PUSH(a, all) = *e;
	for (; extra && *extra; extra++)
		*VEC_PUSH(a, all) = *extra;
	*VEC_PUSH(a, all) = NULL;
	return (char **)(void *)all.at;
}

static void close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static bool start(struct arena *a, const struct spawn *p, struct running *r)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	int theirs[STREAMS] = {-1, -1, -1}, pair[2], code = 0;
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	for (int i = 0; i < STREAMS && code == 0; i++) {
		code = pipe2(pair, O_CLOEXEC) == 0 ? 0 : errno;
		if (code)
			break;
		theirs[i] = pair[i == IN ? 0 : 1];
		r->fd[i] = pair[i == IN ? 1 : 0];
		fcntl(r->fd[i], F_SETFL, O_NONBLOCK);
		posix_spawn_file_actions_adddup2(&actions, theirs[i], i);
	}
	if (p->directory)
		posix_spawn_file_actions_addchdir_np(&actions, p->directory);
	sigemptyset(&none);
	sigaddset(&none, SIGPIPE); /* ignored here, not there */
	posix_spawnattr_setsigdefault(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	if (code == 0)
		code = posix_spawnp(&r->pid, p->argv[0], &actions, &attributes, (char **)(uintptr_t)p->argv,
				    environment(a, p->extra));
	for (int i = 0; i < STREAMS; i++)
		close_end(&theirs[i]);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	errno = code;
	return code == 0;
}

static void feed(struct running *r)
{
	ssize_t put = r->input.n ? write(r->fd[IN], r->input.p, r->input.n) : 0;
	if (put > 0)
		r->input = str_sub(r->input, (size_t)put, r->input.n);
	if (r->input.n == 0 || (put < 0 && errno != EAGAIN && errno != EINTR))
		close_end(&r->fd[IN]);
}

static void drain(struct running *r, int which)
{
	char piece[PIECE];
	ssize_t got = read(r->fd[which], piece, sizeof piece);
	if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
		close_end(&r->fd[which]);
	if (got <= 0)
		return;
	size_t most = which == OUT ? r->limit : MOST_ERRORS, room = most - r->text[which].n;
	size_t kept = (size_t)got < room ? (size_t)got : room;
	buf_add(&r->text[which], (struct str){piece, kept});
	r->overflow = r->overflow || (which == OUT && kept < (size_t)got);
}

static long long now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Until its outputs end. False when it has to be killed. */
static bool attend(struct running *r, unsigned seconds)
{
	long long end = now_ms() + (long long)seconds * 1000;
	while (r->fd[OUT] >= 0 || r->fd[ERR] >= 0) {
		struct pollfd polled[STREAMS];
		long long left = end - now_ms();
		for (int i = 0; i < STREAMS; i++)
			polled[i] = (struct pollfd){.fd = r->fd[i], .events = i == IN ? POLLOUT : POLLIN};
		if (left <= 0 || r->overflow)
			return false;
		if (poll(polled, STREAMS, (int)left) < 0 && errno != EINTR)
			return false;
		if (r->fd[IN] >= 0 && polled[IN].revents)
			feed(r);
		for (int i = OUT; i <= ERR; i++)
			if (r->fd[i] >= 0 && polled[i].revents)
				drain(r, i);
	}
	return true;
}

void spawn_run(struct arena *a, const struct spawn *p, struct spawn_result *r)
{
	struct running running = {.fd = {-1, -1, -1}, .input = p->input, .limit = p->limit};
	int status = 0;
	*r = (struct spawn_result){.code = -1, .out = STR(""), .err = STR("")};
	running.text[OUT] = running.text[ERR] = buf_new(a);
	if (!start(a, p, &running)) {
		r->err = arena_printf(a, "%s cannot be started: %s", p->argv[0], strerror(errno));
	} else {
		bool ended = attend(&running, p->seconds);
		if (!ended)
			kill(running.pid, SIGKILL);
		while (waitpid(running.pid, &status, 0) < 0 && errno == EINTR)
			;
		if (ended && WIFEXITED(status))
			r->code = WEXITSTATUS(status);
		r->out = arena_str(a, buf_str(&running.text[OUT]));
		r->err = arena_str(a, buf_str(&running.text[ERR]));
		if (!ended)
			r->err = running.overflow ? STR("its output is too large") : STR("it took too long");
	}
	for (int i = 0; i < STREAMS; i++)
		close_end(&running.fd[i]);
}
