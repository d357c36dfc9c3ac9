/* What the engine tells in JSON. */
#include <jansson.h>
#include <stdlib.h>

#include "verify/engine.h"

enum { QUICK = 30000, LARGEST_ANSWER = 1 << 20, MOST_WORDS = 64 };

/* The first element of what `inspect` prints, or NULL; to be given back. */
static json_t *inspect(struct engine *e, struct arena *a, const char *const *argv, struct str *why)
{
	struct process p = {
		.arena = a, .signals = e->signals, .timeout = QUICK, .limit = LARGEST_ANSWER, .apart = true};
	json_error_t error;
	if (!process_run(&p, argv)) {
		*why = p.end == PROCESS_EXITED && str_trim(p.err).n ? str_trim(p.err) : process_why(a, &p);
		return NULL;
	}
	json_t *all = json_loadb(p.out.p, p.out.n, 0, &error);
	json_t *first = json_incref(json_is_array(all) ? json_array_get(all, 0) : all);
	json_decref(all);
	if (json_is_object(first))
		return first;
	json_decref(first);
	*why = STR("the engine's answer is not the JSON that was expected");
	return NULL;
}

static json_t *member(json_t *object, const char *a, const char *b)
{
	json_t *inner = json_object_get(object, a);
	return b ? json_object_get(inner, b) : inner;
}

static struct str text_of(struct arena *a, json_t *value)
{
	return json_is_string(value) ? arena_str(a, (struct str){json_string_value(value), json_string_length(value)})
				     : STR("");
}

/* "80/tcp" -> 80; 0 for what is not TCP. */
static uint32_t tcp_port(const char *key)
{
	struct str s = str_of(key), number;
	uint32_t port;
	if (!str_split(&s, '/', &number) || !str_to_u32(number, &port) || port > 65535)
		return 0;
	return s.p == NULL || s.n == 0 || str_eq(s, STR("tcp")) ? port : 0;
}

static int by_number(const void *x, const void *y)
{
	const uint32_t *a = x, *b = y;
	return (*a > *b) - (*a < *b);
}

/* A check as arguments: ["CMD", …] as it is, ["CMD-SHELL", text] for the image's shell. */
static const char *const *health_of(struct arena *a, json_t *test)
{
	size_t n = json_array_size(test);
	const char *kind = json_string_value(json_array_get(test, 0));
	if (n < 2 || n > MOST_WORDS || !kind)
		return NULL;
	bool shell = strcmp(kind, "CMD-SHELL") == 0;
	if (!shell && strcmp(kind, "CMD") != 0)
		return NULL;
	const char **words = ARENA_ARRAY(a, const char *, n + 3);
	size_t used = 0;
	if (shell) {
		words[used++] = "/bin/sh";
		words[used++] = "-c";
	}
	for (size_t i = 1; i < n; i++)
		words[used++] = text_of(a, json_array_get(test, i)).p;
	return words;
}

static bool is_filled(json_t *value)
{
	return json_array_size(value) > 0 || json_string_length(value) > 0;
}

bool engine_image(struct engine *e, const char *tag, struct engine_image *out, struct str *why)
{
	const char *argv[] = {e->program, "image", "inspect", tag, NULL};
	const char *key;
	json_t *value, *o = inspect(e, e->arena, argv, why);
	*out = (struct engine_image){0};
	if (!o)
		return false;
	json_t *config = json_object_get(o, "Config");
	out->user = text_of(e->arena, json_object_get(config, "User"));
	out->has_start = is_filled(json_object_get(config, "Entrypoint")) || is_filled(json_object_get(config, "Cmd"));
	json_object_foreach(json_object_get(config, "ExposedPorts"), key, value)
	{
		uint32_t port = tcp_port(key);
		if (port)
			*VEC_PUSH(e->arena, out->ports) = port;
	}
	if (out->ports.n)
		qsort(out->ports.at, out->ports.n, sizeof *out->ports.at, by_number);
	json_t *health = member(config, "Healthcheck", "Test");
	out->health = health_of(e->arena, health ? health : member(o, "Healthcheck", "Test")); /* docker; podman */
	json_decref(o);
	return true;
}

static void read_published(struct arena *a, json_t *ports, struct engine_state *out)
{
	const char *key;
	json_t *value;
	json_object_foreach(ports, key, value)
	{
		uint32_t port = tcp_port(key), host;
		const char *text = json_string_value(json_object_get(json_array_get(value, 0), "HostPort"));
		if (port && text && str_to_u32(str_of(text), &host))
			*VEC_PUSH(a, out->published) = (struct engine_published){port, host};
	}
}

static struct str address_of(struct arena *a, json_t *network)
{
	const char *key;
	json_t *value;
	struct str address = text_of(a, json_object_get(network, "IPAddress"));
	json_object_foreach(json_object_get(network, "Networks"), key, value) if (address.n == 0) address =
		text_of(a, json_object_get(value, "IPAddress"));
	return address;
}

bool engine_state(struct engine *e, struct arena *a, const char *id, struct engine_state *out)
{
	const char *argv[] = {e->program, "container", "inspect", id, NULL};
	struct str why;
	json_t *o = inspect(e, a, argv, &why);
	*out = (struct engine_state){0};
	if (!o)
		return false;
	json_t *state = json_object_get(o, "State"), *network = json_object_get(o, "NetworkSettings");
	out->running = json_is_true(json_object_get(state, "Running"));
	out->out_of_memory = json_is_true(json_object_get(state, "OOMKilled"));
	out->exit_code = (int)json_integer_value(json_object_get(state, "ExitCode"));
	out->pid = (long)json_integer_value(json_object_get(state, "Pid"));
	out->address = address_of(a, network);
	read_published(a, json_object_get(network, "Ports"), out);
	json_decref(o);
	return true;
}
