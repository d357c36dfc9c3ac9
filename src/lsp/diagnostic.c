#include "lsp/diagnostic.h"

#include "lsp/change.h"
#include "report/json.h"
#include "report/report.h"

/* DiagnosticSeverity */
enum { SEVERITY_ERROR = 1, SEVERITY_WARNING = 2, SEVERITY_INFORMATION = 3 };

/* Of one bundle; a list of hundreds helps nobody. */
enum { MOST_RELATED = 20 };

static json_t *text_json(struct arena *a, struct str text)
{
	struct str plain = report_plain(a, text);
	return json_stringn(plain.p, plain.n);
}

static struct str first_line(const char *message)
{
	struct str rest = str_of(message), line = {"", 0};
	str_split(&rest, '\n', &line);
	return line;
}

static json_t *related_json(struct worker *w, const struct job *job, const struct subject *s, const unroot_finding *f)
{
	struct str text = first_line(f->message);
	text = arena_printf(&w->arena, "%s: %.*s", f->rule, STR_ARG(text));
	return json_pack("{s:{s:s, s:o}, s:o}", "location", "uri", job->uri, "range",
			 range_json(&s->lines, f->start, f->end), "message", text_json(&w->arena, text));
}

/* For the finding that stands for its group the others; for the others that one. */
static json_t *all_related(struct worker *w, const struct job *job, const struct subject *s,
			   const struct analysis *analysis, const struct groups *groups, size_t finding)
{
	json_t *all = json_array();
	size_t lead = groups->lead[finding];
	if (lead != finding)
		json_array_append_new(all, related_json(w, job, s, &analysis->findings[lead]));
	size_t other = lead == finding ? groups->first[finding] : STR_NONE;
	for (; other != STR_NONE && json_array_size(all) < MOST_RELATED; other = groups->next[other])
		if (other != finding)
			json_array_append_new(all, related_json(w, job, s, &analysis->findings[other]));
	return all;
}

json_t *diagnostic_json(struct worker *w, const struct job *job, const struct subject *s,
			const struct analysis *analysis, const struct groups *groups, size_t finding)
{
	const unroot_finding *f = &analysis->findings[finding];
	struct str message = report_message(&w->arena, f);
	json_t *all = json_pack("{s:o, s:i, s:s, s:s, s:o}", "range", range_json(&s->lines, f->start, f->end),
				"severity", f->cls == UNROOT_DISPLAY ? SEVERITY_INFORMATION : SEVERITY_WARNING, "code",
				f->rule, "source", "unroot", "message", json_stringn(message.p, message.n));
	if (job->client->code_description)
		json_object_set_new(all, "codeDescription",
				    json_pack("{s:s}", "href", report_rule_url(&w->arena, f->rule)));
	if (job->client->related_information && f->bundle)
		json_object_set_new(all, "relatedInformation", all_related(w, job, s, analysis, groups, finding));
	return all;
}

/* What is wrong with the whole file, at a place of it. */
static json_t *error_json(struct worker *w, const struct subject *s, size_t start, size_t end, const char *message)
{
	return json_pack("{s:o, s:i, s:s, s:o}", "range", range_json(&s->lines, start, end), "severity", SEVERITY_ERROR,
			 "source", "unroot", "message", text_json(&w->arena, str_of(message)));
}

/* From the place of an error, which counts bytes and lines with LF alone, to the end of its line. */
static json_t *fault_json(struct worker *w, const struct subject *s, const unroot_error *error)
{
	size_t start = 0, end;
	for (unsigned line = 1; line < error->line && start < s->text.n; line++) {
		end = str_find_char(s->text, '\n', start);
		start = end == STR_NONE ? s->text.n : end + 1;
	}
	start += error->column ? error->column - 1 : 0;
	start = start < s->text.n ? start : s->text.n;
	end = str_find_char(s->text, '\n', start);
	end = end == STR_NONE ? s->text.n : end;
	return error_json(w, s, text_boundary_before(s->text, start), text_boundary_before(s->text, end),
			  error->message);
}

static json_t *list(struct worker *w, const struct job *job, struct subject *s)
{
	if (s->left_out)
		return json_array();
	if (!s->prepared->safe)
		return json_pack("[o]", error_json(w, s, 0, 0, s->prepared->fault));
	const struct analysis *analysis = subject_analyse(w, s, s->prepared->safe, s->given, NULL);
	if (!analysis->report)
		return json_pack("[o]", fault_json(w, s, &analysis->error));
	struct groups groups = groups_of(&w->arena, analysis);
	json_t *all = json_array();
	for (size_t i = 0; i < analysis->finding_count; i++)
		json_array_append_new(all, diagnostic_json(w, job, s, analysis, &groups, i));
	return all;
}

void diagnostics_list(struct worker *w, struct job *job, struct subject *s)
{
	job->result = list(w, job, s);
}

/* What files say may have changed without the document: the answer itself tells whether it has. */
static struct str result_id(struct worker *w, json_t *items)
{
	struct buf text = buf_new(&w->arena);
	json_add(&text, json_incref(items));
	return arena_printf(&w->arena, "%zu-%08x", text.n, str_hash(buf_str(&text)));
}

void diagnostics_pull(struct worker *w, struct job *job, struct subject *s)
{
	json_t *items = list(w, job, s);
	struct str id = result_id(w, items);
	if (str_eq(json_text(json_at(job->params, "previousResultId")), id)) {
		json_decref(items);
		job->result = json_pack("{s:s, s:s}", "kind", "unchanged", "resultId", id.p);
	} else {
		job->result = json_pack("{s:s, s:s, s:o}", "kind", "full", "resultId", id.p, "items", items);
	}
}
