#define _GNU_SOURCE
#include "verify/verify.h"

#include <sys/random.h>

#include "process/clock.h"

struct verification {
	struct arena *arena;
	struct arena scratch, last; /* of one look; for cleaning up */
	struct signals signals;
	struct engine engine;
	struct workplace place;
	const struct verify_request *request;
	struct verify_result *result;
	const char *step;
	bool made; /* something may have to be removed */
};

static void told(void *ctx, struct str line)
{
	struct verification *v = ctx;
	if (v->request->progress)
		v->request->progress(v->request->ctx, v->step, line);
}

static void begin(struct verification *v, const char *step)
{
	v->step = step;
	told(v, STR(""));
}

static void end(struct verification *v, enum verdict_kind verdict, struct str reason)
{
	v->result->verdict = verdict;
	v->result->reason = reason;
}

static const char *new_id(struct arena *a)
{
	unsigned char bytes[6];
	if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
		return arena_printf(a, "%llx", clock_ms()).p;
	return arena_printf(a, "%02x%02x%02x%02x%02x%02x", bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5])
		.p;
}

static bool build(struct verification *v, struct verify_side *side, const char *dockerfile, const char *context,
		  bool *late)
{
	const struct verify_request *r = v->request;
	struct engine_build wish = {.dockerfile = dockerfile,
				    .context = context,
				    .target = r->target,
				    .network = r->build_network,
				    .args = r->build_args,
				    .tag = side->tag,
				    .timeout = r->build_timeout};
	struct str why;
	v->made = true;
	side->built = engine_build(&v->engine, &wish, &side->printed, late);
	if (!side->built)
		return false;
	side->printed = STR("");
	if (v->engine.runs && !engine_image(&v->engine, side->tag, &side->seen.image, &why)) {
		end(v, VERIFY_UNPROVED,
		    arena_printf(v->arena, "the engine does not tell what it built: %.*s", STR_ARG(why)));
		return false;
	}
	return true;
}

static bool build_original(struct verification *v)
{
	bool late;
	begin(v, "building the original");
	if (build(v, &v->result->original, v->request->dockerfile, v->request->context, &late))
		return true;
	if (!v->result->original.built)
		end(v, VERIFY_UNPROVED,
		    late ? STR("the original was not built in time: nothing is proved")
			 : STR("the original does not build: nothing is proved"));
	return false;
}

static bool build_fixed(struct verification *v)
{
	struct file_error error = {0};
	const struct verify_request *r = v->request;
	bool late = false;
	begin(v, "building the fixed one");
	const char *context = r->context, *dockerfile = NULL;
	if (workplace_make(&v->place, &error))
		dockerfile = workplace_dockerfile(&v->place, r->dockerfile, r->fixed, &error);
	if (dockerfile && r->file_count)
		context = workplace_context(&v->place, r->context, r->files, r->file_count, &error);
	if (!dockerfile || !context) {
		end(v, VERIFY_UNPROVED,
		    arena_printf(v->arena, "the fixed files could not be laid out: %s", error.message));
		return false;
	}
	if (build(v, &v->result->fixed, dockerfile, context, &late))
		return true;
	if (!v->result->fixed.built)
		end(v, late ? VERIFY_UNPROVED : VERIFY_DIFFERS,
		    late ? STR("the fixed one was not built in time") : STR("the fixed one does not build"));
	return false;
}

static const uint32_t *numbers_of(struct arena *a, const struct host_ports *ports, const struct port_moves *moves,
				  size_t *n)
{
	uint32_t *numbers = ARENA_ARRAY(a, uint32_t, ports->n + 1);
	*n = 0;
	for (size_t i = 0; i < ports->n; i++)
		if (!ports->at[i].udp && !ports->at[i].loopback)
			numbers[(*n)++] = port_moved(moves, ports->at[i].port);
	return numbers;
}

static bool run(struct verification *v, struct verify_side *side, const char *step, const char *name, bool fixed)
{
	const struct verify_request *r = v->request;
	const struct observation *original = &v->result->original.seen;
	struct observe_wish wish = {.tag = side->tag,
				    .name = arena_printf(v->arena, "unroot-verify-%s-%s", v->result->id, name).p,
				    .network = r->network,
				    .command = r->command,
				    .check = r->check,
				    .strict = r->strict && fixed,
				    .keep = r->keep,
				    .timeout = r->timeout,
				    .requests = r->requests,
				    .request_count = r->request_count};
	begin(v, step);
	if (fixed) {
		wish.ports = numbers_of(v->arena, &original->ports, &v->result->moves, &wish.port_count);
		wish.least = original->time;
	} else {
		wish.ports = side->seen.image.ports.at;
		wish.port_count = side->seen.image.ports.n;
	}
	side->run = observe(&v->engine, &v->scratch, &wish, &side->seen);
	return side->run;
}

static struct str what_differs(struct verification *v)
{
	const struct differences *d = &v->result->differences;
	for (size_t i = 0; i < d->n; i++)
		if (d->at[i].counts) {
			struct str text = d->at[i].text, line;
			return str_split(&text, '\n', &line) ? line : text;
		}
	return STR("");
}

/* What is odd about the original may be so from run to run. */
static bool forgive_chance(struct verification *v, struct comparison *c)
{
	struct verify_side again = v->result->original;
	struct differences chance;
	struct port_moves none = {0};
	if (!run(v, &again, "running the original once more", "again", false))
		return false;
	struct comparison same = *c;
	same.moves = &none;
	same.non_root = false;
	compare(&same, &v->result->original.seen, &again.seen, &chance);
	differences_forgive(v->arena, &v->result->differences, &chance);
	return true;
}

static bool lost_the_engine(struct verification *v)
{
	const struct observation *sides[] = {&v->result->original.seen, &v->result->fixed.seen};
	for (size_t i = 0; i < 2; i++)
		if (sides[i]->lost) {
			end(v, VERIFY_UNPROVED, sides[i]->why);
			return true;
		}
	return false;
}

static void judge(struct verification *v)
{
	struct verify_result *r = v->result;
	const struct observation *original = &r->original.seen;
	struct comparison c = {
		.arena = v->arena, .moves = &r->moves, .requests = v->request->requests, .non_root = true};
	compare(&c, original, &r->fixed.seen, &r->differences);
	if (differences_may_be_chance(&r->differences) && !forgive_chance(v, &c))
		return;
	if (differences_count(&r->differences))
		end(v, VERIFY_DIFFERS, what_differs(v));
	else if (!original->running && original->exit_code != 0)
		end(v, VERIFY_UNPROVED,
		    arena_printf(v->arena,
				 "the original ends with %d by itself, and so does the fixed one: nothing is proved",
				 original->exit_code));
	else if (!original->running && !*r->fixed.seen.source && original->log.n == 0 && !v->request->command)
		end(v, VERIFY_UNPROVED, STR("both end at once and print nothing: nothing is proved (see --command)"));
	else
		end(v, VERIFY_SAME, STR("the fixed one works as the original, without root"));
}

static void run_both(struct verification *v)
{
	struct verify_result *r = v->result;
	r->moves = v->request->moves;
	port_moves_guess(v->arena, &r->original.seen.image, &r->fixed.seen.image, &r->moves);
	if (!r->original.seen.image.has_start && !v->request->command) {
		end(v, VERIFY_UNPROVED, STR("the image has no start command: --command gives one"));
		return;
	}
	if (!run(v, &r->original, "running the original", "original", false))
		return;
	if (!r->original.seen.started) {
		end(v, VERIFY_UNPROVED,
		    arena_printf(v->arena, "the original does not start: nothing is proved: %.*s",
				 STR_ARG(r->original.seen.why)));
		return;
	}
	if (!run(v, &r->fixed, "running the fixed one", "fixed", true) || lost_the_engine(v))
		return;
	judge(v);
}

static void work(struct verification *v)
{
	struct verify_result *r = v->result;
	struct str why;
	end(v, VERIFY_UNPROVED, STR("it was stopped"));
	begin(v, "looking for an engine");
	if (!engine_find(&v->engine, v->request->engine, &why)) {
		if (!signals_came(&v->signals))
			end(v, VERIFY_UNPROVED, arena_printf(v->arena, "no engine answers (%.*s)", STR_ARG(why)));
		return;
	}
	r->engine = v->engine.name;
	r->version = v->engine.version;
	if (!build_original(v) || !build_fixed(v))
		return;
	if (!v->engine.runs) {
		end(v, VERIFY_UNPROVED,
		    STR("both build, and that is all that buildah can tell: to run them, docker or podman is needed"));
		return;
	}
	run_both(v);
}

/* Signals wait meanwhile: it is short, and bounded. */
static void clean_up(struct verification *v)
{
	struct verify_result *r = v->result;
	workplace_remove(&v->place);
	if (!v->made)
		return;
	v->signals.deaf = true;
	v->engine.arena = &v->last;
	v->engine.line = NULL;
	begin(v, "cleaning up");
	if (v->request->keep || !engine_clean(&v->engine))
		r->leftover = ENGINE_LABEL;
}

/* False when memory ran out. */
static bool guarded(struct verification *v, void (*act)(struct verification *v))
{
	jmp_buf here;
	arena_arm(v->arena, &here);
	arena_arm(&v->scratch, &here);
	arena_arm(&v->last, &here);
	if (setjmp(here) != 0)
		return false;
	act(v);
	return true;
}

void verify(struct arena *a, const struct verify_request *request, struct verify_result *result)
{
	struct verification v = {.arena = a, .request = request, .result = result, .place = {.arena = a}};
	jmp_buf *armed = a->out_of_memory;
	*result = (struct verify_result){.id = new_id(a)};
	result->original.tag = arena_printf(a, "unroot-verify:%s-original", result->id).p;
	result->fixed.tag = arena_printf(a, "unroot-verify:%s-fixed", result->id).p;
	arena_init(&v.scratch, NULL, 0);
	arena_init(&v.last, NULL, 0);
	v.engine = (struct engine){.arena = a, .signals = &v.signals, .id = result->id, .line = told, .ctx = &v};
	signals_catch(&v.signals);
	bool ok = guarded(&v, work);
	if (!guarded(&v, clean_up))
		result->leftover = ENGINE_LABEL;
	result->signal = v.signals.got;
	if (result->signal)
		end(&v, VERIFY_UNPROVED, STR("stopped by a signal"));
	signals_release(&v.signals);
	arena_free(&v.scratch);
	arena_free(&v.last);
	arena_arm(a, armed);
	if (!ok)
		longjmp(*armed, 1);
}
