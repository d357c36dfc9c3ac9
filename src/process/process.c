#define _GNU_SOURCE
#include "process/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process/clock.h"
#include "process/stream.h"

enum { STEP = 50, GRACE = 10000, IN = 0, OUT, ERR, STREAMS };

/* A program that was started. */
struct running {
	pid_t pid;
	int ended; /* a descriptor that tells; -1: the system has none */
	int in;
	struct str input;
	struct stream out, err;
	bool apart;
};

static void close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void feed(struct running *r)
{
	ssize_t put = r->input.n ? write(r->in, r->input.p, r->input.n) : 0;
	if (put > 0)
		r->input = str_sub(r->input, (size_t)put, r->input.n);
	if (r->input.n == 0 || (put < 0 && errno != EAGAIN && errno != EINTR))
		close_end(&r->in);
}

/* Until something happens, or the time is over. */
static void wait_and_serve(struct process *p, struct running *r, long long left)
{
	struct pollfd fds[] = {{.fd = r->in, .events = POLLOUT},
			       {.fd = r->out.fd, .events = POLLIN},
			       {.fd = r->err.fd, .events = POLLIN},
			       {.fd = r->ended, .events = POLLIN},
			       {.fd = p->signals ? p->signals->fd : -1, .events = POLLIN}};
	long long most = r->ended >= 0 ? GRACE : STEP;
	if (poll(fds, sizeof fds / sizeof *fds, (int)(left < most ? left : most)) <= 0)
		return;
	if (fds[IN].revents)
		feed(r);
	if (fds[OUT].revents)
		stream_read(&r->out);
	if (fds[ERR].revents)
		stream_read(&r->err);
}

/* Why it has to end; PROCESS_EXITED: it has not. */
static enum process_end reason_to_stop(struct process *p, const struct running *r, long long until)
{
	if (p->signals && signals_came(p->signals))
		return PROCESS_STOPPED;
	if (p->whole && r->out.truncated)
		return PROCESS_OVERFLOW;
	return clock_ms() >= until ? PROCESS_TIMEOUT : PROCESS_EXITED;
}

static void end_it(const struct process *p, const struct running *r, bool first, long long until)
{
	if (p->ease && clock_ms() < until) {
		p->ease(r->pid, first);
		return;
	}
	if (r->apart)
		kill(-r->pid, SIGKILL);
	kill(r->pid, SIGKILL);
}

/* Serves it until it is gone. */
static void attend(struct process *p, struct running *r)
{
	long long until = clock_ms() + p->timeout;
	int status = 0;
	pid_t gone;
	bool stopping = false;
	p->end = PROCESS_EXITED;
	while ((gone = waitpid(r->pid, &status, WNOHANG)) == 0) {
		long long left = until - clock_ms();
		wait_and_serve(p, r, stopping ? STEP : left > 0 ? left : 0);
		bool first = !stopping;
		if (first) {
			p->end = reason_to_stop(p, r, until);
			stopping = p->end != PROCESS_EXITED;
			until = stopping ? clock_ms() + GRACE : until;
		}
		if (stopping)
			end_it(p, r, first, until);
	}
	if (stopping)
		return;
	if (gone < 0) { /* this program was started to ignore its children */
		p->end = PROCESS_FAILED;
		p->code = errno;
		return;
	}
	p->end = WIFEXITED(status) ? PROCESS_EXITED : PROCESS_KILLED;
	p->code = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
}

/* What it printed is read to its end: others may hold the pipes open longer. */
static bool collect(struct process *p, struct running *r)
{
	r->ended = (int)syscall(SYS_pidfd_open, r->pid, 0);
	attend(p, r);
	close_end(&r->ended);
	close_end(&r->in);
	stream_end(&r->out);
	stream_end(&r->err);
	if (p->whole && r->out.truncated && p->end == PROCESS_EXITED)
		p->end = PROCESS_OVERFLOW;
	p->out = stream_take(&r->out, p->arena);
	p->err = stream_take(&r->err, p->arena);
	p->truncated = r->out.truncated || r->err.truncated;
	return p->end == PROCESS_EXITED && p->code == 0;
}

static struct running running_new(const struct process *p)
{
	struct stream stream = {.fd = -1, .limit = p->limit, .tail = p->tail, .line = p->line, .ctx = p->ctx};
	return (struct running){
		.ended = -1, .in = -1, .input = p->input, .out = stream, .err = stream, .apart = p->apart};
}

static bool failed(struct process *p, int code)
{
	p->end = PROCESS_FAILED;
	p->code = code;
	p->out = p->err = STR("");
	return false;
}

/* `entry` is NAME=VALUE, `other` that or a name alone. */
static bool same_variable(const char *entry, const char *other)
{
	size_t name = strcspn(other, "=");
	return strncmp(entry, other, name) == 0 && entry[name] == '=';
}

static bool is_among(const char *entry, const char *const *names)
{
	for (; names && *names; names++)
		if (same_variable(entry, *names))
			return true;
	return false;
}

/* This program's environment with some variables set, and some taken away. */
static char **environment(const struct process *p)
{
	VEC(const char *) all = {0};
	for (char **e = environ; e && *e; e++)
		if (!is_among(*e, p->environment) && !is_among(*e, p->without))
			*VEC_PUSH(p->arena, all) = *e;
	for (const char *const *more = p->environment; more && *more; more++)
		*VEC_PUSH(p->arena, all) = *more;
	*VEC_PUSH(p->arena, all) = NULL;
	return (char **)(void *)all.at;
}

/* Signals are as they were when this program was started; out of the terminal's reach they are as a shell has them. */
static int set_attributes(const struct process *p, posix_spawnattr_t *attributes)
{
	sigset_t none, reset;
	sigemptyset(&none);
	sigemptyset(&reset);
	sigaddset(&reset, SIGPIPE);
	if (p->apart)
		sigfillset(&reset);
	posix_spawnattr_setsigmask(attributes, &none);
	posix_spawnattr_setsigdefault(attributes, &reset);
	posix_spawnattr_setpgroup(attributes, 0);
	return posix_spawnattr_setflags(attributes, (short)(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
							    (p->apart ? POSIX_SPAWN_SETPGROUP : 0)));
}

static int spawn(const struct process *p, const char *const *argv, char **variables, const int theirs[STREAMS],
		 pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	if (theirs[IN] < 0)
		posix_spawn_file_actions_addopen(&actions, IN, "/dev/null", O_RDONLY, 0);
	for (int i = theirs[IN] < 0 ? OUT : IN; i < STREAMS; i++)
		posix_spawn_file_actions_adddup2(&actions, theirs[i], i);
	if (p->directory)
		posix_spawn_file_actions_addchdir_np(&actions, p->directory);
	int code = set_attributes(p, &attributes);
	if (code == 0)
		code = posix_spawnp(pid, argv[0], &actions, &attributes, (char **)(uintptr_t)argv, variables);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return code;
}

/* This side's end does not block. */
static int make_pipe(int *ours, int *theirs, bool to_them)
{
	int pair[2];
	if (pipe2(pair, O_CLOEXEC) != 0)
		return errno;
	*ours = pair[to_them ? 1 : 0];
	*theirs = pair[to_them ? 0 : 1];
	return fcntl(*ours, F_SETFL, O_NONBLOCK) == 0 ? 0 : errno;
}

bool process_run(struct process *p, const char *const *argv)
{
	struct running r = running_new(p);
	int theirs[STREAMS] = {-1, -1, -1}, code = 0;
	char **variables = environment(p);
	if (p->input.n)
		code = make_pipe(&r.in, &theirs[IN], true);
	if (code == 0)
		code = make_pipe(&r.out.fd, &theirs[OUT], false);
	if (code == 0 && !p->merge)
		code = make_pipe(&r.err.fd, &theirs[ERR], false);
	if (p->merge)
		theirs[ERR] = theirs[OUT];
	if (code == 0)
		code = spawn(p, argv, variables, theirs, &r.pid);
	if (p->merge)
		theirs[ERR] = -1;
	for (int i = 0; i < STREAMS; i++)
		close_end(&theirs[i]);
	if (code == 0)
		return collect(p, &r);
	close_end(&r.in);
	close_end(&r.out.fd);
	close_end(&r.err.fd);
	return failed(p, code);
}

bool process_fork(struct process *p, int (*run)(void *ctx, int answer), void *ctx)
{
	struct running r = running_new(p);
	int theirs = -1, code = make_pipe(&r.out.fd, &theirs, false);
	r.apart = true;
	if (code == 0 && (r.pid = fork()) < 0)
		code = errno;
	if (code != 0) {
		close_end(&r.out.fd);
		close_end(&theirs);
		return failed(p, code);
	}
	if (r.pid == 0) {
		setpgid(0, 0);
		close(r.out.fd);
		_exit(run(ctx, theirs));
	}
	setpgid(r.pid, r.pid);
	close(theirs);
	return collect(p, &r);
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
	case PROCESS_OVERFLOW:
		return arena_printf(a, "printed more than %zu bytes", p->limit);
	case PROCESS_FAILED:
		return arena_printf(a, "could not be started: %s", strerror(p->code));
	}
	return STR("");
}
