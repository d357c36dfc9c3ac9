#include "project/yaml_nodes.h"

#include <libfyaml.h>

#include <stdio.h>

#include "base/map.h"
#include "project/yaml_text.h"

/* A mapping or sequence that is still open. */
struct open_node {
	size_t index;
	bool mapping, flow;
	bool has_key; /* the next node is the value of `key` */
	struct str key;
	size_t key_start;
};

struct node_reader {
	struct arena *arena;
	struct str text;
	struct {
		unroot_yaml_node *at;
		size_t n, cap;
	} nodes;
	VEC(struct open_node) open;
	size_t in_key;	    /* how many collections of a key that is none of text are open */
	struct map anchors; /* index + 1 of the node; of a key SIZE_MAX */
	const char *fault;
	size_t fault_at;
};

static struct str token_text(struct arena *a, struct fy_token *token)
{
	size_t n = 0;
	const char *p = token ? fy_token_get_text(token, &n) : NULL;
	return p ? arena_str(a, (struct str){p, n}) : STR("");
}

static size_t token_start(struct fy_token *token)
{
	const struct fy_mark *mark = token ? fy_token_start_mark(token) : NULL;
	return mark ? mark->input_pos : 0;
}

static size_t token_end(struct fy_token *token)
{
	const struct fy_mark *mark = token ? fy_token_end_mark(token) : NULL;
	return mark ? mark->input_pos : 0;
}

static void note_anchor(struct node_reader *r, struct fy_event *event, uintptr_t index)
{
	struct fy_token *token = fy_event_get_anchor_token(event);
	if (token && event->type != FYET_ALIAS)
		*map_put(r->arena, &r->anchors, token_text(r->arena, token)) = (void *)index;
}

static void fail(struct node_reader *r, const char *message, size_t at)
{
	if (!r->fault) {
		r->fault = message;
		r->fault_at = at;
	}
}

static void set_scalar(struct node_reader *r, unroot_yaml_node *node, struct fy_token *token)
{
	struct str value = token_text(r->arena, token);
	node->value = value.p;
	node->value_length = value.n;
	node->start = token_start(token);
	node->end = token_end(token);
	if (node->start > node->end || node->end > r->text.n)
		node->start = node->end = 0;
	node->verbatim = value.n && str_eq(value, str_sub(r->text, node->start, node->end));
}

static void set_alias(struct node_reader *r, unroot_yaml_node *node, struct fy_token *token, size_t index)
{
	struct str name = token_text(r->arena, token);
	uintptr_t anchor = (uintptr_t)map_get(&r->anchors, name);
	if (!anchor)
		fail(r, arena_printf(r->arena, "there is no anchor %.*s", STR_ARG(name)).p, token_start(token));
	node->target = anchor && anchor != UINTPTR_MAX ? anchor - 1 : index;
}

/* A node that is no key. */
static void add_node(struct node_reader *r, struct fy_event *event, unroot_yaml_kind kind)
{
	size_t index = r->nodes.n;
	struct open_node *in = r->open.n ? &r->open.at[r->open.n - 1] : NULL;
	struct fy_token *token = fy_event_get_token(event);
	unroot_yaml_node *node = VEC_PUSH(r->arena, r->nodes);
	*node = (unroot_yaml_node){.kind = kind, .parent = in ? in->index : index};
	if (in) {
		node->key = in->mapping ? in->key.p : NULL;
		node->key_length = in->mapping ? in->key.n : 0;
		node->key_start = in->key_start;
		node->flow = in->flow;
		in->has_key = false;
	}
	note_anchor(r, event, index + 1);
	if (kind == UNROOT_YAML_SCALAR)
		set_scalar(r, node, token);
	else if (kind == UNROOT_YAML_ALIAS)
		set_alias(r, node, token, index);
	else
		*VEC_PUSH(r->arena, r->open) = (struct open_node){.index = index,
								  .mapping = kind == UNROOT_YAML_MAPPING,
								  .flow = fy_event_get_node_style(event) == FYNS_FLOW};
}

/* A node in the place of a key; collections there are passed over whole. */
static void add_key(struct node_reader *r, struct fy_event *event)
{
	struct open_node *in = &r->open.at[r->open.n - 1];
	struct fy_token *token = fy_event_get_token(event);
	bool scalar = event->type == FYET_SCALAR;
	note_anchor(r, event, UINTPTR_MAX);
	if (event->type == FYET_MAPPING_START || event->type == FYET_SEQUENCE_START)
		r->in_key++;
	else if (event->type == FYET_MAPPING_END || event->type == FYET_SEQUENCE_END)
		r->in_key--;
	if (r->in_key > 0)
		return;
	in->has_key = true;
	in->key = scalar ? token_text(r->arena, token) : STR("");
	in->key_start = scalar ? token_start(token) : 0;
}

static bool is_key(const struct node_reader *r, enum fy_event_type type)
{
	const struct open_node *in = r->open.n ? &r->open.at[r->open.n - 1] : NULL;
	if (r->in_key > 0)
		return true;
	return in && in->mapping && !in->has_key && type != FYET_MAPPING_END;
}

static void take_event(struct node_reader *r, struct fy_event *event)
{
	switch (event->type) {
	case FYET_DOCUMENT_START:
		r->anchors = (struct map){0};
		r->open.n = 0;
		return;
	case FYET_SCALAR:
	case FYET_ALIAS:
	case FYET_MAPPING_START:
	case FYET_SEQUENCE_START:
	case FYET_MAPPING_END:
	case FYET_SEQUENCE_END:
		break;
	default:
		return;
	}
	if (is_key(r, event->type))
		add_key(r, event);
	else if (event->type == FYET_SCALAR)
		add_node(r, event, UNROOT_YAML_SCALAR);
	else if (event->type == FYET_ALIAS)
		add_node(r, event, UNROOT_YAML_ALIAS);
	else if (event->type == FYET_MAPPING_START)
		add_node(r, event, UNROOT_YAML_MAPPING);
	else if (event->type == FYET_SEQUENCE_START)
		add_node(r, event, UNROOT_YAML_SEQUENCE);
	else if (r->open.n)
		r->open.n--;
}

static void library_error(struct fy_diag *diag, unroot_error *error)
{
	void *at = NULL;
	struct fy_diag_error *e = fy_diag_errors_iterate(diag, &at);
	error->line = e && e->line > 0 ? (unsigned)e->line : 1;
	error->column = e && e->column > 0 ? (unsigned)e->column : 1;
	snprintf(error->message, sizeof error->message, "%s", e && e->msg ? e->msg : "is not YAML");
}

static void own_error(const struct node_reader *r, unroot_error *error)
{
	yaml_text_place(r->text, r->fault_at, &error->line, &error->column);
	snprintf(error->message, sizeof error->message, "%s", r->fault);
}

/* The library's memory is given back by the caller, whatever happens in here. */
static int read_events(struct node_reader *r, struct fy_parser *parser, struct fy_diag *diag, unroot_error *error)
{
	struct fy_event *event;
	while (!r->fault && (event = fy_parser_parse(parser))) {
		jmp_buf *armed = r->arena->out_of_memory, here;
		bool failed = setjmp(here) != 0;
		if (!failed) {
			arena_arm(r->arena, &here);
			take_event(r, event);
		}
		arena_arm(r->arena, armed);
		fy_parser_event_free(parser, event);
		if (failed)
			return UNROOT_ENOMEM;
	}
	if (fy_parser_get_stream_error(parser))
		library_error(diag, error);
	else if (r->fault)
		own_error(r, error);
	else
		return 0;
	return error->code = UNROOT_ESYNTAX;
}

int yaml_nodes(struct arena *a, struct str text, const unroot_yaml_node **nodes, size_t *count, unroot_error *error)
{
	struct node_reader r = {.arena = a, .text = text.n ? text : STR("")};
	struct fy_diag_cfg diag_cfg = {.fp = NULL, .level = FYET_ERROR, .module_mask = ~0u};
	*count = 0;
	r.fault = yaml_text_fault(r.text, &r.fault_at);
	if (r.fault) {
		own_error(&r, error);
		return error->code = UNROOT_ESYNTAX;
	}
	struct fy_diag *diag = fy_diag_create(&diag_cfg);
	struct fy_parse_cfg cfg = {.flags = FYPCF_QUIET, .diag = diag};
	int code = UNROOT_ENOMEM;
	fy_diag_set_collect_errors(diag, true);
	struct fy_parser *parser = fy_parser_create(&cfg);
	if (parser && fy_parser_set_string(parser, r.text.p, r.text.n) == 0)
		code = read_events(&r, parser, diag, error);
	fy_parser_destroy(parser);
	fy_diag_destroy(diag);
	if (code == UNROOT_ENOMEM)
		longjmp(*a->out_of_memory, 1);
	*nodes = r.nodes.at;
	*count = code ? 0 : r.nodes.n;
	return code;
}
