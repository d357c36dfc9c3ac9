#define _GNU_SOURCE
#include "process/signals.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "process/clock.h"

static const int caught[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
enum { CAUGHT = sizeof caught / sizeof *caught };

void signals_catch(struct signals *s)
{
	sigset_t set, old;
	_Static_assert(sizeof old <= sizeof s->saved, "room for a signal mask");
	*s = (struct signals){.fd = -1};
	sigemptyset(&set);
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
		if (s->got == 0)
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
