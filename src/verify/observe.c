#include "verify/observe.h"

#include <stdio.h>

#include "process/clock.h"

enum {
	STEP = 100,	  /* milliseconds between two looks */
	ASK_ENGINE = 500, /* between two questions to the engine */
	SETTLED = 1500,	  /* nothing new for so long: ready, when every port that is waited for is there */
	QUIET = 4000,	  /* the same when at least one is */
	PATIENCE = 5000,  /* for an HTTP answer of a port that is listened on */
	ONE_ANSWER = 4000,
	CHECK_TIME = 20000,
	MOST_ASKED = 16, /* ports that are asked */
	MOST_SEEN = 512
};

struct watch {
	struct engine *e;
	struct arena *keep, *scratch;
	const struct observe_wish *wish;
	struct observation *o;
	struct engine_state state;
	long long start, asked, changed;
	bool local; /* its processes can be seen on this machine: */
	struct host_container container;
};

static long since(long long then)
{
	return (long)(clock_ms() - then);
}

/* Asks the engine how the container is. The answer's texts are kept only at the end. */
static void ask_engine(struct watch *w, bool last)
{
	struct engine_state state;
	bool ok = engine_state(w->e, last ? w->keep : w->scratch, w->o->id, &state);
	w->asked = clock_ms();
	if (!ok) {
		w->o->lost = true;
		w->o->why = STR("the engine does not tell how the container is");
		return;
	}
	w->state = state;
	w->o->running = state.running;
	w->o->exit_code = state.exit_code;
	w->o->out_of_memory = state.out_of_memory;
}

static struct seen_process *seen(struct observation *o, long pid, const char *name)
{
	for (size_t i = 0; i < o->processes.n; i++)
		if (o->processes.at[i].pid == pid && strcmp(o->processes.at[i].name, name) == 0)
			return &o->processes.at[i];
	return NULL;
}

static void note_processes(struct watch *w, const struct host_processes *now)
{
	struct observation *o = w->o;
	long time = since(w->start);
	for (size_t i = 0; i < o->processes.n; i++)
		o->processes.at[i].at_end = false;
	for (size_t i = 0; i < now->n; i++) {
		const struct host_process *p = &now->at[i];
		struct seen_process *s = seen(o, p->pid, p->name);
		if (!s && o->processes.n == MOST_SEEN)
			continue;
		if (!s) {
			s = VEC_PUSH(w->keep, o->processes);
			*s = (struct seen_process){.pid = p->pid, .first = time};
			memcpy(s->name, p->name, sizeof s->name);
			w->changed = clock_ms();
		}
		/* A program that drops privileges was root for a moment: what it is last counts. */
		memcpy(s->uids, p->uids, sizeof s->uids);
		s->last = time;
		s->at_end = true;
	}
}

static bool same_ports(const struct host_ports *x, const struct host_ports *y)
{
	if (x->n != y->n)
		return false;
	for (size_t i = 0; i < x->n; i++)
		if (x->at[i].port != y->at[i].port || x->at[i].udp != y->at[i].udp ||
		    x->at[i].loopback != y->at[i].loopback)
			return false;
	return true;
}

static void note_ports(struct watch *w)
{
	struct host_ports now;
	struct observation *o = w->o;
	if (!host_listen(w->scratch, w->container.pid, &now))
		return;
	o->ports_known = true;
	if (same_ports(&o->ports, &now))
		return;
	o->ports = (struct host_ports){0};
	for (size_t i = 0; i < now.n; i++)
		*VEC_PUSH(w->keep, o->ports) = now.at[i];
	w->changed = clock_ms();
}

static void look(struct watch *w)
{
	struct host_processes now;
	host_list(w->scratch, &w->container, &now);
	if (now.n == 0) {
		ask_engine(w, false);
		return;
	}
	w->o->source = "/proc";
	note_processes(w, &now);
	note_ports(w);
}

static bool is_open(const struct observation *o, uint32_t port)
{
	for (size_t i = 0; i < o->ports.n; i++)
		if (o->ports.at[i].port == port && !o->ports.at[i].udp && !o->ports.at[i].loopback)
			return true;
	return false;
}

static bool is_ready(const struct watch *w)
{
	size_t open = 0;
	long quiet = since(w->changed);
	for (size_t i = 0; i < w->wish->port_count; i++)
		open += is_open(w->o, w->wish->ports[i]);
	bool some = open > 0;
	for (size_t i = 0; i < w->o->ports.n && w->wish->port_count == 0; i++)
		some |= !w->o->ports.at[i].loopback;
	if (since(w->start) < w->wish->least)
		return false;
	if (w->wish->port_count && open == w->wish->port_count)
		return quiet >= SETTLED;
	return some && quiet >= QUIET;
}

/* Until it has ended, has settled, or its time is over. False when a signal came. */
static bool watch_it(struct watch *w)
{
	w->start = w->changed = clock_ms();
	while (w->o->running && !w->o->lost && since(w->start) < w->wish->timeout && !is_ready(w)) {
		struct arena_mark mark = arena_mark(w->scratch);
		if (w->local)
			look(w);
		if (since(w->asked) >= ASK_ENGINE)
			ask_engine(w, false);
		arena_rewind(w->scratch, mark);
		long left = w->wish->timeout - since(w->start);
		if (!signals_sleep(w->e->signals, left < STEP ? left : STEP))
			return false;
	}
	w->o->time = since(w->start);
	if (w->o->running && !w->o->lost)
		ask_engine(w, true); /* what was asked in between lies in memory that has been given back */
	return true;
}

void observe_read_top(struct arena *a, struct str text, struct host_processes *out)
{
	struct str line, pid, uid;
	*out = (struct host_processes){0};
	str_split(&text, '\n', &line);
	while (str_split(&text, '\n', &line) && out->n < MOST_SEEN) {
		struct host_process p = {0};
		uint32_t number;
		if (!str_word(&line, &pid) || !str_word(&line, &uid) || !str_to_u32(pid, &number) ||
		    !str_to_u32(uid, &p.uids[0]))
			continue;
		p.pid = (long)number;
		for (size_t i = 1; i < 4; i++)
			p.uids[i] = p.uids[0];
		line = str_trim(line);
		snprintf(p.name, sizeof p.name, "%.*s", (int)(line.n < 15 ? line.n : 15), line.p ? line.p : "");
		*VEC_PUSH(a, *out) = p;
	}
}

/* Where the processes are not to be seen here, the engine lists them. */
static void ask_top(struct watch *w)
{
	struct host_processes now;
	struct str text;
	if (!engine_top(w->e, w->o->id, &text))
		return;
	observe_read_top(w->scratch, text, &now);
	if (now.n)
		w->o->source = "top";
	note_processes(w, &now);
}

/* The same for ports: the container's own tools read them, if it has any. */
static void ask_inside(struct watch *w)
{
	static const char *const command[] = {"cat", "/proc/net/tcp", "/proc/net/tcp6", NULL};
	struct str text;
	if (engine_exec(w->e, w->o->id, command, ONE_ANSWER, &text) != 0)
		return;
	host_read_ports(w->keep, text, false, &w->o->ports);
	w->o->ports_known = true;
}

static bool find_place(const struct watch *w, uint32_t port, bool inside, struct http_place *out)
{
	*out = (struct http_place){.port = port};
	if (inside) {
		out->pid = w->container.pid;
		return w->local;
	}
	for (size_t i = 0; i < w->state.published.n; i++)
		if (w->state.published.at[i].port == port) {
			*out = (struct http_place){.port = w->state.published.at[i].host, .address = "127.0.0.1"};
			return true;
		}
	out->address = w->state.address.p;
	return w->state.address.n > 0;
}

/* Inside the container's network when that can be entered, else from outside. */
static void ask_anywhere(struct watch *w, uint32_t port, const struct http_request *request, struct http_answer *out)
{
	struct http_place place;
	struct arena_mark mark = arena_mark(w->scratch);
	*out = (struct http_answer){.why = "its network cannot be reached"};
	for (int inside = 1; inside >= 0 && !out->answered; inside--)
		if (find_place(w, port, inside, &place))
			http_ask(w->scratch, w->e->signals, &place, request, ONE_ANSWER, out);
	out->body = out->answered ? arena_str(w->keep, out->body) : STR("");
	arena_rewind(w->scratch, mark);
}

static void ask_port(struct watch *w, uint32_t port)
{
	long long until = clock_ms() + (w->wish->timeout < PATIENCE ? w->wish->timeout : PATIENCE);
	for (size_t i = 0; i < w->wish->request_count; i++) {
		struct seen_answer *answer = VEC_PUSH(w->keep, w->o->answers);
		*answer = (struct seen_answer){.port = port, .request = i};
		do {
			ask_anywhere(w, port, &w->wish->requests[i], &answer->answer);
		} while (!answer->answer.answered && clock_ms() < until && signals_sleep(w->e->signals, STEP));
	}
}

static void ask_ports(struct watch *w)
{
	struct observation *o = w->o;
	size_t asked = 0;
	for (size_t i = 0; i < o->ports.n && asked < MOST_ASKED && !signals_came(w->e->signals); i++)
		if (!o->ports.at[i].udp && !o->ports.at[i].loopback) {
			ask_port(w, o->ports.at[i].port);
			asked++;
		}
	if (o->ports_known)
		return;
	/* Only published ports can be tried: one that answers is open. */
	for (size_t i = 0; i < w->state.published.n && i < MOST_ASKED; i++) {
		uint32_t port = w->state.published.at[i].port;
		size_t before = o->answers.n;
		ask_port(w, port);
		for (size_t k = before; k < o->answers.n; k++)
			if (o->answers.at[k].answer.answered) {
				*VEC_PUSH(w->keep, o->ports) = (struct host_port){.port = port};
				break;
			}
	}
}

static void run_check(struct watch *w, const char *const *command, struct seen_check *out)
{
	if (!command || signals_came(w->e->signals))
		return;
	out->run = true;
	out->code = engine_exec(w->e, w->o->id, command, CHECK_TIME, &out->printed);
}

/* Asks a running container all that is to be asked. */
static void question(struct watch *w)
{
	struct observation *o = w->o;
	if (!w->local) {
		ask_top(w);
		ask_inside(w);
	}
	ask_ports(w);
	run_check(w, o->image.health, &o->health);
	run_check(w, w->wish->check, &o->check);
	if (w->local)
		look(w); /* what a request ended is no longer there */
	if (!o->lost)
		ask_engine(w, true);
}

static bool start(struct watch *w, bool publish)
{
	const struct observe_wish *wish = w->wish;
	struct engine_run run = {.tag = wish->tag,
				 .name = wish->name,
				 .network = wish->network,
				 .command = wish->command,
				 .strict = wish->strict};
	if (publish) {
		run.publish = wish->port_count ? wish->ports : w->o->image.ports.at;
		run.publish_count = wish->port_count ? wish->port_count : w->o->image.ports.n;
	}
	w->o->started = engine_start(w->e, &run, &w->o->id, &w->o->why);
	if (!w->o->started)
		return false;
	ask_engine(w, true);
	w->local = w->o->running && host_find(w->state.pid, w->o->id, &w->container);
	return true;
}

static bool publishes(const struct watch *w)
{
	return !(w->wish->network && strcmp(w->wish->network, "none") == 0) &&
	       (w->wish->port_count || w->o->image.ports.n);
}

bool observe(struct engine *e, struct arena *scratch, const struct observe_wish *wish, struct observation *out)
{
	struct watch w = {.e = e, .keep = e->arena, .scratch = scratch, .wish = wish, .o = out};
	struct engine_image image = out->image;
	*out = (struct observation){.image = image, .source = ""};
	if (!start(&w, false))
		return !signals_came(e->signals);
	if (!w.local && w.o->running && publishes(&w)) {
		engine_remove(e, out->id);
		if (!start(&w, true))
			return !signals_came(e->signals);
	}
	bool ok = watch_it(&w);
	if (ok && out->running && !out->lost)
		question(&w);
	if (ok)
		out->log = engine_logs(e, out->id, &out->log_truncated);
	if (ok && !wish->keep)
		engine_remove(e, out->id);
	return ok && !signals_came(e->signals);
}

bool observe_declares_root(const struct observation *o)
{
	struct str user = o->image.user;
	size_t colon = str_find_char(user, ':', 0);
	if (colon != STR_NONE)
		user.n = colon;
	uint32_t uid;
	return user.n == 0 || str_eq(user, STR("root")) || (str_to_u32(user, &uid) && uid == 0);
}
