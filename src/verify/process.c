#define _GNU_SOURCE
#include "verify/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "verify/host.h"

enum { POLL_STEP = 50, GRACE = 10000, LINE_MAX_BYTES = 512, READ_SIZE = 16384 };

extern char **environ;

static const int caught[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
enum { CAUGHT = sizeof caught / sizeof *caught };

long long clock_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

void signals_catch(struct signals *s)
{
	sigset_t set, old;
	_Static_assert(sizeof old <= sizeof s->saved, "room for a signal mask");
	*s = (struct signals){.fd = -1};
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD); /* only wakes those who wait */
	for (size_t i = 0; i < CAUGHT; i++) {
		struct sigaction action;
		if (sigaction(caught[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
			sigaddset(&set, caught[i]);
	}
	sigprocmask(SIG_BLOCK, &set, &old);
	memcpy(s->saved, &old, sizeof old);
	s->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

void signals_release(struct signals *s)
{
	sigset_t old;
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	memcpy(&old, s->saved, sizeof old);
	sigprocmask(SIG_SETMASK, &old, NULL);
}

bool signals_came(struct signals *s)
{
	struct signalfd_siginfo info;
	while (s->fd >= 0 && read(s->fd, &info, sizeof info) == (ssize_t)sizeof info)
		if (s->got == 0 && info.ssi_signo != SIGCHLD)
			s->got = (int)info.ssi_signo;
	return s->got != 0 && !s->deaf;
}

bool signals_sleep(struct signals *s, long milliseconds)
{
	long long until = clock_ms() + milliseconds;
	for (;;) {
		long long left = until - clock_ms();
		if (signals_came(s))
			return false;
		if (left <= 0)
			return true;
		struct pollfd p = {.fd = s->fd, .events = POLLIN};
		poll(&p, 1, (int)left);
	}
}

/* What is kept of a stream. With `tail` the buffer is twice the limit, and its last half moves to the front when
   it is full. */
struct stream {
	int fd;
	char *bytes;
	size_t n, limit;
	bool tail, truncated;
	char line[LINE_MAX_BYTES];
	size_t line_length;
};

static void keep(struct stream *s, const char *bytes, size_t n)
{
	size_t cap = s->tail ? 2 * s->limit : s->limit;
	while (n > 0) {
		size_t part = cap - s->n < n ? cap - s->n : n;
		memcpy(s->bytes + s->n, bytes, part);
		s->n += part;
		bytes += part;
		n -= part;
		if (n == 0)
			return;
		s->truncated = true;
		if (!s->tail)
			return;
		memmove(s->bytes, s->bytes + s->n - s->limit, s->limit);
		s->n = s->limit;
	}
}

static void tell(struct process *p, struct stream *s, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] == '\n' || bytes[i] == '\r') {
			if (s->line_length)
				p->line(p->ctx, (struct str){s->line, s->line_length});
			s->line_length = 0;
		} else if (s->line_length < LINE_MAX_BYTES) {
			s->line[s->line_length++] = bytes[i];
		}
	}
}

/* False at the end of the stream. */
static bool take(struct process *p, struct stream *s)
{
	char bytes[READ_SIZE];
	ssize_t n = read(s->fd, bytes, sizeof bytes);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n <= 0) {
		close(s->fd);
		s->fd = -1;
		return false;
	}
	keep(s, bytes, (size_t)n);
	if (p->line)
		tell(p, s, bytes, (size_t)n);
	return true;
}

static bool has_ended(pid_t child, int *status)
{
	return waitpid(child, status, WNOHANG) == child;
}

static struct str kept(const struct stream *s)
{
	size_t from = s->tail && s->n > s->limit ? s->n - s->limit : 0;
	return s->bytes ? (struct str){s->bytes + from, s->n - from} : STR("");
}

static void wait_and_read(struct process *p, struct stream streams[2])
{
	struct pollfd fds[3];
	nfds_t n = 0;
	for (size_t i = 0; i < 2; i++)
		if (streams[i].fd >= 0)
			fds[n++] = (struct pollfd){.fd = streams[i].fd, .events = POLLIN};
	if (p->signals->fd >= 0)
		fds[n++] = (struct pollfd){.fd = p->signals->fd, .events = POLLIN};
	poll(fds, n, POLL_STEP);
	for (size_t i = 0; i < 2; i++)
		if (streams[i].fd >= 0)
			take(p, &streams[i]);
}

/* Reads until the child is gone. Its streams may stay open longer, in processes that it left behind: they get a moment.
 */
static void attend(struct process *p, pid_t child, struct stream streams[2])
{
	long long until = clock_ms() + p->timeout;
	int status = 0;
	bool stopping = false;
	while (!has_ended(child, &status)) {
		wait_and_read(p, streams);
		bool stop = signals_came(p->signals);
		if (!stopping && (stop || clock_ms() >= until)) {
			stopping = true;
			p->end = stop ? PROCESS_STOPPED : PROCESS_TIMEOUT;
			until = clock_ms() + (p->contains ? GRACE : 0);
		}
		if (stopping && clock_ms() < until) {
			host_kill_contained(child);
		} else if (stopping) {
			kill(-child, SIGKILL);
			kill(child, SIGKILL);
		}
	}
	if (stopping)
		return;
	p->end = WIFEXITED(status) ? PROCESS_EXITED : PROCESS_KILLED;
	p->code = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
}

static void drain(struct process *p, struct stream *s)
{
	struct pollfd fd = {.fd = s->fd, .events = POLLIN};
	for (int i = 0; s->fd >= 0 && i < 1024 && poll(&fd, 1, 0) == 1; i++)
		if (!take(p, s))
			return;
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

/* Memory is had before the child is started: running out of it leaves none behind. */
static struct stream stream_new(const struct process *p)
{
	return (struct stream){.fd = -1,
			       .limit = p->limit,
			       .tail = p->tail,
			       .bytes = arena_alloc(p->arena, (p->tail ? 2 : 1) * p->limit + 1)};
}

static bool collect(struct process *p, pid_t child, struct stream streams[2])
{
	for (size_t i = 0; i < 2; i++)
		if (streams[i].fd >= 0)
			fcntl(streams[i].fd, F_SETFL, O_NONBLOCK);
	attend(p, child, streams);
	for (size_t i = 0; i < 2; i++)
		drain(p, &streams[i]);
	p->out = kept(&streams[0]);
	p->err = kept(&streams[1]);
	p->truncated = streams[0].truncated || streams[1].truncated;
	return p->end == PROCESS_EXITED && p->code == 0;
}

static bool failed(struct process *p, int code)
{
	p->end = PROCESS_FAILED;
	p->code = code;
	return false;
}

static bool same_variable(const char *entry, const char *other)
{
	size_t name = strcspn(other, "=");
	return strncmp(entry, other, name + 1) == 0;
}

/* This program's environment with some variables set. */
static char **environment(struct arena *a, const char *const *more)
{
	size_t n = 0, given = 0;
	while (environ && environ[n])
		n++;
	while (more && more[given])
		given++;
	char **all = ARENA_ARRAY(a, char *, n + given + 1);
	size_t used = 0;
	for (size_t i = 0; i < n; i++) {
		bool replaced = false;
		for (size_t k = 0; k < given && !replaced; k++)
			replaced = same_variable(environ[i], more[k]);
		if (!replaced)
			all[used++] = environ[i];
	}
	for (size_t k = 0; k < given; k++)
		all[used++] = (char *)(uintptr_t)more[k];
	return all;
}

static int spawn(pid_t *child, char **variables, const char *const *argv, int out, int err)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, all;
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	posix_spawn_file_actions_adddup2(&actions, err, 2);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	posix_spawnattr_setpgroup(&attributes, 0);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
	int code = posix_spawn(child, argv[0], &actions, &attributes, (char *const *)(uintptr_t)argv, variables);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return code;
}

bool process_run(struct process *p, const char *const *argv)
{
	int out[2], err[2] = {-1, -1};
	pid_t child;
	char **variables = environment(p->arena, p->environment);
	struct stream streams[2] = {stream_new(p), {.fd = -1}};
	if (!p->merge)
		streams[1] = stream_new(p);
	p->out = p->err = STR("");
	if (pipe2(out, O_CLOEXEC) != 0)
		return failed(p, errno);
	if (!p->merge && pipe2(err, O_CLOEXEC) != 0) {
		int code = errno;
		close(out[0]);
		close(out[1]);
		return failed(p, code);
	}
	int code = spawn(&child, variables, argv, out[1], p->merge ? out[1] : err[1]);
	close(out[1]);
	if (err[1] >= 0)
		close(err[1]);
	if (code == 0) {
		streams[0].fd = out[0];
		streams[1].fd = err[0];
		return collect(p, child, streams);
	}
	close(out[0]);
	if (err[0] >= 0)
		close(err[0]);
	return failed(p, code);
}

bool process_fork(struct process *p, int (*run)(void *ctx, int answer), void *ctx)
{
	int out[2];
	struct stream streams[2] = {stream_new(p), {.fd = -1}};
	p->out = p->err = STR("");
	if (pipe2(out, O_CLOEXEC) != 0)
		return failed(p, errno);
	pid_t child = fork();
	if (child < 0) {
		int code = errno;
		close(out[0]);
		close(out[1]);
		return failed(p, code);
	}
	if (child == 0) {
		setpgid(0, 0);
		close(out[0]);
		_exit(run(ctx, out[1]));
	}
	setpgid(child, child);
	close(out[1]);
	streams[0].fd = out[0];
	return collect(p, child, streams);
}

const char *process_find(struct arena *a, const char *name)
{
	struct str rest = str_of(getenv("PATH")), folder;
	if (strchr(name, '/')) {
		char *full = realpath(name, NULL);
		const char *path = full && access(full, X_OK) == 0 ? arena_str(a, str_of(full)).p : NULL;
		free(full);
		return path;
	}
	while (rest.p && str_split(&rest, ':', &folder)) {
		if (folder.n == 0 || folder.p[0] != '/')
			continue;
		const char *path = arena_printf(a, "%.*s/%s", STR_ARG(folder), name).p;
		if (access(path, X_OK) == 0)
			return path;
	}
	return NULL;
}

struct str process_why(struct arena *a, const struct process *p)
{
	switch (p->end) {
	case PROCESS_EXITED:
		return arena_printf(a, "exited with %d", p->code);
	case PROCESS_KILLED:
		return arena_printf(a, "was ended by signal %d", p->code);
	case PROCESS_TIMEOUT:
		return arena_printf(a, "took longer than %ld s", (p->timeout + 999) / 1000);
	case PROCESS_STOPPED:
		return STR("was stopped");
	case PROCESS_FAILED:
		return arena_printf(a, "could not be started: %s", strerror(p->code));
	}
	return STR("");
}
