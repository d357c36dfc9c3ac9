#include "project/yaml_nodes.h"

#include <yaml.h>

#include <stdio.h>

#include "base/map.h"
#include "project/yaml_text.h"

/* Every bracket costs libyaml as much as there are open ones. */
enum { DEEPEST = 1000 };

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
	size_t character, byte; /* the same place: libyaml counts characters, without the byte order mark */
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

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* Events come in the order of the text, so that the steps are few. */
static size_t byte_of(struct node_reader *r, yaml_mark_t mark)
{
	while (r->character < mark.index && r->byte < r->text.n) {
		r->character++;
		for (r->byte++; r->byte < r->text.n && is_continuation(r->text.p[r->byte]);)
			r->byte++;
	}
	while (r->character > mark.index && r->byte > 0) {
		r->character--;
		for (r->byte--; r->byte > 0 && is_continuation(r->text.p[r->byte]);)
			r->byte--;
	}
	return r->byte;
}

static struct str copied(struct arena *a, const yaml_char_t *text, size_t n)
{
	return arena_str(a, (struct str){(const char *)text, n});
}

static const yaml_char_t *anchor_of(const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return event->data.scalar.anchor;
	case YAML_SEQUENCE_START_EVENT:
		return event->data.sequence_start.anchor;
	case YAML_MAPPING_START_EVENT:
		return event->data.mapping_start.anchor;
	default:
		return NULL;
	}
}

static void note_anchor(struct node_reader *r, const yaml_event_t *event, uintptr_t index)
{
	const yaml_char_t *anchor = anchor_of(event);
	if (anchor)
		*map_put(r->arena, &r->anchors, copied(r->arena, anchor, strlen((const char *)anchor))) = (void *)index;
}

static void fail(struct node_reader *r, const char *message, size_t at)
{
	if (!r->fault) {
		r->fault = message;
		r->fault_at = at;
	}
}

/* An anchor and a tag stand before the scalar that they belong to, in its event too. */
static size_t behind_properties(struct str text, size_t at, size_t end)
{
	while (at < end && (text.p[at] == '&' || text.p[at] == '!')) {
		while (at < end && !strchr(" \t\r\n", text.p[at]))
			at++;
		while (at < end && strchr(" \t\r\n#", text.p[at])) {
			bool comment = text.p[at] == '#';
			for (at++; comment && at < end && text.p[at] != '\n';)
				at++;
		}
	}
	return at;
}

/* Where the text of a scalar stands, without quotes. */
static void place_scalar(struct node_reader *r, const yaml_event_t *event, size_t *start, size_t *end)
{
	yaml_scalar_style_t style = event->data.scalar.style;
	bool quoted = style == YAML_SINGLE_QUOTED_SCALAR_STYLE || style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;
	*start = byte_of(r, event->start_mark);
	*end = byte_of(r, event->end_mark);
	*start = behind_properties(r->text, *start, *end);
	if (quoted && *end >= *start + 2) {
		++*start;
		--*end;
	}
}

static void set_scalar(struct node_reader *r, unroot_yaml_node *node, const yaml_event_t *event)
{
	struct str value = copied(r->arena, event->data.scalar.value, event->data.scalar.length);
	node->value = value.p;
	node->value_length = value.n;
	place_scalar(r, event, &node->start, &node->end);
	node->verbatim = value.n && str_eq(value, str_sub(r->text, node->start, node->end));
}

static void set_alias(struct node_reader *r, unroot_yaml_node *node, const yaml_event_t *event, size_t index)
{
	const yaml_char_t *anchor = event->data.alias.anchor;
	struct str name = copied(r->arena, anchor, strlen((const char *)anchor));
	uintptr_t target = (uintptr_t)map_get(&r->anchors, name);
	node->start = byte_of(r, event->start_mark);
	node->end = byte_of(r, event->end_mark);
	if (!target)
		fail(r, arena_printf(r->arena, "there is no anchor %.*s", STR_ARG(name)).p, node->start);
	node->target = target && target != UINTPTR_MAX ? target - 1 : index;
}

static bool is_flow(const yaml_event_t *event)
{
	return event->type == YAML_MAPPING_START_EVENT ? event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE
						       : event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
}

/* A node that is no key. */
static void add_node(struct node_reader *r, const yaml_event_t *event, unroot_yaml_kind kind)
{
	size_t index = r->nodes.n;
	struct open_node *in = r->open.n ? &r->open.at[r->open.n - 1] : NULL;
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
		set_scalar(r, node, event);
	else if (kind == UNROOT_YAML_ALIAS)
		set_alias(r, node, event, index);
	else
		*VEC_PUSH(r->arena, r->open) = (struct open_node){
			.index = index, .mapping = kind == UNROOT_YAML_MAPPING, .flow = is_flow(event)};
}

/* A node in the place of a key; collections there are passed over whole. */
static void add_key(struct node_reader *r, const yaml_event_t *event)
{
	struct open_node *in = &r->open.at[r->open.n - 1];
	size_t end;
	note_anchor(r, event, UINTPTR_MAX);
	if (r->in_key == 0) {
		in->key = STR("");
		in->key_start = byte_of(r, event->start_mark);
	}
	if (event->type == YAML_MAPPING_START_EVENT || event->type == YAML_SEQUENCE_START_EVENT)
		r->in_key++;
	else if (event->type == YAML_MAPPING_END_EVENT || event->type == YAML_SEQUENCE_END_EVENT)
		r->in_key--;
	if (r->in_key > 0)
		return;
	in->has_key = true;
	if (event->type == YAML_SCALAR_EVENT) {
		in->key = copied(r->arena, event->data.scalar.value, event->data.scalar.length);
		place_scalar(r, event, &in->key_start, &end);
	}
}

static bool is_key(const struct node_reader *r, yaml_event_type_t type)
{
	const struct open_node *in = r->open.n ? &r->open.at[r->open.n - 1] : NULL;
	if (r->in_key > 0)
		return true;
	return in && in->mapping && !in->has_key && type != YAML_MAPPING_END_EVENT;
}

static void take_event(struct node_reader *r, const yaml_event_t *event)
{
	static const struct {
		yaml_event_type_t event;
		unroot_yaml_kind kind;
	} kinds[] = {{YAML_SCALAR_EVENT, UNROOT_YAML_SCALAR},
		     {YAML_ALIAS_EVENT, UNROOT_YAML_ALIAS},
		     {YAML_MAPPING_START_EVENT, UNROOT_YAML_MAPPING},
		     {YAML_SEQUENCE_START_EVENT, UNROOT_YAML_SEQUENCE}};
	bool ends = event->type == YAML_MAPPING_END_EVENT || event->type == YAML_SEQUENCE_END_EVENT;
	size_t i = 0;
	if (event->type == YAML_DOCUMENT_START_EVENT) {
		r->anchors = (struct map){0};
		r->open.n = 0;
		return;
	}
	while (i < sizeof kinds / sizeof *kinds && kinds[i].event != event->type)
		i++;
	if (i == sizeof kinds / sizeof *kinds && !ends)
		return;
	if (r->open.n + r->in_key > DEEPEST)
		fail(r, "it is nested more than 1000 deep", byte_of(r, event->start_mark));
	else if (is_key(r, event->type))
		add_key(r, event);
	else if (!ends)
		add_node(r, event, kinds[i].kind);
	else if (r->open.n)
		r->open.n--;
}

/* "did not find expected ',' or ']' while parsing a flow sequence (from line 3)" */
static void library_error(struct node_reader *r, const yaml_parser_t *parser, unroot_error *error)
{
	const char *problem = parser->problem ? parser->problem : "is not YAML";
	size_t from = parser->context_mark.line;
	yaml_text_place(r->text, byte_of(r, parser->problem_mark), &error->line, &error->column);
	if (!parser->context)
		snprintf(error->message, sizeof error->message, "%s", problem);
	else if (from == parser->problem_mark.line)
		snprintf(error->message, sizeof error->message, "%s %s", problem, parser->context);
	else
		snprintf(error->message, sizeof error->message, "%s %s (from line %zu)", problem, parser->context,
			 from + 1);
}

static void own_error(const struct node_reader *r, unroot_error *error)
{
	yaml_text_place(r->text, r->fault_at, &error->line, &error->column);
	snprintf(error->message, sizeof error->message, "%s", r->fault);
}

/* The library's memory is given back by the caller, whatever happens in here. */
static int read_events(struct node_reader *r, yaml_parser_t *parser, unroot_error *error)
{
	yaml_event_t event;
	bool more = true;
	while (more && !r->fault) {
		jmp_buf *armed = r->arena->out_of_memory, here;
		if (!yaml_parser_parse(parser, &event)) {
			if (parser->error == YAML_MEMORY_ERROR)
				return UNROOT_ENOMEM;
			library_error(r, parser, error);
			return error->code = UNROOT_ESYNTAX;
		}
		bool failed = setjmp(here) != 0;
		if (!failed) {
			arena_arm(r->arena, &here);
			take_event(r, &event);
		}
		arena_arm(r->arena, armed);
		more = event.type != YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
		if (failed)
			return UNROOT_ENOMEM;
	}
	if (!r->fault)
		return 0;
	own_error(r, error);
	return error->code = UNROOT_ESYNTAX;
}

int yaml_nodes(struct arena *a, struct str text, const unroot_yaml_node **nodes, size_t *count, unroot_error *error)
{
	struct node_reader r = {.arena = a, .text = text.n ? text : STR("")};
	yaml_parser_t parser;
	*count = 0;
	r.byte = str_starts(r.text, STR("\xEF\xBB\xBF")) ? 3 : 0;
	r.fault = yaml_text_fault(r.text, &r.fault_at);
	if (r.fault) {
		own_error(&r, error);
		return error->code = UNROOT_ESYNTAX;
	}
	int code = UNROOT_ENOMEM;
	if (yaml_parser_initialize(&parser)) {
		yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
		yaml_parser_set_input_string(&parser, (const yaml_char_t *)r.text.p + r.byte, r.text.n - r.byte);
		code = read_events(&r, &parser, error);
		yaml_parser_delete(&parser);
	}
	if (code == UNROOT_ENOMEM)
		longjmp(*a->out_of_memory, 1);
	*nodes = r.nodes.at;
	*count = code ? 0 : r.nodes.n;
	return code;
}
