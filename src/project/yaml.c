#include "project/yaml.h"

#include "base/map.h"
#include "project/image_rows.h"
#include "project/yaml_nodes.h"
#include "project/yaml_text.h"
#include "report/report.h"

struct reader {
	struct arena *arena;
	const char *file;
	struct str text;
	const unroot_yaml_node *nodes;
	size_t n;
	struct settings *settings;
	struct buf *errors;
};

/* The next node that `parent` holds, behind the one given; to begin with, behind itself. NULL at the end. */
static const unroot_yaml_node *next_in(const struct reader *r, const unroot_yaml_node *parent,
				       const unroot_yaml_node *after)
{
	size_t in = (size_t)(parent - r->nodes);
	for (size_t i = (size_t)(after - r->nodes) + 1; i < r->n && r->nodes[i].parent >= in && r->nodes[i].parent != i;
	     i++)
		if (r->nodes[i].parent == in)
			return &r->nodes[i];
	return NULL;
}

/* Where a node begins, in bytes; false for what was left out. */
static bool place_of(const struct reader *r, const unroot_yaml_node *node, size_t *at)
{
	while (node && (node->kind == UNROOT_YAML_MAPPING || node->kind == UNROOT_YAML_SEQUENCE)) {
		bool mapping = node->kind == UNROOT_YAML_MAPPING;
		node = next_in(r, node, node);
		if (node && mapping) {
			*at = node->key_start;
			return true;
		}
	}
	if (!node || node->start == node->end)
		return false;
	*at = node->start;
	return true;
}

static bool complain_at(const struct reader *r, size_t at, const char *message)
{
	unsigned line, column;
	yaml_text_place(r->text, at, &line, &column);
	report_error(r->errors, r->file, line, column, message);
	return false;
}

static bool complain(const struct reader *r, const unroot_yaml_node *place, const char *message)
{
	size_t at = 0;
	place_of(r, place, &at);
	return complain_at(r, at, message);
}

static bool scalar(const unroot_yaml_node *node, struct str *value)
{
	if (node->kind != UNROOT_YAML_SCALAR)
		return false;
	*value = (struct str){node->value, node->value_length};
	return true;
}

static struct str key_of(const unroot_yaml_node *node)
{
	return (struct str){node->key, node->key_length};
}

static bool wrong_type(const struct reader *r, const struct setting *setting, const unroot_yaml_node *value,
		       const char *expected)
{
	return complain_at(r, value->key_start, arena_printf(r->arena, "%s: expected %s", setting->key, expected).p);
}

/* What was left out has no place but its key's. */
static bool not_valid(const struct reader *r, const struct setting *setting, const unroot_yaml_node *value,
		      struct str text, const char *expected)
{
	size_t at = value->key_start;
	place_of(r, value, &at);
	return complain_at(
		r, at,
		arena_printf(r->arena, "%s: %.*s is not valid, expected %s", setting->key, STR_ARG(text), expected).p);
}

static bool unknown_key(const struct reader *r, const unroot_yaml_node *value, const char *near)
{
	return complain_at(r, value->key_start,
			   arena_printf(r->arena, "unknown key %.*s%s%s%s", STR_ARG(key_of(value)),
					near ? " (did you mean " : "", near ? near : "", near ? "?)" : "")
				   .p);
}

/* Whether no key stands twice, as most readers of YAML want it. */
static bool keys_differ(const struct reader *r, const unroot_yaml_node *mapping)
{
	struct map seen = {0};
	for (const unroot_yaml_node *node = mapping; (node = next_in(r, mapping, node));) {
		void **place = map_put(r->arena, &seen, key_of(node));
		if (*place)
			return complain_at(r, node->key_start,
					   arena_printf(r->arena, "duplicate key %.*s", STR_ARG(key_of(node))).p);
		*place = r->settings;
	}
	return true;
}

static bool read_item(const struct reader *r, const struct setting *setting, const unroot_yaml_node *list,
		      const unroot_yaml_node *item)
{
	struct str text;
	const char *expected;
	if (!scalar(item, &text))
		return wrong_type(r, setting, list, "a list of texts");
	return setting_append(r->arena, r->settings, setting, text, &expected) ||
	       not_valid(r, setting, item, text, expected);
}

static bool read_list(const struct reader *r, const struct setting *setting, const unroot_yaml_node *value)
{
	bool ok = true;
	if (value->kind != UNROOT_YAML_SEQUENCE)
		return read_item(r, setting, value, value);
	for (const unroot_yaml_node *item = value; (item = next_in(r, value, item));)
		ok = read_item(r, setting, value, item) && ok;
	return ok;
}

static bool read_pairs(const struct reader *r, const struct setting *setting, const unroot_yaml_node *value)
{
	if (value->kind != UNROOT_YAML_MAPPING)
		return wrong_type(r, setting, value, "a mapping of names to texts");
	for (const unroot_yaml_node *pair = value; (pair = next_in(r, value, pair));) {
		struct str text;
		if (pair->key_length == 0 || !scalar(pair, &text))
			return wrong_type(r, setting, value, "a mapping of names to texts");
		setting_append_pair(r->arena, r->settings, setting, key_of(pair), text);
	}
	return keys_differ(r, value);
}

/* A cell of an image's row: one value, or where the column has several a list of them. */
static bool read_cell(const struct reader *r, const unroot_yaml_node *value, struct str cells[IMAGE_COLUMNS])
{
	struct str text;
	struct buf cell = buf_new(r->arena);
	size_t column = image_column_by_name(key_of(value));
	if (column == IMAGE_COLUMNS)
		return unknown_key(r, value, image_column_nearest(key_of(value)));
	const struct image_column *c = &image_columns[column];
	bool list = c->separator && value->kind == UNROOT_YAML_SEQUENCE;
	for (const unroot_yaml_node *item = list ? next_in(r, value, value) : value; item;
	     item = list ? next_in(r, value, item) : NULL) {
		if (!scalar(item, &text) || !image_cell_valid(text)) {
			const char *more =
				c->separator ? "a text of one line, or a list of them" : "a text of one line";
			return complain_at(r, value->key_start,
					   arena_printf(r->arena, "%s: expected %s", c->name, more).p);
		}
		if (cell.n)
			buf_char(&cell, c->separator);
		buf_add(&cell, text);
	}
	cells[column] = buf_str(&cell);
	return true;
}

static bool read_row(const struct reader *r, const unroot_yaml_node *list, const unroot_yaml_node *row,
		     struct buf *rows)
{
	struct str cells[IMAGE_COLUMNS] = {{0}};
	size_t at = list->key_start;
	unsigned line, column;
	if (row->kind != UNROOT_YAML_MAPPING)
		return complain_at(r, at,
				   "images: expected rows that are mappings of columns to texts (docs/images.md)");
	bool ok = keys_differ(r, row);
	for (const unroot_yaml_node *cell = row; (cell = next_in(r, row, cell));)
		ok = read_cell(r, cell, cells) && ok;
	/* What would be something else than a row in the table. */
	struct str name = cells[IMAGE_KEY];
	bool row_like = name.n && !memchr("#@", name.p[0], 2) && !str_eq(name, STR("key"));
	place_of(r, row, &at);
	if (ok && (!row_like || cells[IMAGE_FAMILY].n == 0))
		return complain_at(r, at, "images: a row needs a key, the image's name, and a family");
	yaml_text_place(r->text, at, &line, &column);
	if (ok)
		image_row_add(rows, cells, line);
	return ok;
}

static bool read_images(const struct reader *r, const struct setting *setting, const unroot_yaml_node *value)
{
	struct buf rows = buf_new(r->arena);
	bool ok = true;
	if (value->kind != UNROOT_YAML_SEQUENCE)
		return complain_at(r, value->key_start,
				   "images: expected the path of a table, or a list of rows (docs/images.md)");
	for (const unroot_yaml_node *row = value; (row = next_in(r, value, row));)
		ok = read_row(r, value, row, &rows) && ok;
	if (rows.n)
		setting_set_rows(r->settings, setting, arena_str(r->arena, buf_str(&rows)).p);
	return ok;
}

static bool read_pair(const struct reader *r, const unroot_yaml_node *value)
{
	struct str text;
	const char *expected;
	if (value->key_length == 0)
		return complain_at(r, value->key_start, "expected a key");
	const struct setting *setting = setting_by_key(key_of(value));
	if (!setting)
		return unknown_key(r, value, setting_nearest(key_of(value)));
	if (setting_is_list(setting))
		return read_list(r, setting, value);
	if (setting->kind == SETTING_PAIRS)
		return read_pairs(r, setting, value);
	bool one = scalar(value, &text);
	if (setting->kind == SETTING_IMAGES && !one)
		return read_images(r, setting, value);
	if (!one)
		return wrong_type(r, setting, value, "one value");
	return setting_set(r->arena, r->settings, setting, text, &expected) ||
	       not_valid(r, setting, value, text, expected);
}

static bool read_nodes(const struct reader *r)
{
	const unroot_yaml_node *root = r->nodes;
	struct str text;
	if (r->n == 0 || (scalar(root, &text) && text.n == 0))
		return true; /* nothing but comments */
	if (root->kind != UNROOT_YAML_MAPPING)
		return complain(r, root, "expected a mapping of keys to values");
	bool ok = keys_differ(r, root);
	for (const unroot_yaml_node *pair = root; (pair = next_in(r, root, pair));)
		ok &= read_pair(r, pair);
	for (size_t i = 1; i < r->n; i++)
		if (r->nodes[i].parent == i)
			return complain(r, &r->nodes[i], "expected one document");
	return ok;
}

bool yaml_read(struct arena *a, const char *file, struct str text, struct settings *settings, struct buf *errors)
{
	struct reader r = {.arena = a, .file = file, .text = text, .settings = settings, .errors = errors};
	unroot_error error = {0};
	if (yaml_nodes(a, text, &r.nodes, &r.n, &error) == 0)
		return read_nodes(&r);
	report_error(errors, file, error.line, error.column, error.message);
	return false;
}
