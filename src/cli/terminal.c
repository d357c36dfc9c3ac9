#define _GNU_SOURCE
#include "cli/terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "process/clock.h"

enum { PATIENCE = 1000, REDRAW = 100, BAR = 30 };

static bool set(const char *name)
{
	const char *value = getenv(name);
	return value && *value;
}

static bool forced(const char *name)
{
	const char *value = getenv(name);
	return value && *value && strcmp(value, "0") != 0;
}

bool terminal_is(int fd)
{
	const char *term = getenv("TERM");
	return isatty(fd) && term && *term && strcmp(term, "dumb") != 0;
}

bool terminal_wants_colour(enum colour flag, int fd)
{
	if (flag != COLOUR_AUTO)
		return flag == COLOUR_ALWAYS;
	if (set("NO_COLOR"))
		return false;
	return forced("CLICOLOR_FORCE") || forced("FORCE_COLOR") || terminal_is(fd);
}

void progress_init(struct progress *p, size_t total, bool quiet)
{
	*p = (struct progress){.total = total};
	p->possible = !quiet && total > 1 && terminal_is(STDERR_FILENO);
	if (p->possible)
		p->start = p->last = clock_ms();
}

void progress_show(struct progress *p, size_t done)
{
	static const char full[] = "##############################";
	if (!p->possible)
		return;
	long long time = clock_ms();
	if (time - p->start < PATIENCE || time - p->last < REDRAW)
		return;
	int filled = (int)(done * BAR / p->total);
	fprintf(stderr, "\r[%.*s%*s] %zu of %zu", filled, full, BAR - filled, "", done, p->total);
	p->last = time;
	p->shown = true;
}

void progress_hide(struct progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->shown = false;
}
