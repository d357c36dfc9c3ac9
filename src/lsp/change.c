#include "lsp/change.h"

#include "base/path.h"
#include "lsp/uri.h"

static json_t *position_json(struct text_position place)
{
	return json_pack("{s:I, s:I}", "line", (json_int_t)place.line, "character", (json_int_t)place.column);
}

json_t *range_json(const struct lines *lines, size_t start, size_t end)
{
	return json_pack("{s:o, s:o}", "start", position_json(lines_position(lines, start)), "end",
			 position_json(lines_position(lines, end)));
}

/* Takes `text`. */
static json_t *text_edit(const struct lines *lines, size_t start, size_t end, json_t *text)
{
	return json_pack("{s:o, s:o}", "range", range_json(lines, start, end), "newText", text);
}

/* How many of the first edits have to be one: a position can name nothing between them. */
static size_t joined(struct str text, const unroot_edit *edits, size_t n)
{
	size_t i = 1;
	while (i < n && text_boundary_behind(text, edits[i - 1].end) > text_boundary_before(text, edits[i].start))
		i++;
	return i;
}

json_t *text_edits(struct arena *a, const struct lines *lines, const unroot_edit *edits, size_t n)
{
	struct str text = lines->text;
	json_t *all = json_array();
	for (size_t i = 0, count; i < n; i += count) {
		count = joined(text, edits + i, n - i);
		size_t start = text_boundary_before(text, edits[i].start);
		size_t end = text_boundary_behind(text, edits[i + count - 1].end);
		struct buf by = buf_new(a);
		size_t at = start;
		for (size_t k = i; k < i + count; k++) {
			buf_add(&by, str_sub(text, at, edits[k].start));
			buf_add(&by, (struct str){edits[k].text, edits[k].length});
			at = edits[k].end;
		}
		buf_add(&by, str_sub(text, at, end));
		struct str whole = buf_str(&by);
		if (json_array_append_new(all, text_edit(lines, start, end, json_stringn(whole.p, whole.n))) != 0) {
			json_decref(all);
			return NULL;
		}
	}
	return all;
}

struct str changed_uri(struct worker *w, const struct job *job, struct subject *s, const char *path)
{
	if (strcmp(path, s->name) == 0)
		return str_of(job->uri);
	struct str full = path_join(&w->arena, STR(""), str_of(provider_path(&s->files, path)));
	const struct document_open *document = subject_open_at(s, full);
	return document ? str_of(document->uri) : uri_of(&w->arena, full);
}

/* What is on the disk has no version. */
static json_t *version_of(const struct job *job, struct str uri)
{
	if (str_eq(uri, str_of(job->uri)))
		return json_integer(job->version);
	for (const struct document_open *d = job->open.first; d; d = d->next)
		if (str_eq(uri, str_of(d->uri)))
			return json_integer(d->version);
	return json_null();
}

static json_t *new_edit(const struct job *job)
{
	return job->client->document_changes ? json_pack("{s:[]}", "documentChanges") : json_pack("{s:{}}", "changes");
}

/* Takes `edits`. */
static bool add_file(const struct job *job, json_t *edit, struct str uri, json_t *edits)
{
	if (!job->client->document_changes)
		return json_object_setn_new(json_object_get(edit, "changes"), uri.p, uri.n, edits) == 0;
	return json_array_append_new(json_object_get(edit, "documentChanges"),
				     json_pack("{s:{s:s%, s:o}, s:o}", "textDocument", "uri", uri.p, uri.n, "version",
					       version_of(job, uri), "edits", edits)) == 0;
}

json_t *workspace_edit_one(const struct job *job, const struct subject *s, size_t at, struct str text)
{
	json_t *edit = new_edit(job);
	json_t *insertion = text_edit(&s->lines, at, at, json_stringn(text.p, text.n));
	if (add_file(job, edit, str_of(job->uri), json_pack("[o]", insertion)))
		return edit;
	json_decref(edit);
	return NULL;
}

/* A client that shows a file leaves its byte order mark out. */
static size_t mark_of(struct str text)
{
	return str_starts(text, STR("\xEF\xBB\xBF")) ? 3 : 0;
}

/* The edits of another file than the document. */
static json_t *edits_of_other(struct arena *a, enum encoding encoding, const unroot_file *file)
{
	struct str text = {file->original, file->original_length};
	size_t mark = mark_of(text);
	struct lines lines = lines_of(a, str_sub(text, mark, text.n), encoding);
	unroot_edit *edits = ARENA_ARRAY(a, unroot_edit, file->edit_count);
	for (size_t i = 0; i < file->edit_count; i++) {
		edits[i] = file->edits[i];
		if (edits[i].start < mark)
			return NULL;
		edits[i].start -= mark;
		edits[i].end -= mark;
	}
	return text_edits(a, &lines, edits, file->edit_count);
}

json_t *workspace_edit(struct worker *w, const struct job *job, struct subject *s, const struct analysis *analysis)
{
	json_t *edit = new_edit(job);
	for (size_t i = 0; i < analysis->file_count; i++) {
		const unroot_file *file = &analysis->files[i];
		bool own = file == analysis_own_file(analysis, s);
		json_t *edits = own ? text_edits(&w->arena, &s->lines, file->edits, file->edit_count)
				    : edits_of_other(&w->arena, job->client->encoding, file);
		if (!edits || !add_file(job, edit, changed_uri(w, job, s, file->path), edits)) {
			json_decref(edit);
			return NULL;
		}
	}
	return edit;
}
