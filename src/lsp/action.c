#include "lsp/action.h"

#include "base/utf8.h"
#include "lsp/change.h"
#include "lsp/diagnostic.h"
#include "lsp/document.h"
#include "lsp/ignore.h"

/* What a request for code actions is about. */
struct request {
	struct worker *w;
	const struct job *job;
	struct subject *s;
	const struct analysis *analysis;
	struct groups groups;
	size_t start, end; /* of the document */
	json_t *actions;
};

/* Whether the client wants actions of a kind: none is named, or that one, or one that it is part of. */
static bool wants(const struct request *r, struct str kind)
{
	const json_t *only = json_at(r->job->params, "context.only");
	for (size_t i = 0; i < json_array_size(only); i++) {
		struct str wanted = json_text(json_array_get(only, i));
		if (wanted.p && str_starts(kind, wanted) && (kind.n == wanted.n || kind.p[wanted.n] == '.'))
			return true;
	}
	return !json_is_array(only);
}

static bool is_met(const struct request *r, size_t finding)
{
	const unroot_finding *f = &r->analysis->findings[finding];
	return f->start <= r->end && f->end >= r->start;
}

/* The members of a finding's group that the range meets. */
static json_t *met_diagnostics(const struct request *r, size_t finding)
{
	json_t *all = json_array();
	for (size_t i = r->groups.first[finding]; i != STR_NONE; i = r->groups.next[i])
		if (is_met(r, i))
			json_array_append_new(all, diagnostic_json(r->w, r->job, r->s, r->analysis, &r->groups, i));
	return all;
}

/* Takes `diagnostics` and `edit`. */
static void add_action(struct request *r, const char *title, const char *kind, bool preferred, json_t *diagnostics,
		       json_t *edit)
{
	json_t *action = json_pack("{s:s, s:s, s:o}", "title", title, "kind", kind, "edit", edit);
	if (diagnostics)
		json_object_set_new(action, "diagnostics", diagnostics);
	if (preferred)
		json_object_set_new(action, "isPreferred", json_true());
	json_array_append_new(r->actions, action);
}

/* "Fix run-as-root, copy-without-chown, … (unsafe: …)". */
static const char *fix_title(const struct request *r, size_t finding)
{
	const unroot_finding *findings = r->analysis->findings, *lead = &findings[r->groups.lead[finding]];
	struct buf title = buf_new(&r->w->arena);
	const char *follow = "";
	bool others = false;
	for (size_t i = r->groups.first[finding]; i != STR_NONE; i = r->groups.next[i]) {
		others |= strcmp(findings[i].rule, lead->rule) != 0;
		follow = *follow ? follow : findings[i].follow;
	}
	buf_printf(&title, "Fix %s%s", lead->rule, others ? " and what belongs to it" : "");
	if (lead->cls == UNROOT_UNSAFE)
		buf_add(&title, STR(" (unsafe: rests on a fact that is not known)"));
	else if (lead->cls == UNROOT_INTERFACE)
		buf_printf(&title, " (interface: %s)", *follow ? follow : "something outside has to follow");
	buf_char(&title, '\0');
	return utf8_repair(&r->w->arena, str_of(title.p)).p;
}

static void add_fix(struct request *r, size_t finding)
{
	const unroot_finding *lead = &r->analysis->findings[r->groups.lead[finding]];
	const struct analysis *fix = subject_analyse(r->w, r->s, r->s->prepared->safe, r->s->given, lead);
	json_t *edit = fix->file_count ? workspace_edit(r->w, r->job, r->s, fix) : NULL;
	if (edit)
		add_action(r, fix_title(r, finding), ACTION_QUICK_FIX, lead->cls == UNROOT_SAFE,
			   met_diagnostics(r, finding), edit);
}

/* Findings of one rule at one place share the comment. */
static bool is_repeated(const struct request *r, size_t finding)
{
	const unroot_finding *f = &r->analysis->findings[finding];
	return finding > 0 && f[-1].start == f->start && strcmp(f[-1].rule, f->rule) == 0;
}

static void add_ignore(struct request *r, size_t finding)
{
	const unroot_finding *f = &r->analysis->findings[finding];
	struct insertion comment = ignore_comment(&r->w->arena, r->s->text, f->start, f->rule);
	json_t *edit = workspace_edit_one(r->job, r->s, comment.at, comment.text);
	json_t *diagnostics = json_pack("[o]", diagnostic_json(r->w, r->job, r->s, r->analysis, &r->groups, finding));
	struct str title = arena_printf(&r->w->arena, "Ignore %s here", f->rule);
	if (edit)
		add_action(r, title.p, ACTION_QUICK_FIX, false, diagnostics, edit);
}

static void add_quick_fixes(struct request *r)
{
	bool *done = ARENA_ARRAY(&r->w->arena, bool, r->analysis->finding_count);
	for (size_t i = 0; i < r->analysis->finding_count; i++) {
		bool *lead = &done[r->groups.lead[i]];
		if (!is_met(r, i) || !r->analysis->findings[i].fixable || *lead)
			continue;
		*lead = true;
		add_fix(r, i);
	}
	for (size_t i = 0; i < r->analysis->finding_count; i++)
		if (is_met(r, i) && !is_repeated(r, i))
			add_ignore(r, i);
}

static void add_fix_all(struct request *r)
{
	json_t *edit = r->analysis->file_count ? workspace_edit(r->w, r->job, r->s, r->analysis) : NULL;
	if (edit)
		add_action(r, "Apply all safe fixes of unroot", ACTION_FIX_ALL, false, NULL, edit);
}

/* The safe fixes of a document that may be fixed, or NULL. */
static const struct analysis *safe_fixes(struct worker *w, struct subject *s)
{
	const struct analysis *analysis =
		subject_open(s) ? subject_analyse(w, s, s->prepared->safe, s->given, NULL) : NULL;
	return analysis && analysis->report ? analysis : NULL;
}

void action_list(struct worker *w, struct job *job, struct subject *s)
{
	struct request r = {.w = w, .job = job, .s = s, .analysis = safe_fixes(w, s), .actions = json_array()};
	struct text_position start, end;
	job->result = r.actions;
	if (!r.analysis || !position_read(json_at(job->params, "range.start"), &start) ||
	    !position_read(json_at(job->params, "range.end"), &end))
		return;
	r.groups = groups_of(&w->arena, r.analysis);
	r.start = lines_offset(&s->lines, start, NULL);
	r.end = lines_offset(&s->lines, end, NULL);
	if (wants(&r, STR(ACTION_QUICK_FIX)))
		add_quick_fixes(&r);
	if (wants(&r, STR(ACTION_FIX_ALL)))
		add_fix_all(&r);
}

void action_format(struct worker *w, struct job *job, struct subject *s)
{
	const struct analysis *analysis = safe_fixes(w, s);
	const unroot_file *own = analysis ? analysis_own_file(analysis, s) : NULL;
	if (analysis && analysis->file_count > (own != NULL)) { /* fixes that need other files are not for it */
		analysis = subject_analyse(w, s, s->prepared->safe, NULL, NULL);
		own = analysis->report ? analysis_own_file(analysis, s) : NULL;
	}
	if (own)
		job->result = text_edits(&w->arena, &s->lines, own->edits, own->edit_count);
	else if (analysis && analysis->report)
		job->result = json_array();
}

void action_fix_all(struct worker *w, struct job *job, struct subject *s)
{
	const struct analysis *analysis = safe_fixes(w, s);
	if (analysis && analysis->file_count)
		job->result = workspace_edit(w, job, s, analysis);
}
