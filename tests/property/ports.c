#include "ports.h"

#include "api/inspect.h"

#include <stdlib.h>

const unsigned *moved_ports(struct arena *a, const unroot_report *report)
{
	size_t n, moved = 0;
	const unroot_finding *findings = unroot_findings(report, &n);
	unsigned *ports = ARENA_ARRAY(a, unsigned, n + 1);
	for (size_t i = 0; i < n; i++)
		if (findings[i].fixed && strcmp(findings[i].rule, "privileged-port") == 0)
			ports[moved++] = (unsigned)strtoul(findings[i].detail, NULL, 10);
	return ports;
}

struct look {
	struct arena *arena;
	unsigned port;
	const char *found;
};

static bool is_part_of_name(char c)
{
	return ascii_alpha(c) || ascii_digit(c) || strchr("_.-", c);
}

/* Whether the number stands in the text behind one of the characters, and is no part of a longer word. */
static bool holds_number(struct look *l, struct str text, const char *behind)
{
	struct str number = arena_printf(l->arena, "%u", l->port);
	for (size_t at = str_find(text, number, 0); at != STR_NONE; at = str_find(text, number, at + 1)) {
		size_t end = at + number.n;
		bool begins = at == 0 ? strchr(behind, '^') != NULL : strchr(behind, text.p[at - 1]) != NULL;
		if (begins && (end == text.n || !is_part_of_name(text.p[end])))
			return true;
	}
	return false;
}

/* "http://localhost/": the port of the scheme. */
static bool means_it(const struct look *l, struct str text)
{
	const char *scheme = l->port == 443 ? "https://localhost" : "http://localhost";
	size_t at = l->port == 80 || l->port == 443 ? str_find(text, str_of(scheme), 0) : STR_NONE;
	if (at == STR_NONE)
		return false;
	at += strlen(scheme);
	return at == text.n || (text.p[at] != ':' && !is_part_of_name(text.p[at]));
}

static void find(struct look *l, const char *what)
{
	l->found = l->found ? l->found : what;
}

/* Options whose value is an amount. */
static bool is_amount(struct str option)
{
	static const char *const parts[] = {"timeout", "worker", "thread", "max",     "limit",
					    "-w",      "-t",	 "size",   "interval"};
	for (size_t i = 0; option.n && option.p[0] == '-' && i < sizeof parts / sizeof *parts; i++)
		if (str_find(option, str_of(parts[i]), 0) != STR_NONE)
			return true;
	return false;
}

static void look_at(void *ctx, const struct plan *const *plans, size_t n)
{
	struct look *l = ctx;
	const struct facts *f = plans[n - 1]->f;
	for (size_t i = 0; i < f->exposes.n; i++)
		if (!f->exposes.at[i].udp && f->exposes.at[i].port <= l->port && l->port <= f->exposes.at[i].last)
			find(l, "EXPOSE");
	for (size_t i = 0; i < f->start.words.n; i++) {
		struct str before = i ? f->start.words.at[i - 1].text : STR("");
		if (!is_amount(before) && !is_amount(f->start.words.at[i].text) &&
		    holds_number(l, f->start.words.at[i].text, "^:="))
			find(l, "the start command");
	}
	for (size_t i = 0; i < f->variables.n; i++)
		if (str_eq(f->variables.at[i].name, STR("PORT")) && f->variables.at[i].variable->from_env &&
		    holds_number(l, f->variables.at[i].variable->value, "^:"))
			find(l, "PORT");
	if (f->healthcheck.ins != INS_NONE) {
		struct args args;
		instruction_args(l->arena, f->doc, f->healthcheck.ins, &args);
		struct str text = source_text(&f->doc->source, args.rest);
		if (holds_number(l, text, ":") || means_it(l, text))
			find(l, "HEALTHCHECK");
	}
}

const char *still_named(struct arena *a, unroot_engine *engine, struct str fixed, unsigned port)
{
	struct look l = {.arena = a, .port = port};
	unroot_error error;
	if (engine_inspect(engine, "Dockerfile", fixed, NULL, look_at, &l, &error) != 0)
		return "it cannot be read";
	return l.found;
}
