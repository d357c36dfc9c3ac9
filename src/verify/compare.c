#include "verify/compare.h"

#include "verify/normal.h"

enum {
	LIVED = 1000, /* milliseconds: a process that lived so long was meant to stay */
	MOST_LINES = 64,
	TAIL_LINES = 6,
	SAMPLE = 160 /* bytes of an answer that are shown */
};

const char *const difference_names[DIFFERS_KINDS] = {"start", "root",	"state", "process", "port",  "expose",
						     "http",  "health", "check", "refused", "output"};

/* Both observations and what belongs to them. */
struct pair {
	const struct comparison *c;
	struct arena *a;
	const struct observation *x, *y;
	struct str users[3];
	struct normal_names names;
	struct differences *out;
};

static struct difference *add(struct pair *p, enum difference_kind kind, bool counts, struct str key, struct str text)
{
	struct difference *d = VEC_PUSH(p->a, *p->out);
	*d = (struct difference){.kind = kind, .counts = counts, .key = key, .text = text};
	return d;
}

static struct str user_of(const struct observation *o)
{
	size_t colon = str_find_char(o->image.user, ':', 0);
	return str_sub(o->image.user, 0, colon == STR_NONE ? o->image.user.n : colon);
}

/* Users are called root, or as the images say. One list for both: a name may also be a directory's. */
static void find_names(struct pair *p)
{
	p->users[0] = STR("root");
	p->users[1] = user_of(p->x);
	p->users[2] = user_of(p->y);
	p->names = (struct normal_names){p->users, 3};
}

static struct str last_lines(struct str text, size_t n)
{
	text = str_trim(text);
	size_t i = text.n;
	while (i > 0 && (text.p[i - 1] != '\n' || --n > 0))
		i--;
	return str_sub(text, i, text.n);
}

static struct str with_log(struct pair *p, struct str head)
{
	struct str tail = last_lines(p->y->log, TAIL_LINES);
	return tail.n ? arena_printf(p->a, "%.*s; it printed last:\n%.*s", STR_ARG(head), STR_ARG(tail)) : head;
}

static struct str state_of(struct arena *a, const struct observation *o)
{
	if (o->running)
		return STR("runs");
	return arena_printf(a, "ended with %d%s", o->exit_code, o->out_of_memory ? " (out of memory)" : "");
}

static void compare_state(struct pair *p)
{
	const struct observation *x = p->x, *y = p->y;
	if (x->running == y->running && (x->running || x->exit_code == y->exit_code))
		return;
	struct str was = state_of(p->a, x), is = state_of(p->a, y);
	add(p, DIFFERS_STATE, true, is,
	    with_log(p, arena_printf(p->a, "the original %.*s, the fixed one %.*s", STR_ARG(was), STR_ARG(is))));
}

static bool has_root(const struct seen_process *s)
{
	for (size_t i = 0; i < 4; i++)
		if (s->uids[i] == 0)
			return true;
	return false;
}

static void compare_root(struct pair *p)
{
	const struct observation *y = p->y;
	for (size_t i = 0; i < y->processes.n; i++) {
		const struct seen_process *s = &y->processes.at[i];
		if (has_root(s))
			add(p, DIFFERS_ROOT, true, str_of(s->name),
			    arena_printf(p->a, "the process %s (pid %ld) is root in the fixed one", s->name, s->pid));
	}
	if (y->processes.n)
		return;
	struct str user = y->image.user;
	if (observe_declares_root(y))
		add(p, DIFFERS_ROOT, true, STR("image"),
		    STR("the fixed image starts as root: its processes ended before they could be seen, and its USER "
			"is root"));
	else
		add(p, DIFFERS_ROOT, false, STR("image"),
		    arena_printf(
			    p->a,
			    "its processes could not be seen; that they are not root is known from USER %.*s alone",
			    STR_ARG(user)));
}

static size_t count_at_end(const struct observation *o, const char *name)
{
	size_t n = 0;
	for (size_t i = 0; i < o->processes.n; i++)
		n += o->processes.at[i].at_end && strcmp(o->processes.at[i].name, name) == 0;
	return n;
}

/* Under any name: programs change theirs. */
static bool lives(const struct observation *o, long pid)
{
	for (size_t i = 0; i < o->processes.n; i++)
		if (o->processes.at[i].at_end && o->processes.at[i].pid == pid)
			return true;
	return false;
}

static size_t count_dead(const struct observation *o, const char *name)
{
	size_t n = 0;
	for (size_t i = 0; i < o->processes.n; i++) {
		const struct seen_process *s = &o->processes.at[i];
		n += s->last - s->first >= LIVED && strcmp(s->name, name) == 0 && !lives(o, s->pid);
	}
	return n;
}

/* Only the first of a name, so that each name is looked at once. */
static bool is_first(const struct observation *o, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(o->processes.at[k].name, o->processes.at[i].name) == 0)
			return false;
	return true;
}

static void compare_processes(struct pair *p)
{
	const struct observation *x = p->x, *y = p->y;
	if (!x->running || !y->running || !*x->source || !*y->source)
		return;
	for (size_t i = 0; i < x->processes.n; i++) {
		const char *name = x->processes.at[i].name;
		size_t was = count_at_end(x, name), is = count_at_end(y, name);
		if (!is_first(x, i) || is >= was)
			continue;
		add(p, DIFFERS_PROCESS, true, str_of(name),
		    arena_printf(p->a, "%zu process%s %s in the original, %zu in the fixed one", was,
				 was == 1 ? "" : "es", name, is));
	}
	for (size_t i = 0; i < y->processes.n; i++) {
		const char *name = y->processes.at[i].name;
		if (is_first(y, i) && count_dead(y, name) > count_dead(x, name))
			add(p, DIFFERS_PROCESS, true, str_of(name),
			    arena_printf(p->a, "a process %s of the fixed one died on the way", name));
	}
}

uint32_t port_moved(const struct port_moves *moves, uint32_t port)
{
	for (size_t i = 0; i < moves->n; i++)
		if (moves->at[i].from == port)
			return moves->at[i].to;
	return port;
}

static const struct host_port *port_in(const struct observation *o, uint32_t port, bool udp)
{
	for (size_t i = 0; i < o->ports.n; i++)
		if (o->ports.at[i].port == port && o->ports.at[i].udp == udp && !o->ports.at[i].loopback)
			return &o->ports.at[i];
	return NULL;
}

static bool exposes(const struct engine_image *image, uint32_t port)
{
	for (size_t i = 0; i < image->ports.n; i++)
		if (image->ports.at[i] == port)
			return true;
	return false;
}

static struct str port_key(struct pair *p, uint32_t port, bool udp)
{
	return arena_printf(p->a, "%u/%s", port, udp ? "udp" : "tcp");
}

static void compare_ports(struct pair *p)
{
	const struct observation *x = p->x, *y = p->y;
	for (size_t i = 0; i < x->ports.n; i++) {
		const struct host_port *port = &x->ports.at[i];
		uint32_t to = port_moved(p->c->moves, port->port);
		if (port->loopback)
			continue;
		struct str key = port_key(p, to, port->udp);
		struct str was = to == port->port ? STR("") : arena_printf(p->a, " (%u in the original)", port->port);
		if (!port_in(y, to, port->udp))
			add(p, DIFFERS_PORT, y->ports_known || !y->running || x->ports_known == y->ports_known, key,
			    arena_printf(p->a, "nothing listens on %.*s%.*s", STR_ARG(key), STR_ARG(was)));
		else if (!port->udp && exposes(&x->image, port->port) && !exposes(&y->image, to))
			add(p, DIFFERS_EXPOSE, true, key,
			    arena_printf(p->a, "%.*s is listened on, and EXPOSE does not name it", STR_ARG(key)));
	}
	for (size_t i = 0; i < y->ports.n; i++) {
		const struct host_port *port = &y->ports.at[i];
		bool known = port->loopback;
		for (size_t k = 0; k < x->ports.n && !known; k++)
			known = port_moved(p->c->moves, x->ports.at[k].port) == port->port &&
				x->ports.at[k].udp == port->udp;
		if (!known && x->ports_known && x->running) {
			struct str key = port_key(p, port->port, port->udp);
			add(p, DIFFERS_PORT, false, key,
			    arena_printf(p->a, "only the fixed one listens on %.*s", STR_ARG(key)));
		}
	}
}

static const struct http_answer *answer_of(const struct observation *o, uint32_t port, size_t request)
{
	static const struct http_answer none = {.why = "nothing listens"};
	for (size_t i = 0; i < o->answers.n; i++)
		if (o->answers.at[i].port == port && o->answers.at[i].request == request)
			return &o->answers.at[i].answer;
	return &none;
}

static struct str shown_answer(struct arena *a, const struct http_answer *answer)
{
	if (!answer->answered)
		return str_of(answer->why);
	struct str body = str_trim(answer->body);
	const char *more = body.n > SAMPLE ? "…" : "";
	if (body.n > SAMPLE)
		body.n = SAMPLE;
	return arena_printf(a, "%u \"%.*s\"%s", answer->status, STR_ARG(body), more);
}

static void compare_answers(struct pair *p)
{
	for (size_t i = 0; i < p->x->answers.n; i++) {
		const struct seen_answer *seen = &p->x->answers.at[i];
		const struct http_answer *was = &seen->answer;
		uint32_t to = port_moved(p->c->moves, seen->port);
		const struct http_answer *is = answer_of(p->y, to, seen->request);
		if (!was->answered)
			continue;
		if (is->answered && was->status == is->status && normal_same(p->a, was->body, is->body, p->names))
			continue;
		struct str a = shown_answer(p->a, was), b = shown_answer(p->a, is);
		bool only_body = is->answered && was->status == is->status;
		const char *given = p->c->requests[seen->request].given;
		add(p, DIFFERS_HTTP, true, arena_printf(p->a, "%u %s%s", to, given, only_body ? " body" : ""),
		    arena_printf(p->a, "%s on port %u: the original answers %.*s, the fixed one %.*s", given, to,
				 STR_ARG(a), STR_ARG(b)));
	}
}

static void compare_check(struct pair *p, enum difference_kind kind, const char *what, const struct seen_check *x,
			  const struct seen_check *y)
{
	struct str key = str_of(what);
	if (!x->run || !p->y->running)
		return;
	if (x->code != 0 && y->code != 0 && x->code == y->code) {
		add(p, kind, false, key, arena_printf(p->a, "%s gives %d in both", what, x->code));
		return;
	}
	if (y->run && x->code == y->code)
		return;
	struct str tail = last_lines(y->printed, TAIL_LINES);
	struct str text = arena_printf(p->a, "%s gives %d in the original, %d in the fixed one", what, x->code,
				       y->run ? y->code : -1);
	if (tail.n)
		text = arena_printf(p->a, "%.*s, and prints:\n%.*s", STR_ARG(text), STR_ARG(tail));
	add(p, kind, kind != DIFFERS_HEALTH || x->code == 0, key, text);
}

/* All that a run printed anywhere. */
static struct str all_text(struct arena *a, const struct observation *o)
{
	return arena_printf(a, "%.*s\n%.*s\n%.*s", STR_ARG(o->log), STR_ARG(o->health.printed),
			    STR_ARG(o->check.printed));
}

static void compare_output(struct pair *p)
{
	const struct observation *x = p->x, *y = p->y;
	bool answered = false;
	for (size_t i = 0; i < x->answers.n; i++)
		answered |= x->answers.at[i].answer.answered;
	struct str was = all_text(p->a, x), is = all_text(p->a, y);
	struct normal_lines more = normal_missing(p->a, is, was, p->names, (size_t)-1);
	size_t shown = 0;
	for (size_t i = 0; i < more.n; i++) {
		struct str line = more.at[i];
		bool refused = normal_is_refusal(line);
		if (!refused && shown++ >= MOST_LINES)
			continue;
		struct difference *d =
			add(p, refused ? DIFFERS_REFUSED : DIFFERS_OUTPUT, refused && !x->log_truncated,
			    normal_line(p->a, line, p->names),
			    arena_printf(p->a,
					 refused ? "refused in the fixed one: %.*s" : "only the fixed one prints: %.*s",
					 STR_ARG(line)));
		if (refused)
			d->path = normal_path(line);
	}
	/* Where nothing can be asked, what is printed is all there is to go by. */
	bool matters = !answered && x->running == y->running && !x->log_truncated && !y->log_truncated;
	struct normal_lines less = normal_missing(p->a, x->log, is, p->names, MOST_LINES);
	for (size_t i = 0; i < less.n; i++)
		add(p, DIFFERS_OUTPUT, matters, normal_line(p->a, less.at[i], p->names),
		    arena_printf(p->a, "only the original prints: %.*s", STR_ARG(less.at[i])));
}

void compare(const struct comparison *c, const struct observation *original, const struct observation *fixed,
	     struct differences *out)
{
	struct pair p = {.c = c, .a = c->arena, .x = original, .y = fixed, .out = out};
	find_names(&p);
	*out = (struct differences){0};
	if (!fixed->started) {
		add(&p, DIFFERS_START, true, STR("start"),
		    arena_printf(p.a, "the fixed one does not start: %.*s", STR_ARG(fixed->why)));
		return;
	}
	compare_state(&p);
	if (c->non_root)
		compare_root(&p);
	compare_processes(&p);
	compare_ports(&p);
	compare_answers(&p);
	compare_check(&p, DIFFERS_HEALTH, "HEALTHCHECK", &original->health, &fixed->health);
	compare_check(&p, DIFFERS_CHECK, "the check", &original->check, &fixed->check);
	compare_output(&p);
}

bool differences_count(const struct differences *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->at[i].counts)
			return true;
	return false;
}

bool differences_may_be_chance(const struct differences *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->at[i].counts && (d->at[i].kind == DIFFERS_START || d->at[i].kind == DIFFERS_ROOT))
			return false; /* it differs anyway */
	return differences_count(d);
}

/* Text at random has no key that comes twice: there the kind, and for an answer the request, has to do. */
static bool is_alike(const struct difference *d, const struct difference *other)
{
	return d->kind == other->kind && str_eq(d->key, other->key);
}

void differences_forgive(struct arena *a, struct differences *d, const struct differences *chance)
{
	for (size_t i = 0; i < d->n; i++)
		for (size_t k = 0; k < chance->n && d->at[i].counts; k++)
			if (is_alike(&d->at[i], &chance->at[k]) && d->at[i].kind != DIFFERS_ROOT) {
				d->at[i].counts = false;
				d->at[i].text = arena_printf(a, "%.*s (so it does from run to run of the original)",
							     STR_ARG(d->at[i].text));
			}
}

static size_t only_in(const struct engine_image *x, const struct engine_image *y, uint32_t *ports, size_t most)
{
	size_t n = 0;
	for (size_t i = 0; i < x->ports.n && n < most; i++)
		if (!exposes(y, x->ports.at[i]))
			ports[n++] = x->ports.at[i];
	return n;
}

/* The number that is usual for a port that has to leave the low ones. */
static uint32_t usual_port(uint32_t port)
{
	return port == 80 ? 8080 : port == 443 ? 8443 : port < 1024 ? port + 8000 : port;
}

static void add_move(struct arena *a, struct port_moves *moves, uint32_t from, uint32_t to)
{
	if (from != to && port_moved(moves, from) == from)
		*VEC_PUSH(a, *moves) = (struct port_move){from, to};
}

void port_moves_guess(struct arena *a, const struct engine_image *original, const struct engine_image *fixed,
		      struct port_moves *moves)
{
	enum { MOST = 64 };
	uint32_t gone[MOST], come[MOST];
	size_t old = only_in(original, fixed, gone, MOST), new = only_in(fixed, original, come, MOST);
	for (size_t i = 0; i < old && old == new; i++)
		add_move(a, moves, gone[i], come[i]);
	/* What a base exposes cannot be taken back: the usual numbers tell. */
	for (size_t i = 0; i < new &&old != new; i++)
		for (size_t k = 0; k < original->ports.n; k++)
			if (usual_port(original->ports.at[k]) == come[i])
				add_move(a, moves, original->ports.at[k], come[i]);
}

void port_moves_read(struct arena *a, struct str detail, struct port_moves *moves)
{
	struct str word, words[3];
	size_t n = 0;
	while (n < 3 && str_word(&detail, &word))
		words[n++] = word;
	struct port_move move;
	if (n == 3 && str_eq(words[1], STR("→")) && str_to_u32(words[0], &move.from) && str_to_u32(words[2], &move.to))
		*VEC_PUSH(a, *moves) = move;
}
