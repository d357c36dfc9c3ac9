#include "model/yaml.h"

#include "base/map.h"

enum { MERGE_WORK = 100000, MERGE_DEPTH = 8 };

/* What lies below an extension key ("x-web") counts nowhere but where an alias takes it. */
static void mark_shared(struct arena *a, struct yaml *y)
{
	uint32_t *aliases = ARENA_ARRAY(a, uint32_t, y->n);
	bool *extension = ARENA_ARRAY(a, bool, y->n);
	for (uint32_t i = 0; i < y->n; i++)
		if (y->at[i].kind == YAML_ALIAS && y->at[i].target != YAML_NONE)
			aliases[y->at[i].target]++;
	for (uint32_t i = 0; i < y->n; i++) {
		struct yaml_node *node = &y->at[i];
		uint32_t up = node->parent;
		bool below_root = up != YAML_NONE && y->at[up].parent == YAML_NONE;
		extension[i] = below_root ? str_starts(node->key, STR("x-")) : up != YAML_NONE && extension[up];
		node->shared = aliases[i] > (extension[i] ? 1 : 0) || (up != YAML_NONE && y->at[up].shared);
	}
}

void yaml_link(struct arena *a, struct yaml *y)
{
	uint32_t *last = ARENA_ARRAY(a, uint32_t, y->n);
	for (uint32_t i = 0; i < y->n; i++) {
		struct yaml_node *node = &y->at[i];
		node->first = node->next = last[i] = YAML_NONE;
		if (node->parent == YAML_NONE)
			continue;
		if (last[node->parent] == YAML_NONE)
			y->at[node->parent].first = i;
		else
			y->at[last[node->parent]].next = i;
		last[node->parent] = i;
	}
	y->work = MERGE_WORK;
	mark_shared(a, y);
}

uint32_t yaml_resolve(const struct yaml *y, uint32_t node)
{
	/* An anchor comes before its alias, and no alias has an anchor: one step is enough. */
	return node != YAML_NONE && y->at[node].kind == YAML_ALIAS ? y->at[node].target : node;
}

static bool may_go_on(struct yaml *y)
{
	if (y->work > 0)
		y->work--;
	else
		y->fault = STR("1:1: its merges are too many to follow");
	return y->work > 0;
}

struct merge_walk {
	struct arena *arena;
	struct yaml *yaml;
	struct yaml_list found;
	struct map seen; /* keys: those of the mapping itself win */
};

static void add_pairs(struct merge_walk *w, uint32_t mapping, int depth);

static void add_merged(struct merge_walk *w, uint32_t value, int depth)
{
	uint32_t node = yaml_resolve(w->yaml, value);
	if (node == YAML_NONE || depth == MERGE_DEPTH)
		return;
	if (w->yaml->at[node].kind == YAML_MAPPING)
		add_pairs(w, node, depth + 1);
	for (uint32_t i = w->yaml->at[node].first; w->yaml->at[node].kind == YAML_SEQUENCE && i != YAML_NONE;
	     i = w->yaml->at[i].next) {
		uint32_t item = yaml_resolve(w->yaml, i);
		if (item != YAML_NONE && w->yaml->at[item].kind == YAML_MAPPING)
			add_pairs(w, item, depth + 1);
	}
}

static void add_pairs(struct merge_walk *w, uint32_t mapping, int depth)
{
	struct yaml *y = w->yaml;
	for (uint32_t i = y->at[mapping].first; i != YAML_NONE; i = y->at[i].next) {
		if (str_eq(y->at[i].key, STR("<<")))
			continue;
		if (depth > 0 && !may_go_on(y))
			return;
		void **slot = map_put(w->arena, &w->seen, y->at[i].key);
		if (*slot && y->at[i].key.n)
			continue;
		*slot = y;
		*VEC_PUSH(w->arena, w->found) = i;
	}
	for (uint32_t i = y->at[mapping].first; i != YAML_NONE && y->work > 0; i = y->at[i].next)
		if (str_eq(y->at[i].key, STR("<<")))
			add_merged(w, i, depth);
}

struct yaml_list yaml_items(struct arena *a, struct yaml *y, uint32_t node)
{
	struct merge_walk w = {.arena = a, .yaml = y};
	node = yaml_resolve(y, node);
	if (node == YAML_NONE)
		return w.found;
	if (y->at[node].kind == YAML_MAPPING)
		add_pairs(&w, node, 0);
	for (uint32_t i = y->at[node].first; y->at[node].kind == YAML_SEQUENCE && i != YAML_NONE; i = y->at[i].next)
		*VEC_PUSH(a, w.found) = i;
	return w.found;
}

static uint32_t get(struct yaml *y, uint32_t node, struct str key, int depth)
{
	node = yaml_resolve(y, node);
	if (node == YAML_NONE || depth > MERGE_DEPTH)
		return YAML_NONE;
	uint32_t found = YAML_NONE;
	for (uint32_t i = y->at[node].first; i != YAML_NONE && found == YAML_NONE; i = y->at[i].next) {
		if (depth > 0 && !may_go_on(y))
			return YAML_NONE;
		bool inside = depth > 0 && y->at[node].kind == YAML_SEQUENCE;
		if (y->at[node].kind == YAML_MAPPING && str_eq(y->at[i].key, key))
			return yaml_resolve(y, i);
		if (inside)
			found = get(y, i, key, depth + 1);
	}
	for (uint32_t i = y->at[node].first; y->at[node].kind == YAML_MAPPING && i != YAML_NONE && found == YAML_NONE;
	     i = y->at[i].next)
		if (str_eq(y->at[i].key, STR("<<")))
			found = get(y, i, key, depth + 1);
	return found;
}

uint32_t yaml_get(struct yaml *y, uint32_t node, struct str key)
{
	return node == YAML_NONE ? YAML_NONE : get(y, node, key, 0);
}

struct str yaml_scalar(const struct yaml *y, uint32_t node)
{
	node = yaml_resolve(y, node);
	if (node == YAML_NONE || y->at[node].kind != YAML_SCALAR)
		return (struct str){NULL, 0};
	return y->at[node].value;
}
