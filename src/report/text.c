/* Text for people: "FILE:LINE:COLUMN: rule (class): message", and one line each as `concise`. */
#include "report/report.h"

#include <stdio.h>

#include "base/utf8.h"

enum { WIDEST = 160 };

static void add_place(const struct report_item *item, const unroot_finding *f, struct buf *out)
{
	bool plain = !item->colour;
	buf_add(out, plain ? STR("") : STR("\033[1m"));
	report_clean(out, str_of(item->path));
	buf_printf(out, "%s:%u:%u: %s%s%s (%s): ", plain ? "" : "\033[m", f->line, f->column, plain ? "" : "\033[33m",
		   f->rule, plain ? "" : "\033[m",
		   f->cls == UNROOT_DISPLAY ? "display only" : report_class_name(f->cls));
}

/* The line that the finding begins in, and a mark under the finding. */
static void add_source(const struct report_item *item, const unroot_finding *f, struct buf *out)
{
	size_t start = f->column <= f->start ? f->start - (f->column - 1) : 0;
	size_t end = str_find_char(item->bytes, '\n', start), width;
	char number[16];
	end = end == STR_NONE ? item->bytes.n : end;
	if (end > start && item->bytes.p[end - 1] == '\r')
		end--;
	size_t shown = end - start > WIDEST ? start + WIDEST : end;
	int digits = snprintf(number, sizeof number, "%u", f->line);
	buf_printf(out, "  %s | ", number);
	report_clean(out, str_sub(item->bytes, start, shown));
	buf_printf(out, "%s\n  %*s | ", shown < end ? "…" : "", digits, "");
	for (size_t i = start; i < shown && i < f->end; i += width) {
		uint32_t c = utf8_decode(item->bytes, i, &width);
		struct str mark = i < f->start ? STR(" ") : STR("^");
		for (int n = c == '\t' ? 2 : 1; n > 0; n--) /* a tab is shown as \t */
			buf_add(out, mark);
	}
	buf_char(out, '\n');
}

static bool left_out(const struct report_item *item, const unroot_finding *f)
{
	return item->unfixed_only && f->fixed;
}

/* The message's lines, each but the first behind `between`. */
static void add_message(const unroot_finding *f, const char *between, struct buf *out)
{
	struct str message = str_of(f->message), line;
	for (bool first = true; str_split(&message, '\n', &line); first = false) {
		buf_add(out, str_of(first ? "" : between));
		report_clean(out, str_trim(line));
	}
	buf_char(out, '\n');
}

static bool text_file(struct arena *a, const struct report_item *item, struct buf *out)
{
	(void)a;
	for (size_t i = 0; i < item->finding_count; i++) {
		const unroot_finding *f = &item->findings[i];
		if (left_out(item, f))
			continue;
		add_place(item, f, out);
		add_message(f, "\n  ", out);
		if (f->follow && *f->follow) {
			buf_add(out, STR("  then: "));
			report_clean(out, str_of(f->follow));
			buf_char(out, '\n');
		}
		if (item->source)
			add_source(item, f, out);
	}
	return true;
}

static bool concise_file(struct arena *a, const struct report_item *item, struct buf *out)
{
	(void)a;
	for (size_t i = 0; i < item->finding_count; i++) {
		const unroot_finding *f = &item->findings[i];
		if (left_out(item, f))
			continue;
		add_place(item, f, out);
		add_message(f, " ", out);
	}
	return true;
}

const struct report_format report_text = {.name = "text", .head = "", .between = "", .tail = "", .file = text_file};
const struct report_format report_concise = {
	.name = "concise", .head = "", .between = "", .tail = "", .file = concise_file};
