/* The Reviewdog Diagnostic Format: https://github.com/reviewdog/reviewdog/tree/master/proto/rdf
   Columns count bytes from 1, ends are exclusive. reviewdog shows a suggestion only where it replaces the very lines
   that its diagnostic is about, so a change that no finding is about brings a diagnostic of its own. */
#include "base/utf8.h"
#include "report/json.h"
#include "report/lines.h"

static json_t *position(uint32_t line, uint32_t column)
{
	return json_pack("{s:I, s:I}", "line", (json_int_t)line, "column", (json_int_t)column);
}

static json_t *line_range(uint32_t first, uint32_t last)
{
	return json_pack("{s:{s:I}, s:{s:I}}", "start", "line", (json_int_t)first, "end", "line", (json_int_t)last);
}

static json_t *diagnostic(struct arena *a, struct str message, struct str path, json_t *range, const char *severity,
			  const char *code)
{
	path = utf8_repair(a, path);
	json_t *location = json_pack("{s:s%, s:o*}", "path", path.p, path.n, "range", range);
	return json_pack("{s:s%, s:o, s:s, s:{s:s}}", "message", message.p, message.n, "location", location, "severity",
			 severity, "code", "value", code);
}

/* False when memory ran out. Text that is not UTF-8 cannot be suggested. */
static bool add_suggestion(struct arena *a, json_t *to, const struct line_change *change)
{
	if (utf8_repair(a, change->text).p != change->text.p)
		return true;
	json_t *one = json_pack("[{s:o, s:s%}]", "range", line_range(change->first, change->last), "text",
				change->text.p, change->text.n);
	return one && json_object_set_new(to, "suggestions", one) == 0;
}

struct writer {
	struct arena *a;
	struct buf *out;
	bool any, ok;
};

static void add(struct writer *w, json_t *value)
{
	buf_add(w->out, w->any ? STR(",\n") : STR(""));
	w->ok = json_add(w->out, value) && w->ok;
	w->any = true;
}

/* Findings and changes are both sorted by place. */
static void add_findings(struct writer *w, const struct report_item *item, const struct line_changes *changes,
			 bool *suggested)
{
	struct view v;
	struct view_finding f;
	size_t next = 0;
	for (view_open(&v, w->a, item); w->ok && view_next(&v, &f);) {
		json_t *range = json_pack("{s:o, s:o}", "start", position(f.from.line, f.from.column), "end",
					  position(f.to.line, f.to.column));
		json_t *one = diagnostic(w->a, f.message, v.path, range,
					 f.finding->cls == UNROOT_DISPLAY ? "INFO" : "WARNING", f.finding->rule);
		while (next < changes->n && changes->at[next].first < f.from.line)
			next++;
		if (next < changes->n && !suggested[next] && f.finding->fixed &&
		    changes->at[next].first == f.from.line && changes->at[next].last == f.to.line) {
			suggested[next] = true;
			w->ok = add_suggestion(w->a, one, &changes->at[next]) && w->ok;
		}
		add(w, one);
	}
}

/* The changes that stand at no finding. */
static void add_changes(struct writer *w, struct str path, const struct line_changes *changes, const bool *suggested)
{
	for (size_t i = 0; i < changes->n && w->ok; i++) {
		if (suggested && suggested[i])
			continue;
		json_t *one = diagnostic(w->a, STR("Part of the fix"), path,
					 line_range(changes->at[i].first, changes->at[i].last), "INFO", "fix");
		w->ok = add_suggestion(w->a, one, &changes->at[i]);
		add(w, one);
	}
}

static bool rdjson_file(struct arena *a, const struct report_item *item, struct buf *out)
{
	struct writer w = {.a = a, .out = out, .ok = true};
	size_t files = item->written ? 0 : item->file_count;
	bool dockerfile = files && strcmp(item->files[0].path, item->path) == 0;
	struct line_changes changes = dockerfile ? line_changes_of(a, &item->files[0]) : (struct line_changes){0};
	bool *suggested = ARENA_ARRAY(a, bool, changes.n);
	add_findings(&w, item, &changes, suggested);
	add_changes(&w, view_path(item->path), &changes, suggested);
	for (size_t i = dockerfile; i < files; i++) {
		changes = line_changes_of(a, &item->files[i]);
		add_changes(&w, view_file_path(a, item, &item->files[i]), &changes, NULL);
	}
	if (item->error) {
		uint32_t line = item->error->line;
		add(&w, diagnostic(a, report_plain(a, str_of(item->error->message)), view_path(item->path),
				   line ? json_pack("{s:o}", "start",
						    position(line, item->error->column ? item->error->column : 1))
					: NULL,
				   "ERROR", "error"));
	}
	return w.ok;
}

const struct report_format report_rdjson = {
	.name = "rdjson",
	.head = "{\"source\":{\"name\":\"unroot\"},\"diagnostics\":[\n",
	.between = ",\n",
	.tail = "\n]}\n",
	.edits = true,
	.file = rdjson_file,
};
