/* Checkstyle's XML, which Jenkins, reviewdog and many others read. */
#include "report/view.h"

/* An attribute's text. XML has no way at all to write most control characters. */
static void add_escaped(struct arena *a, struct str text, struct buf *out)
{
	text = report_plain(a, text);
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		if (c == '&' || c == '<' || c == '>' || c == '"' || c == '\n' || c == '\t')
			buf_printf(out, "&#%u;", (unsigned char)c);
		else
			buf_char(out, c);
	}
}

static void add_error(struct arena *a, struct buf *out, unsigned line, unsigned column, const char *severity,
		      struct str message, const char *source)
{
	buf_add(out, STR("<error"));
	if (line)
		buf_printf(out, " line=\"%u\"", line);
	if (column)
		buf_printf(out, " column=\"%u\"", column);
	buf_printf(out, " severity=\"%s\" message=\"", severity);
	add_escaped(a, message, out);
	buf_printf(out, "\" source=\"unroot.%s\"/>\n", source);
}

static bool checkstyle_file(struct arena *a, const struct report_item *item, struct buf *out)
{
	struct view v;
	struct view_finding f;
	view_open(&v, a, item);
	buf_add(out, STR("<file name=\""));
	add_escaped(a, v.path, out);
	buf_add(out, STR("\">\n"));
	while (view_next(&v, &f))
		add_error(a, out, f.from.line, f.from.units, f.finding->cls == UNROOT_DISPLAY ? "info" : "warning",
			  f.message, f.finding->rule);
	if (item->error)
		add_error(a, out, item->error->line, 0, "error", str_of(item->error->message), "error");
	buf_add(out, STR("</file>\n"));
	return true;
}

const struct report_format report_checkstyle = {
	.name = "checkstyle",
	.head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<checkstyle version=\"8.0\">\n",
	.between = "",
	.tail = "</checkstyle>\n",
	.file = checkstyle_file,
};
