#include "project/yaml.h"

#include <libfyaml.h>

#include "project/image_rows.h"
#include "project/yaml_text.h"
#include "report/report.h"

struct reader {
	struct arena *arena;
	const char *file;
	struct str text;
	struct settings *settings;
	struct buf *errors;
};

/* Where a node begins; NULL for what was left out. */
static const struct fy_mark *mark_of(struct fy_node *node)
{
	while (node && !fy_node_is_scalar(node)) {
		struct fy_node_pair *pair = fy_node_is_mapping(node) ? fy_node_mapping_get_by_index(node, 0) : NULL;
		node = pair ? fy_node_pair_key(pair) : fy_node_sequence_get_by_index(node, 0);
	}
	struct fy_token *token = node ? fy_node_get_scalar_token(node) : NULL;
	return token ? fy_token_start_mark(token) : NULL;
}

/* libfyaml counts columns in characters, everything else here in bytes. */
static void complain(const struct reader *r, struct fy_node *place, const char *message)
{
	const struct fy_mark *mark = mark_of(place);
	unsigned line = 1, column = 1;
	if (mark && mark->input_pos <= r->text.n) {
		size_t newline = str_find_last_char(str_sub(r->text, 0, mark->input_pos), '\n');
		line = (unsigned)mark->line + 1;
		column = (unsigned)(mark->input_pos - (newline == STR_NONE ? 0 : newline + 1)) + 1;
	}
	report_error(r->errors, r->file, line, column, message);
}

/* A plain or quoted scalar; an alias is none. */
static bool scalar(struct fy_node *node, struct str *value)
{
	if (!node || !fy_node_is_scalar(node) || fy_node_is_alias(node))
		return false;
	value->p = fy_node_get_scalar(node, &value->n);
	if (!value->p)
		*value = STR("");
	return true;
}

static bool wrong_type(const struct reader *r, const struct setting *setting, struct fy_node *key, const char *expected)
{
	complain(r, key, arena_printf(r->arena, "%s: expected %s", setting->key, expected).p);
	return false;
}

/* What was left out has no place but its key's. */
static bool not_valid(const struct reader *r, const struct setting *setting, struct fy_node *key, struct fy_node *value,
		      struct str text, const char *expected)
{
	struct str message =
		arena_printf(r->arena, "%s: %.*s is not valid, expected %s", setting->key, STR_ARG(text), expected);
	complain(r, mark_of(value) ? value : key, message.p);
	return false;
}

static bool unknown_key(const struct reader *r, struct fy_node *place, struct str name, const char *near)
{
	struct str message = arena_printf(r->arena, "unknown key %.*s%s%s%s", STR_ARG(name),
					  near ? " (did you mean " : "", near ? near : "", near ? "?)" : "");
	complain(r, place, message.p);
	return false;
}

static bool read_item(const struct reader *r, const struct setting *setting, struct fy_node *key, struct fy_node *item)
{
	struct str text;
	const char *expected;
	if (!scalar(item, &text))
		return wrong_type(r, setting, key, "a list of texts");
	return setting_append(r->arena, r->settings, setting, text, &expected) ||
	       not_valid(r, setting, key, item, text, expected);
}

static bool read_list(const struct reader *r, const struct setting *setting, struct fy_node *key, struct fy_node *value)
{
	void *at = NULL;
	struct fy_node *item;
	bool ok = true;
	if (!value || !fy_node_is_sequence(value))
		return read_item(r, setting, key, value);
	while ((item = fy_node_sequence_iterate(value, &at)))
		ok = read_item(r, setting, key, item) && ok;
	return ok;
}

static bool read_pairs(const struct reader *r, const struct setting *setting, struct fy_node *key,
		       struct fy_node *value)
{
	void *at = NULL;
	struct fy_node_pair *pair;
	if (!value || !fy_node_is_mapping(value))
		return wrong_type(r, setting, key, "a mapping of names to texts");
	while ((pair = fy_node_mapping_iterate(value, &at))) {
		struct str name, text;
		if (!scalar(fy_node_pair_key(pair), &name) || name.n == 0 || !scalar(fy_node_pair_value(pair), &text))
			return wrong_type(r, setting, key, "a mapping of names to texts");
		setting_append_pair(r->arena, r->settings, setting, name, text);
	}
	return true;
}

/* A cell of an image's row: one value, or where the column has several a list of them. */
static bool read_cell(const struct reader *r, struct fy_node *key, struct fy_node *value,
		      struct str cells[IMAGE_COLUMNS])
{
	struct str name, text;
	void *at = NULL;
	struct fy_node *item;
	struct buf cell = buf_new(r->arena);
	if (!scalar(key, &name))
		name = STR("");
	size_t column = image_column_by_name(name);
	if (column == IMAGE_COLUMNS)
		return unknown_key(r, key, name, image_column_nearest(name));
	const struct image_column *c = &image_columns[column];
	bool list = value && c->separator && fy_node_is_sequence(value);
	for (item = list ? fy_node_sequence_iterate(value, &at) : value; item || !list;
	     item = fy_node_sequence_iterate(value, &at)) {
		if (!scalar(item, &text) || !image_cell_valid(text)) {
			const char *more =
				c->separator ? "a text of one line, or a list of them" : "a text of one line";
			complain(r, key, arena_printf(r->arena, "%s: expected %s", c->name, more).p);
			return false;
		}
		if (cell.n)
			buf_char(&cell, c->separator);
		buf_add(&cell, text);
		if (!list)
			break;
	}
	cells[column] = buf_str(&cell);
	return true;
}

static bool read_row(const struct reader *r, struct fy_node *key, struct fy_node *row, struct buf *rows)
{
	struct str cells[IMAGE_COLUMNS] = {{0}};
	struct fy_node_pair *pair;
	struct fy_node *first = NULL;
	void *at = NULL;
	bool ok = true;
	if (!row || !fy_node_is_mapping(row)) {
		complain(r, key, "images: expected rows that are mappings of columns to texts (docs/images.md)");
		return false;
	}
	while ((pair = fy_node_mapping_iterate(row, &at))) {
		first = first ? first : fy_node_pair_key(pair);
		ok = read_cell(r, fy_node_pair_key(pair), fy_node_pair_value(pair), cells) && ok;
	}
	/* What would be something else than a row in the table. */
	struct str name = cells[IMAGE_KEY];
	bool row_like = name.n && !memchr("#@", name.p[0], 2) && !str_eq(name, STR("key"));
	if (ok && (!row_like || cells[IMAGE_FAMILY].n == 0)) {
		complain(r, first ? first : key, "images: a row needs a key, the image's name, and a family");
		return false;
	}
	const struct fy_mark *mark = mark_of(first);
	if (ok)
		image_row_add(rows, cells, mark ? (uint32_t)mark->line + 1 : 1);
	return ok;
}

static bool read_images(const struct reader *r, const struct setting *setting, struct fy_node *key,
			struct fy_node *value)
{
	struct buf rows = buf_new(r->arena);
	struct fy_node *row;
	void *at = NULL;
	bool ok = true;
	if (!value || !fy_node_is_sequence(value)) {
		complain(r, key, "images: expected the path of a table, or a list of rows (docs/images.md)");
		return false;
	}
	while ((row = fy_node_sequence_iterate(value, &at)))
		ok = read_row(r, key, row, &rows) && ok;
	if (rows.n)
		setting_set_rows(r->settings, setting, arena_str(r->arena, buf_str(&rows)).p);
	return ok;
}

static bool read_pair(const struct reader *r, struct fy_node *key, struct fy_node *value)
{
	struct str name, text;
	const char *expected;
	if (!scalar(key, &name)) {
		complain(r, key, "expected a key");
		return false;
	}
	const struct setting *setting = setting_by_key(name);
	if (!setting)
		return unknown_key(r, key, name, setting_nearest(name));
	if (setting_is_list(setting))
		return read_list(r, setting, key, value);
	if (setting->kind == SETTING_PAIRS)
		return read_pairs(r, setting, key, value);
	bool one = scalar(value, &text);
	if (setting->kind == SETTING_IMAGES && !one)
		return read_images(r, setting, key, value);
	if (!one)
		return wrong_type(r, setting, key, "one value");
	return setting_set(r->arena, r->settings, setting, text, &expected) ||
	       not_valid(r, setting, key, value, text, expected);
}

static bool read_document(const struct reader *r, struct fy_document *document)
{
	struct fy_node *root = fy_document_root(document);
	struct fy_node_pair *pair;
	struct str text;
	void *at = NULL;
	bool ok = true;
	if (!root || (scalar(root, &text) && text.n == 0))
		return true; /* nothing but comments */
	if (!fy_node_is_mapping(root)) {
		complain(r, root, "expected a mapping of keys to values");
		return false;
	}
	while ((pair = fy_node_mapping_iterate(root, &at)))
		ok &= read_pair(r, fy_node_pair_key(pair), fy_node_pair_value(pair));
	return ok;
}

static bool only_comments(struct str text)
{
	struct str line;
	while (str_split(&text, '\n', &line)) {
		line = str_trim(line);
		if (line.n && line.p[0] != '#' && !str_eq(line, STR("---")))
			return false;
	}
	return true;
}

static bool syntax_error(const struct reader *r, struct fy_diag *diag)
{
	void *at = NULL;
	struct fy_diag_error *error = fy_diag_errors_iterate(diag, &at);
	unsigned line = error && error->line > 0 ? (unsigned)error->line : 1;
	unsigned column = error && error->column > 0 ? (unsigned)error->column : 1;
	report_error(r->errors, r->file, line, column, error && error->msg ? error->msg : "is not YAML");
	return false;
}

/* The one document of the text. */
static bool read_text(const struct reader *r, struct fy_parser *parser, struct fy_diag *diag)
{
	struct fy_document *document = fy_parse_load_document(parser);
	if (!document)
		return syntax_error(r, diag);
	bool ok = read_document(r, document);
	fy_parse_document_destroy(parser, document);
	struct fy_document *more = fy_parse_load_document(parser);
	if (more) {
		complain(r, fy_document_root(more), "expected one document");
		fy_parse_document_destroy(parser, more);
		return false;
	}
	return fy_diag_got_error(diag) ? syntax_error(r, diag) : ok;
}

bool yaml_read(struct arena *a, const char *file, struct str text, struct settings *settings, struct buf *errors)
{
	struct reader r = {.arena = a, .file = file, .text = text, .settings = settings, .errors = errors};
	struct fy_diag_cfg diag_cfg = {.fp = NULL, .level = FYET_ERROR, .module_mask = ~0u};
	if (only_comments(text))
		return true; /* libfyaml makes no document of that, but no error either */
	size_t at = 0;
	const char *fault = yaml_text_fault(text, &at);
	if (fault) {
		unsigned line, column;
		yaml_text_place(text, at, &line, &column);
		report_error(errors, file, line, column, fault);
		return false;
	}
	struct fy_diag *diag = fy_diag_create(&diag_cfg);
	struct fy_parse_cfg cfg = {.flags = FYPCF_QUIET, .diag = diag};
	fy_diag_set_collect_errors(diag, true);
	struct fy_parser *parser = fy_parser_create(&cfg);
	bool ok = parser && fy_parser_set_string(parser, text.p, text.n) == 0 && read_text(&r, parser, diag);
	fy_parser_destroy(parser);
	fy_diag_destroy(diag);
	return ok;
}
