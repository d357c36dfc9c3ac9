/* Ports behind the names of hosts: health checks, where the container asks itself, and whoever else asks it. */
#include "plan/plan.h"

enum { LONGEST_USER = 256 };

static bool is_name_char(char c)
{
	return ascii_alpha(c) || ascii_digit(c) || c == '.' || c == '-' || c == '_';
}

/* The digits at `at`, or an empty text. */
static struct str digits_at(struct str text, size_t at)
{
	size_t end = at;
	while (end < text.n && ascii_digit(text.p[end]))
		end++;
	return at < text.n ? str_sub(text, at, end) : (struct str){text.p, 0};
}

struct site {
	struct plan *p;
	struct port_change *change;
	uint32_t file;
	struct str text;
	uint32_t base; /* offset of `text` in the file */
	size_t curl, wget; /* where they stand first in it, or STR_NONE */
};

static struct site site_of(struct plan *p, struct port_change *change, uint32_t file, struct str text, uint32_t base)
{
	return (struct site){p, change, file, text, base, str_find(text, STR("curl"), 0), str_find(text, STR("wget"), 0)};
}

static void replace(const struct site *s, size_t start, size_t end, struct str with)
{
	plan_port_edit(s->p, s->change, s->file, (struct span){s->base + (uint32_t)start, s->base + (uint32_t)end}, with);
}

static bool stands_before(struct str text, size_t at, struct str what)
{
	return at >= what.n && str_eq(str_sub(text, at - what.n, at), what);
}

/* Where what a URL says of the user begins, in front of the host at `at`; `at` itself where it says nothing. */
static size_t behind_scheme(struct str text, size_t at)
{
	size_t start = at;
	if (at == 0 || text.p[at - 1] != '@')
		return at;
	while (start > 0 && at - start < LONGEST_USER && text.p[start - 1] != '/' && !ascii_blank(text.p[start - 1]))
		start--;
	return start;
}

/* One name of the container: "localhost:80", "http://localhost/" (which means 80, or 443 for https),
   "localhost 80" as nc has it. */
static void host_site(const struct site *s, size_t at, size_t end)
{
	struct arena *a = s->p->f->arena;
	struct str text = s->text, digits;
	size_t url = behind_scheme(text, at);
	bool scheme = stands_before(text, url, STR("http://")) || stands_before(text, url, STR("ws://"));
	bool tls = stands_before(text, url, STR("https://")) || stands_before(text, url, STR("wss://"));
	bool fetches = s->curl < at || s->wget < at;
	uint32_t port, from = s->change->from;
	char next = end < text.n ? text.p[end] : ' ';
	if (next == ':' || next == ' ') {
		digits = digits_at(text, end + 1);
		if (str_to_u32(digits, &port)) {
			if (port == from)
				replace(s, end + 1, end + 1 + digits.n, arena_printf(a, "%u", s->change->to));
			return;
		}
	}
	if (next == ':' || is_name_char(next) || !(scheme || tls || fetches) || from != (tls ? 443u : 80u))
		return;
	replace(s, end, end, arena_printf(a, ":%u", s->change->to));
}

static void host_sites(const struct site *s)
{
	static const char *const hosts[] = {"localhost", "127.0.0.1", "0.0.0.0", "[::1]"};
	for (size_t h = 0; h < sizeof hosts / sizeof *hosts; h++) {
		struct str host = str_of(hosts[h]);
		for (size_t at = str_find(s->text, host, 0); at != STR_NONE; at = str_find(s->text, host, at + 1)) {
			size_t before = s->change->edits.n;
			if (at > 0 && is_name_char(s->text.p[at - 1]))
				continue;
			host_site(s, at, at + host.n);
			/* BusyBox wget asks the first address of localhost alone, which may be ::1. */
			if (s->change->edits.n > before && s->p->ipv4_only && h == 0 && s->wget < at)
				replace(s, at, at + host.n, STR("127.0.0.1"));
		}
	}
}

/* Whether the number still stands somewhere as a number of its own that no edit replaces. */
static bool remains(const struct site *s)
{
	bool *edited = ARENA_ARRAY(s->p->f->scratch, bool, s->text.n); /* an edit begins there */
	for (size_t e = 0; e < s->change->edits.n; e++) {
		const struct port_edit *edit = &s->change->edits.at[e];
		if (edit->file == s->file && edit->span.start >= s->base && edit->span.start - s->base < s->text.n)
			edited[edit->span.start - s->base] = true;
	}
	for (size_t at = 0; at < s->text.n; at++) {
		struct str digits = digits_at(s->text, at);
		uint32_t port;
		if (digits.n == 0)
			continue;
		bool own = (at == 0 || !is_name_char(s->text.p[at - 1])) &&
			   (at + digits.n == s->text.n || !is_name_char(s->text.p[at + digits.n]));
		if (own && !edited[at] && str_to_u32(digits, &port) && port == s->change->from)
			return true;
		at += digits.n;
	}
	return false;
}

static struct site site_in_file(struct plan *p, struct port_change *change, uint32_t file, struct span span)
{
	struct str text = str_sub(p->f->workspace->at[file].current, span.start, span.end);
	return site_of(p, change, file, text, span.start);
}

void plan_port_urls(struct plan *p, struct port_change *change, uint32_t file, struct span span)
{
	struct site site = site_in_file(p, change, file, span);
	host_sites(&site);
}

bool plan_port_remains(struct plan *p, struct port_change *change, uint32_t file, struct span span)
{
	struct arena_mark mark = arena_mark(p->f->scratch);
	struct site site = site_in_file(p, change, file, span);
	bool left = remains(&site);
	arena_rewind(p->f->scratch, mark);
	return left;
}

void plan_port_host(struct plan *p, struct port_change *change, uint32_t file, struct span span, struct str host)
{
	struct site site = site_in_file(p, change, file, span);
	site.curl = site.wget = STR_NONE;
	for (size_t at = str_find(site.text, host, 0); at != STR_NONE; at = str_find(site.text, host, at + 1)) {
		char before = at > 0 ? site.text.p[at - 1] : ' ';
		bool path = before == '/' && !stands_before(site.text, at, STR("//"));
		if (!is_name_char(before) && before != '$' && before != '{' && !path)
			host_site(&site, at, at + host.n);
	}
}

void plan_health(struct plan *p)
{
	struct facts *f = p->f;
	struct args args;
	if (f->healthcheck.ins == INS_NONE || p->ports.n == 0)
		return;
	instruction_args(f->scratch, f->doc, f->healthcheck.ins, &args);
	for (size_t i = 0; i < p->ports.n; i++) {
		struct port_change *change = &p->ports.at[i];
		plan_port_urls(p, change, 0, args.rest);
		if (plan_port_remains(p, change, 0, args.rest))
			plan_reason(p, UNROOT_UNSAFE, f->healthcheck.ins,
				    arena_printf(f->arena, "the health check names %u in a way that is not understood", change->from));
	}
}
