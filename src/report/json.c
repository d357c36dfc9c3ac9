/* JSON, as docs/json.md describes it. */
#include "report/json.h"
#include "report/report.h"

static json_t *finding_json(struct arena *a, const unroot_finding *f)
{
	json_t *o = json_object();
	bool ok = json_set_text(a, o, "rule", f->rule) && json_set_text(a, o, "class", report_class_name(f->cls)) &&
		  json_set_text(a, o, "message", f->message) && json_set_text(a, o, "detail", f->detail) &&
		  json_set_text(a, o, "follow", f->follow) && json_set_number(o, "start", f->start) &&
		  json_set_number(o, "end", f->end) && json_set_number(o, "line", f->line) &&
		  json_set_number(o, "column", f->column) && json_set_number(o, "end_line", f->end_line) &&
		  json_set_number(o, "end_column", f->end_column) && json_set_number(o, "bundle", f->bundle) &&
		  json_object_set_new(o, "fixed", json_boolean(f->fixed)) == 0;
	if (ok)
		return o;
	json_decref(o);
	return NULL;
}

static json_t *edit_json(struct arena *a, const unroot_edit *e)
{
	json_t *o = json_object();
	if (json_set_number(o, "start", e->start) && json_set_number(o, "end", e->end) &&
	    json_set_bytes(a, o, "text", (struct str){e->text, e->length}))
		return o;
	json_decref(o);
	return NULL;
}

static json_t *change_json(struct arena *a, const unroot_file *file)
{
	json_t *o = json_object(), *edits = json_array();
	bool ok = json_set_bytes(a, o, "path", str_of(file->path));
	for (size_t i = 0; i < file->edit_count && ok; i++)
		ok = json_array_append_new(edits, edit_json(a, &file->edits[i])) == 0;
	/* The array is the object's from here on, whatever comes of it. */
	if (json_object_set_new(o, "edits", edits) == 0 && ok)
		return o;
	json_decref(o);
	return NULL;
}

static json_t *error_json(struct arena *a, const unroot_error *error)
{
	json_t *o = json_object();
	if (json_set_number(o, "line", error->line) && json_set_number(o, "column", error->column) &&
	    json_set_text(a, o, "message", error->message))
		return o;
	json_decref(o);
	return NULL;
}

static bool json_file(struct arena *a, const struct report_item *item, struct buf *out)
{
	json_t *o = json_object(), *findings = json_array(), *changes = json_array();
	bool ok = json_set_bytes(a, o, "path", str_of(item->path));
	for (size_t i = 0; i < item->finding_count && ok; i++)
		ok = json_array_append_new(findings, finding_json(a, &item->findings[i])) == 0;
	for (size_t i = 0; i < item->file_count && ok; i++)
		ok = json_array_append_new(changes, change_json(a, &item->files[i])) == 0;
	ok &= json_object_set_new(o, "findings", findings) == 0;
	ok &= json_object_set_new(o, "changes", changes) == 0;
	ok &= json_object_set_new(o, "written", json_boolean(item->written)) == 0;
	ok &= json_object_set_new(o, "error", item->error ? error_json(a, item->error) : json_null()) == 0;
	if (!ok) {
		json_decref(o);
		return false;
	}
	return json_add(out, o);
}

const struct report_format report_json = {
	.name = "json", .head = "{\"schema\":1,\"files\":[\n", .between = ",\n", .tail = "\n]}\n", .edits = true, .file = json_file};
