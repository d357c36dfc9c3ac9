/* SARIF 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/ */
#include "base/utf8.h"
#include "report/json.h"
#include "report/view.h"

/* A relative reference, or a file: URI. What is not unreserved is coded, but for what tells directories apart. */
static json_t *uri_json(struct arena *a, struct str path)
{
	bool absolute = str_starts(path, STR("/"));
	struct buf uri = buf_new(a);
	buf_add(&uri, absolute ? STR("file://") : STR(""));
	for (size_t i = 0; i < path.n; i++) {
		char c = path.p[i];
		if (ascii_alpha(c) || ascii_digit(c) || strchr("-._~/", c))
			buf_char(&uri, c);
		else
			buf_printf(&uri, "%%%02X", (unsigned char)c);
	}
	if (absolute)
		return json_pack("{s:s%}", "uri", uri.p, uri.n);
	return json_pack("{s:s%, s:s}", "uri", uri.p, uri.n, "uriBaseId", "%SRCROOT%");
}

static json_t *region_json(struct places *places, size_t start, size_t end)
{
	struct place from = place_at(places, start), to = place_at(places, end);
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "startLine", (json_int_t)from.line, "startColumn",
			 (json_int_t)from.units, "endLine", (json_int_t)to.line, "endColumn", (json_int_t)to.units,
			 "byteOffset", (json_int_t)start, "byteLength", (json_int_t)(end - start));
}

static json_t *content_json(struct arena *a, struct str text)
{
	json_t *value = json_stringn(text.p ? text.p : "", text.n);
	if (value)
		return json_pack("{s:o}", "text", value);
	struct str coded = json_base64(a, text);
	return json_pack("{s:s%}", "binary", coded.p, coded.n);
}

static json_t *change_json(struct arena *a, const struct report_item *item, const unroot_file *file)
{
	json_t *replacements = json_array();
	struct places places;
	places_open(&places, a, (struct str){file->original, file->original_length});
	for (size_t i = 0, next; i < file->edit_count; i = next) {
		struct buf text = buf_new(a);
		size_t end = file->edits[i].start;
		/* What comes first of two replacements at one place is not said anywhere: they become one. */
		for (next = i; next < file->edit_count && (next == i || file->edits[next].start == end); next++) {
			buf_add(&text, (struct str){file->edits[next].text, file->edits[next].length});
			end = file->edits[next].end;
		}
		json_t *one = json_pack("{s:o, s:o}", "deletedRegion", region_json(&places, file->edits[i].start, end),
					"insertedContent", content_json(a, buf_str(&text)));
		if (json_array_append_new(replacements, one) != 0) {
			json_decref(replacements);
			return NULL;
		}
	}
	return json_pack("{s:o, s:o}", "artifactLocation", uri_json(a, view_file_path(a, item, file)), "replacements",
			 replacements);
}

/* All that changes for one Dockerfile is one fix: as a whole it was judged, and as a whole it is made. */
static json_t *fixes_json(struct arena *a, const struct report_item *item)
{
	json_t *changes = json_array();
	for (size_t i = 0; i < item->file_count; i++)
		if (json_array_append_new(changes, change_json(a, item, &item->files[i])) != 0) {
			json_decref(changes);
			return NULL;
		}
	return json_pack("[{s:{s:s}, s:o}]", "description", "text", "What unroot fix changes for this Dockerfile",
			 "artifactChanges", changes);
}

static json_int_t rule_index(const char *rule)
{
	size_t i = 0;
	for (const char *id; (id = unroot_rule_id(i)) && strcmp(id, rule) != 0;)
		i++;
	return (json_int_t)i;
}

static json_t *result_json(struct arena *a, struct view *v, const struct view_finding *f)
{
	struct str detail = utf8_repair(a, str_of(f->finding->detail)),
		   follow = utf8_repair(a, str_of(f->finding->follow));
	json_t *location = json_pack("{s:{s:o, s:o}}", "physicalLocation", "artifactLocation", uri_json(a, v->path),
				     "region", region_json(&v->places, f->start, f->end));
	return json_pack("{s:s, s:I, s:s, s:{s:s%}, s:[o], s:{s:s}, s:{s:s, s:s%, s:s%, s:b}}", "ruleId",
			 f->finding->rule, "ruleIndex", rule_index(f->finding->rule), "level",
			 f->finding->cls == UNROOT_DISPLAY ? "note" : "warning", "message", "text", f->message.p,
			 f->message.n, "locations", location, "partialFingerprints", "unrootFinding/v1", f->fingerprint,
			 "properties", "class", report_class_name(f->finding->cls), "detail", detail.p, detail.n,
			 "follow", follow.p, follow.n, "fixed", f->finding->fixed);
}

/* The fix stands at the first result that it mends; others of the file say by `fixed` that it mends them, too. */
static bool sarif_file(struct arena *a, const struct report_item *item, struct buf *out)
{
	struct view v;
	struct view_finding f;
	bool ok = true, first = true, fixes = !item->written;
	for (view_open(&v, a, item); ok && view_next(&v, &f); first = false) {
		json_t *result = result_json(a, &v, &f);
		if (fixes && f.finding->fixed && item->file_count) {
			ok = json_object_set_new(result, "fixes", fixes_json(a, item)) == 0;
			fixes = false;
		}
		buf_add(out, first ? STR("") : STR(",\n"));
		ok = json_add(out, result) && ok;
	}
	return ok;
}

static bool sarif_note(struct arena *a, const struct report_item *item, struct buf *out)
{
	struct str message = report_plain(a, str_of(item->error->message));
	json_t *physical = json_pack("{s:o}", "artifactLocation", uri_json(a, view_path(item->path)));
	if (item->error->line)
		json_object_set_new(physical, "region", json_pack("{s:I}", "startLine", (json_int_t)item->error->line));
	return json_add(out, json_pack("{s:s, s:{s:s%}, s:[{s:o}]}", "level", "error", "message", "text", message.p,
				       message.n, "locations", "physicalLocation", physical));
}

/* The first paragraph of a rule's page, below its heading, in one line. */
static struct str summary_of(struct arena *a, struct str page)
{
	struct buf out = buf_new(a);
	struct str line;
	str_split(&page, '\n', &line);
	while (str_split(&page, '\n', &line)) {
		if (line.n == 0 && out.n)
			break;
		buf_add(&out, line.n && out.n ? STR(" ") : STR(""));
		buf_add(&out, line);
	}
	return buf_str(&out);
}

static json_t *rule_json(struct arena *a, const char *id)
{
	struct str page = str_of(unroot_rule_page(id)), summary = summary_of(a, page);
	return json_pack("{s:s, s:{s:s%}, s:{s:s%}, s:{s:s%, s:s%}, s:{s:[s, s]}}", "id", id, "shortDescription",
			 "text", summary.p, summary.n, "fullDescription", "text", summary.p, summary.n, "help", "text",
			 page.p, page.n, "markdown", page.p, page.n, "properties", "tags", "security", "containers");
}

static bool sarif_end(struct arena *a, struct str notes, bool failed, struct buf *out)
{
	json_t *rules = json_array();
	bool ok = true;
	for (size_t i = 0; unroot_rule_id(i) && ok; i++)
		ok = json_array_append_new(rules, rule_json(a, unroot_rule_id(i))) == 0;
	buf_add(out, STR("\n],\n\"tool\":"));
	ok = json_add(out, json_pack("{s:{s:s, s:s, s:s, s:o}}", "driver", "name", "unroot", "version",
				     unroot_version(), "semanticVersion", unroot_version(), "rules", rules)) &&
	     ok;
	buf_printf(out, ",\n\"invocations\":[{\"executionSuccessful\":%s,\"toolExecutionNotifications\":[",
		   failed ? "false" : "true");
	buf_add(out, notes);
	buf_add(out, STR("]}]\n}]}\n"));
	return ok;
}

const struct report_format report_sarif = {
	.name = "sarif",
	.head = "{\"$schema\":\"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
		"sarif-schema-2.1.0.json\","
		"\"version\":\"2.1.0\",\n\"runs\":[{\"columnKind\":\"utf16CodeUnits\",\"results\":[\n",
	.between = ",\n",
	.tail = "",
	.edits = true,
	.file = sarif_file,
	.note = sarif_note,
	.end = sarif_end,
};
