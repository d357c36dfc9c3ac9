/* What `unroot verify` tells: docs/verify.md. */
#include "report/json.h"
#include "report/report.h"
#include "verify/verify.h"

enum { SHOWN_LINES = 20, SHOWN_NOTES = 12 };

static const char *const verdicts[] = {"same", "differs", "unproved"};

/* Each line cleaned, behind `indent`. The last ones when there are many. */
static void add_lines(struct buf *out, const char *indent, struct str text)
{
	struct str line;
	size_t n = 0, skip;
	text = str_trim(text);
	if (text.n == 0)
		return;
	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == '\n';
	skip = n >= SHOWN_LINES ? n + 1 - SHOWN_LINES : 0;
	for (size_t i = 0; str_split(&text, '\n', &line); i++) {
		if (i < skip)
			continue;
		buf_add(out, str_of(indent));
		report_clean(out, str_trim(line));
		buf_char(out, '\n');
	}
}

static bool shown_before(const struct observation *o, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(o->processes.at[k].name, o->processes.at[i].name) == 0 &&
		    o->processes.at[k].uids[1] == o->processes.at[i].uids[1])
			return true;
	return false;
}

/* "python3 (uid 0), sh (uid 0)" */
static void add_processes(struct buf *out, const struct observation *o)
{
	bool first = true;
	for (size_t i = 0; i < o->processes.n; i++) {
		if (shown_before(o, i))
			continue;
		buf_add(out, first ? STR("") : STR(", "));
		report_clean(out, str_of(o->processes.at[i].name));
		buf_printf(out, " (uid %u)", o->processes.at[i].uids[1]);
		first = false;
	}
	if (!first)
		return;
	buf_add(out, STR("not seen; USER "));
	report_clean(out, o->image.user.n ? o->image.user : STR("root"));
}

static void add_ports(struct buf *out, const struct observation *o)
{
	bool first = true;
	for (size_t i = 0; i < o->ports.n; i++) {
		if (o->ports.at[i].loopback)
			continue;
		buf_printf(out, "%s%u%s", first ? "" : ", ", o->ports.at[i].port, o->ports.at[i].udp ? "/udp" : "");
		first = false;
	}
	if (first)
		buf_add(out, o->ports_known ? STR("none") : STR("not seen"));
}

static void add_answers(struct buf *out, const struct verify_request *request, const struct observation *o)
{
	for (size_t i = 0; i < o->answers.n; i++) {
		const struct seen_answer *a = &o->answers.at[i];
		buf_printf(out, "%s%u ", i ? ", " : "", a->port);
		report_clean(out, str_of(request->requests[a->request].given));
		if (a->answer.answered)
			buf_printf(out, ": %u", a->answer.status);
		else
			buf_printf(out, ": %s", a->answer.why);
	}
}

static void side_text(struct buf *out, const char *name, const struct verify_request *request,
		      const struct verify_side *side)
{
	const struct observation *o = &side->seen;
	if (!side->run || !o->started)
		return;
	buf_printf(out, "  %s: ", name);
	if (o->running)
		buf_printf(out, "runs after %ld.%ld s", o->time / 1000, o->time % 1000 / 100);
	else
		buf_printf(out, "ended with %d", o->exit_code);
	buf_add(out, STR("; processes: "));
	add_processes(out, o);
	buf_add(out, STR("; ports: "));
	add_ports(out, o);
	if (o->answers.n) {
		buf_add(out, STR("; answers: "));
		add_answers(out, request, o);
	}
	if (o->health.run)
		buf_printf(out, "; HEALTHCHECK: %d", o->health.code);
	if (o->check.run)
		buf_printf(out, "; check: %d", o->check.code);
	buf_char(out, '\n');
}

static void differences_text(struct buf *out, const struct differences *d, bool counting)
{
	size_t shown = 0, left = 0;
	for (size_t i = 0; i < d->n; i++) {
		struct str text = d->at[i].text, line;
		if (d->at[i].counts != counting)
			continue;
		if (shown++ >= SHOWN_NOTES) {
			left++;
			continue;
		}
		str_split(&text, '\n', &line);
		buf_printf(out, "  %s %s: ", counting ? "differs" : "note", difference_names[d->at[i].kind]);
		report_clean(out, line);
		buf_char(out, '\n');
		if (text.n)
			add_lines(out, "    | ", text);
	}
	if (left)
		buf_printf(out, "  … and %zu more\n", left);
}

void verify_text(struct arena *a, const struct verify_request *request, const struct verify_result *result,
		 struct buf *out)
{
	(void)a;
	report_clean(out, str_of(request->path));
	buf_printf(out, ": %s: ", verdicts[result->verdict]);
	report_clean(out, result->reason);
	buf_char(out, '\n');
	if (result->engine) {
		buf_printf(out, "  engine: %s ", result->engine);
		report_clean(out, result->version);
		buf_add(out, request->strict ? STR("; the fixed one without capabilities and low ports\n") : STR("\n"));
	}
	for (size_t i = 0; i < result->moves.n; i++)
		buf_printf(out, "  port %u → %u\n", result->moves.at[i].from, result->moves.at[i].to);
	side_text(out, "original", request, &result->original);
	side_text(out, "fixed", request, &result->fixed);
	add_lines(out, "    | ", result->original.printed);
	add_lines(out, "    | ", result->fixed.printed);
	differences_text(out, &result->differences, true);
	differences_text(out, &result->differences, false);
}

static bool set_str(struct arena *a, json_t *o, const char *key, struct str text)
{
	return json_set_text(a, o, key, arena_str(a, text).p);
}

static bool set_flag(json_t *o, const char *key, bool value)
{
	return json_object_set_new(o, key, json_boolean(value)) == 0;
}

static bool set_integer(json_t *o, const char *key, long long value)
{
	return json_object_set_new(o, key, json_integer(value)) == 0;
}

/* Gives the value when all went well. */
static json_t *given(json_t *o, bool ok)
{
	if (ok)
		return o;
	json_decref(o);
	return NULL;
}

static json_t *process_json(struct arena *a, const struct seen_process *p)
{
	json_t *o = json_object();
	return given(o, json_set_text(a, o, "name", p->name) && set_integer(o, "pid", p->pid) &&
				set_integer(o, "uid", p->uids[1]) && set_integer(o, "real_uid", p->uids[0]) &&
				set_flag(o, "at_end", p->at_end));
}

static json_t *port_json(const struct host_port *p)
{
	json_t *o = json_object();
	return given(o, set_integer(o, "port", p->port) &&
				json_object_set_new(o, "protocol", json_string(p->udp ? "udp" : "tcp")) == 0 &&
				set_flag(o, "loopback", p->loopback));
}

static json_t *answer_json(struct arena *a, const struct verify_request *request, const struct seen_answer *s)
{
	json_t *o = json_object();
	return given(o, set_integer(o, "port", s->port) &&
				json_set_text(a, o, "request", request->requests[s->request].given) &&
				json_object_set_new(o, "status",
						    s->answer.answered ? json_integer(s->answer.status)
								       : json_null()) == 0 &&
				set_str(a, o, "body", s->answer.body) && json_set_text(a, o, "why", s->answer.why));
}

static json_t *check_json(struct arena *a, const struct seen_check *c)
{
	if (!c->run)
		return json_null();
	json_t *o = json_object();
	return given(o, set_integer(o, "code", c->code) && set_str(a, o, "printed", c->printed));
}

static json_t *side_json(struct arena *a, const struct verify_request *request, const struct verify_side *side)
{
	const struct observation *s = &side->seen;
	json_t *o = json_object(), *processes = json_array(), *ports = json_array(), *answers = json_array();
	bool ok = set_flag(o, "built", side->built) && set_str(a, o, "build_printed", side->printed) &&
		  set_str(a, o, "user", s->image.user) && set_flag(o, "started", s->started) &&
		  set_flag(o, "running", s->running) &&
		  json_object_set_new(o, "exit_code",
				      s->started && !s->running ? json_integer(s->exit_code) : json_null()) == 0 &&
		  set_flag(o, "out_of_memory", s->out_of_memory) && set_integer(o, "milliseconds", s->time) &&
		  json_set_text(a, o, "processes_from", s->source) && set_flag(o, "ports_known", s->ports_known) &&
		  json_object_set_new(o, "healthcheck", check_json(a, &s->health)) == 0 &&
		  json_object_set_new(o, "check", check_json(a, &s->check)) == 0 && set_str(a, o, "log", s->log) &&
		  set_flag(o, "log_truncated", s->log_truncated);
	for (size_t i = 0; i < s->processes.n && ok; i++)
		ok = json_array_append_new(processes, process_json(a, &s->processes.at[i])) == 0;
	for (size_t i = 0; i < s->ports.n && ok; i++)
		ok = json_array_append_new(ports, port_json(&s->ports.at[i])) == 0;
	for (size_t i = 0; i < s->answers.n && ok; i++)
		ok = json_array_append_new(answers, answer_json(a, request, &s->answers.at[i])) == 0;
	ok &= json_object_set_new(o, "processes", processes) == 0;
	ok &= json_object_set_new(o, "ports", ports) == 0;
	ok &= json_object_set_new(o, "answers", answers) == 0;
	return given(o, ok);
}

static json_t *difference_json(struct arena *a, const struct difference *d)
{
	json_t *o = json_object();
	return given(o, json_object_set_new(o, "kind", json_string(difference_names[d->kind])) == 0 &&
				set_flag(o, "counts", d->counts) && set_str(a, o, "text", d->text) &&
				set_str(a, o, "path", d->path));
}

static json_t *moves_json(const struct port_moves *moves)
{
	json_t *all = json_array();
	bool ok = true;
	for (size_t i = 0; i < moves->n && ok; i++) {
		json_t *o = json_object();
		ok = json_array_append_new(all, given(o, set_integer(o, "from", moves->at[i].from) &&
								 set_integer(o, "to", moves->at[i].to))) == 0;
	}
	return given(all, ok);
}

bool verify_json(struct arena *a, const struct verify_request *request, const struct verify_result *r, struct buf *out)
{
	json_t *o = json_object(), *differences = json_array();
	bool ok = json_set_number(o, "schema", 1) && json_set_bytes(a, o, "path", str_of(request->path)) &&
		  json_object_set_new(o, "verdict", json_string(verdicts[r->verdict])) == 0 &&
		  set_str(a, o, "reason", r->reason) && json_set_text(a, o, "engine", r->engine ? r->engine : "") &&
		  set_str(a, o, "engine_version", r->version) && set_flag(o, "strict", request->strict) &&
		  json_object_set_new(o, "moved_ports", moves_json(&r->moves)) == 0 &&
		  json_object_set_new(o, "original", side_json(a, request, &r->original)) == 0 &&
		  json_object_set_new(o, "fixed", side_json(a, request, &r->fixed)) == 0;
	for (size_t i = 0; i < r->differences.n && ok; i++)
		ok = json_array_append_new(differences, difference_json(a, &r->differences.at[i])) == 0;
	ok &= json_object_set_new(o, "differences", differences) == 0;
	if (!ok) {
		json_decref(o);
		return false;
	}
	if (!json_add(out, o))
		return false;
	buf_char(out, '\n');
	return true;
}
