/* The caller's provider, as the core asks it. */
#include "api/provider.h"

#include "unroot/unroot.h"

static enum provided ask_stat(void *ctx, struct str path, uint32_t *mode)
{
	const unroot_provider *p = ctx;
	char name[4096];
	unsigned bits = 0;
	if (!p->stat || path.n >= sizeof name)
		return PROVIDED_UNKNOWN;
	memcpy(name, path.p, path.n);
	name[path.n] = '\0';
	int kind = p->stat(p->ctx, name, &bits);
	*mode = bits;
	return kind < 0 || kind > PROVIDED_DIRECTORY ? PROVIDED_UNKNOWN : (enum provided)kind;
}

/* False when memory ran out: the provider's bytes have to be given back before that is passed on. */
static bool copy_given(struct arena *a, const char *given, size_t length, struct str *bytes)
{
	jmp_buf *outer = a->out_of_memory;
	jmp_buf here;
	bool failed = setjmp(here) != 0;
	if (!failed) {
		arena_arm(a, &here);
		bytes->p = given;
		bytes->n = length;
		*bytes = arena_str(a, *bytes);
	}
	arena_arm(a, outer);
	return !failed;
}

static enum provided ask_read(void *ctx, struct arena *a, struct str path, struct str *bytes)
{
	const unroot_provider *p = ctx;
	char name[4096];
	const char *given = NULL;
	size_t length = 0;
	if (!p->read || path.n >= sizeof name)
		return PROVIDED_UNKNOWN;
	memcpy(name, path.p, path.n);
	name[path.n] = '\0';
	int kind = p->read(p->ctx, name, &given, &length);
	if (kind == PROVIDED_FILE) {
		bool copied_all = copy_given(a, given, length, bytes);
		if (p->done)
			p->done(p->ctx, given);
		if (!copied_all)
			longjmp(*a->out_of_memory, 1);
	}
	return kind < 0 || kind > PROVIDED_DIRECTORY ? PROVIDED_UNKNOWN : (enum provided)kind;
}

static void copy_names(struct arena *a, const char *const *given, struct str_list *names)
{
	for (; *given; given++)
		*VEC_PUSH(a, *names) = arena_str(a, str_of(*given));
}

static bool ask_list(void *ctx, struct arena *a, struct str path, struct str_list *names)
{
	const unroot_provider *p = ctx;
	const char *const *given = p->list(p->ctx, arena_str(a, path).p);
	if (given)
		copy_names(a, given, names);
	return given != NULL;
}

static bool ask_consumers(void *ctx, struct arena *a, struct str_list *paths, struct str *directory)
{
	const unroot_provider *p = ctx;
	const char *top = NULL;
	const char *const *given = p->consumers(p->ctx, &top);
	if (!given || !top)
		return false;
	copy_names(a, given, paths);
	*directory = arena_str(a, str_of(top));
	return true;
}

static bool ask_dockerfiles(void *ctx, struct arena *a, struct str_list *paths)
{
	const unroot_provider *p = ctx;
	const char *const *given = p->dockerfiles(p->ctx);
	if (given)
		copy_names(a, given, paths);
	return given != NULL;
}

/* What the provider says is looked at before it is believed: a bad index leads nowhere. */
static struct yaml_node node_of(struct arena *a, const unroot_yaml_node *given, size_t index, size_t length)
{
	bool placed = given->start <= given->end && given->end <= length;
	return (struct yaml_node){
		.kind = (enum yaml_kind)given->kind,
		.parent = given->parent < index ? (uint32_t)given->parent : YAML_NONE,
		.target =
			given->kind == UNROOT_YAML_ALIAS && given->target < index ? (uint32_t)given->target : YAML_NONE,
		.key = given->key ? arena_str(a, (struct str){given->key, given->key_length}) : STR(""),
		.key_start = given->key_start <= length ? (uint32_t)given->key_start : 0,
		.value = given->value ? arena_str(a, (struct str){given->value, given->value_length}) : STR(""),
		.span = {placed ? (uint32_t)given->start : 0, placed ? (uint32_t)given->end : 0},
		.verbatim = placed && given->verbatim,
		.flow = given->flow != 0,
	};
}

static bool ask_yaml(void *ctx, struct arena *a, struct str bytes, struct yaml *out)
{
	const unroot_provider *p = ctx;
	const unroot_yaml_node *nodes = NULL;
	size_t n = 0;
	unroot_error error = {0};
	*out = (struct yaml){0};
	if (p->yaml(p->ctx, bytes.p, bytes.n, &nodes, &n, &error) != 0) {
		error.message[sizeof error.message - 1] = '\0';
		out->fault = arena_printf(a, "%u:%u: %s", error.line, error.column, error.message);
		return true;
	}
	out->at = ARENA_ARRAY(a, struct yaml_node, n);
	out->n = (uint32_t)n;
	for (size_t i = 0; i < n; i++)
		out->at[i] = node_of(a, &nodes[i], i, bytes.n);
	yaml_link(a, out);
	return true;
}

struct provider provider_of(struct arena *a, const unroot_provider *given)
{
	struct provider p = {.ctx = (void *)(uintptr_t)given, .stat = ask_stat, .read = ask_read};
	if (!given)
		return p;
	p.context = given->context ? arena_str(a, str_of(given->context)) : STR("");
	p.only_dockerfile = given->only_dockerfile != 0;
	if (given->list)
		p.list = ask_list;
	if (given->dockerfiles)
		p.dockerfiles = ask_dockerfiles;
	if (given->consumers && given->yaml) {
		p.consumers = ask_consumers;
		p.yaml = ask_yaml;
	}
	return p;
}
