/* Workflow commands, which GitHub Actions shows at the lines of a pull request:
   https://docs.github.com/actions/reference/workflow-commands-for-github-actions */
#include "report/view.h"

/* A message ends with its line; a property also with a colon or a comma. */
static void add_escaped(struct arena *a, struct str text, bool property, struct buf *out)
{
	text = report_plain(a, text);
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		if (c == '%' || c == '\n' || c == '\r' || (property && (c == ':' || c == ',')))
			buf_printf(out, "%%%02X", (unsigned char)c);
		else
			buf_char(out, c);
	}
}

static void add_finding(struct arena *a, const struct view *v, const struct view_finding *f, struct buf *out)
{
	buf_add(out, f->finding->cls == UNROOT_DISPLAY ? STR("::notice file=") : STR("::warning file="));
	add_escaped(a, v->path, true, out);
	buf_printf(out, ",line=%u,endLine=%u", f->from.line, f->to.line);
	if (f->from.line == f->to.line) /* columns are refused where there are several lines */
		buf_printf(out, ",col=%u,endColumn=%u", f->from.units, f->to.units);
	buf_add(out, STR(",title="));
	add_escaped(a, arena_printf(a, "unroot: %s (%s)", f->finding->rule, report_class_name(f->finding->cls)), true,
		    out);
	buf_add(out, STR("::"));
	add_escaped(a, f->message, false, out);
	buf_char(out, '\n');
}

static bool github_file(struct arena *a, const struct report_item *item, struct buf *out)
{
	struct view v;
	struct view_finding f;
	view_open(&v, a, item);
	while (view_next(&v, &f))
		add_finding(a, &v, &f, out);
	if (!item->error)
		return true;
	buf_add(out, STR("::error file="));
	add_escaped(a, v.path, true, out);
	if (item->error->line)
		buf_printf(out, ",line=%u", item->error->line);
	buf_add(out, STR(",title=unroot::"));
	add_escaped(a, str_of(item->error->message), false, out);
	buf_char(out, '\n');
	return true;
}

const struct report_format report_github = {
	.name = "github", .head = "", .between = "", .tail = "", .file = github_file};
