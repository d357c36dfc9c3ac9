#include "cli/yaml.h"

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

static bool wrong_type(const struct reader *r, const struct setting *setting, struct fy_node *key,
		       const char *expected)
{
	complain(r, key, arena_printf(r->arena, "%s: expected %s", setting->key, expected).p);
	return false;
}

static bool read_list(const struct reader *r, const struct setting *setting, struct fy_node *key,
		      struct fy_node *value)
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

/* True when there was none: a text of comments alone gives no document either. */
static bool no_syntax_error(const struct reader *r, struct fy_diag *diag)
{
	void *at = NULL;
	struct fy_diag_error *error = fy_diag_errors_iterate(diag, &at);
	if (!error)
		return true;
	unsigned line = error->line > 0 ? (unsigned)error->line : 1;
	unsigned column = error->column > 0 ? (unsigned)error->column : 1;
	report_error(r->errors, r->file, line, column, error->msg ? error->msg : "is not YAML");
	return false;
}

bool yaml_read(struct arena *a, const char *file, struct str text, struct settings *settings, struct buf *errors)
{
	struct reader r = {.arena = a, .file = file, .text = text, .settings = settings, .errors = errors};
	struct fy_diag_cfg diag_cfg = {.fp = NULL, .level = FYET_ERROR, .module_mask = ~0u};
	struct fy_diag *diag = fy_diag_create(&diag_cfg);
	struct fy_parse_cfg cfg = {.flags = FYPCF_QUIET, .diag = diag};
	bool ok = true;
	/* libfyaml takes no text for nothing to do. */
	if (!diag || str_trim(text).n == 0)
		goto out;
	fy_diag_set_collect_errors(diag, true);
	struct fy_document *document = fy_document_build_from_string(&cfg, text.p, text.n);
	ok = document ? read_document(&r, document) : no_syntax_error(&r, diag);
	fy_document_destroy(document);
out:
	fy_diag_destroy(diag);
	return ok;
}
