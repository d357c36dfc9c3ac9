#include "project/yaml.h"

#include <libfyaml.h>

#include "report/report.h"

struct reader {
	struct arena *arena;
	const char *file;
	struct str text;
	struct settings *settings;
	struct buf *errors;
};

/* libfyaml counts columns in characters, everything else here in bytes. */
static void complain(const struct reader *r, struct fy_node *place, const char *message)
{
	struct fy_token *token = place ? fy_node_get_scalar_token(place) : NULL;
	const struct fy_mark *mark = token ? fy_token_start_mark(token) : NULL;
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

static bool read_list(const struct reader *r, const struct setting *setting, struct fy_node *key, struct fy_node *value)
{
	void *at = NULL;
	struct fy_node *item;
	struct str text;
	if (scalar(value, &text)) {
		setting_append(r->arena, r->settings, setting, text);
		return true;
	}
	if (!value || !fy_node_is_sequence(value))
		return wrong_type(r, setting, key, "a list of texts");
	while ((item = fy_node_sequence_iterate(value, &at))) {
		if (!scalar(item, &text))
			return wrong_type(r, setting, key, "a list of texts");
		setting_append(r->arena, r->settings, setting, text);
	}
	return true;
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

static bool read_pair(const struct reader *r, struct fy_node *key, struct fy_node *value)
{
	struct str name, text;
	const char *expected;
	if (!scalar(key, &name)) {
		complain(r, key, "expected a key");
		return false;
	}
	const struct setting *setting = setting_by_key(name);
	if (!setting) {
		const char *near = setting_nearest(name);
		struct str message = arena_printf(r->arena, "unknown key %.*s%s%s%s", STR_ARG(name),
						  near ? " (did you mean " : "", near ? near : "", near ? "?)" : "");
		complain(r, key, message.p);
		return false;
	}
	if (setting->kind == SETTING_LIST)
		return read_list(r, setting, key, value);
	if (setting->kind == SETTING_PAIRS)
		return read_pairs(r, setting, key, value);
	if (!scalar(value, &text))
		return wrong_type(r, setting, key, "one value");
	if (setting_set(r->arena, r->settings, setting, text, &expected))
		return true;
	complain(r, value,
		 arena_printf(r->arena, "%s: %.*s is not valid, expected %s", setting->key, STR_ARG(text), expected).p);
	return false;
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

static void syntax_error(const struct reader *r, struct fy_diag *diag)
{
	void *at = NULL;
	struct fy_diag_error *error = fy_diag_errors_iterate(diag, &at);
	unsigned line = error && error->line > 0 ? (unsigned)error->line : 1;
	unsigned column = error && error->column > 0 ? (unsigned)error->column : 1;
	report_error(r->errors, r->file, line, column, error && error->msg ? error->msg : "is not YAML");
}

bool yaml_read(struct arena *a, const char *file, struct str text, struct settings *settings, struct buf *errors)
{
	struct reader r = {.arena = a, .file = file, .text = text, .settings = settings, .errors = errors};
	struct fy_diag_cfg diag_cfg = {.fp = NULL, .level = FYET_ERROR, .module_mask = ~0u};
	if (only_comments(text))
		return true; /* libfyaml makes no document of that, but no error either */
	struct fy_diag *diag = fy_diag_create(&diag_cfg);
	struct fy_parse_cfg cfg = {.flags = FYPCF_QUIET, .diag = diag};
	fy_diag_set_collect_errors(diag, true);
	struct fy_document *document = fy_document_build_from_string(&cfg, text.p, text.n);
	bool ok = document && read_document(&r, document);
	if (!document)
		syntax_error(&r, diag);
	fy_document_destroy(document);
	fy_diag_destroy(diag);
	return ok;
}
