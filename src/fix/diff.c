#include "fix/diff.h"

#include <stdio.h>

enum { CONTEXT = 3 };

/* Lines that differ: [start, end) of the old text became [new_start, new_end) of the new one. All four are
   beginnings of lines or the end of their text. */
struct change {
	size_t start, end, new_start, new_end;
};

struct changes {
	struct change *at;
	size_t n, cap;
};

struct differ {
	struct str old, new;
	struct changes changes;
	void (*each)(void *ctx, enum diff_line kind, struct str text);
	void *ctx;
};

/* The beginning of the line that follows the one `at` lies in. */
static size_t next_line(struct str text, size_t at)
{
	size_t feed = str_find_char(text, '\n', at);
	return feed == STR_NONE ? text.n : feed + 1;
}

/* The beginning of the line that ends at `at`, itself a beginning or the end; not below `floor`. */
static size_t previous_line(struct str text, size_t floor, size_t at)
{
	if (at > floor)
		at--;
	while (at > floor && text.p[at - 1] != '\n')
		at--;
	return at;
}

static bool begins_line(struct str text, size_t at)
{
	return at == 0 || text.p[at - 1] == '\n';
}

static size_t count_lines(struct str text, size_t from, size_t to)
{
	size_t n = 0;
	for (; from < to; from = next_line(text, from))
		n++;
	return n;
}

static size_t line_end_length(struct str bytes, size_t at)
{
	if (at < bytes.n && bytes.p[at] == '\n')
		return 1;
	return at + 1 < bytes.n && bytes.p[at] == '\r' && bytes.p[at + 1] == '\n' ? 2 : 0;
}

/* Lines put in or taken out behind a line, "\nX", are the same as "X\n" before the next line; said so, the
   line before them is seen to be unchanged. */
static void slide_to_line(struct arena *a, struct edit *edit, const struct edit *next, struct str bytes)
{
	size_t n = line_end_length(bytes, edit->start);
	struct str end = str_sub(bytes, edit->start, edit->start + n);
	if (n == 0 || edit->end + n > bytes.n || (next && next->start < edit->end + n))
		return;
	if (edit->start == edit->end && str_starts(edit->text, end)) {
		struct buf text = buf_new(a);
		buf_add(&text, str_sub(edit->text, n, edit->text.n));
		buf_add(&text, end);
		edit->text = buf_str(&text);
	} else if (edit->text.n || !str_eq(end, str_sub(bytes, edit->end, edit->end + n))) {
		return;
	}
	edit->start += (uint32_t)n;
	edit->end += (uint32_t)n;
}

/* Takes lines that are equal at both ends out of a change. */
static void narrow(const struct differ *d, struct change *c)
{
	while (c->start < c->end && c->new_start < c->new_end) {
		size_t end = next_line(d->old, c->start);
		size_t new_end = next_line(d->new, c->new_start);
		if (!str_eq(str_sub(d->old, c->start, end), str_sub(d->new, c->new_start, new_end)))
			break;
		c->start = end;
		c->new_start = new_end;
	}
	while (c->start < c->end && c->new_start < c->new_end) {
		size_t start = previous_line(d->old, c->start, c->end);
		size_t new_start = previous_line(d->new, c->new_start, c->new_end);
		if (!str_eq(str_sub(d->old, start, c->end), str_sub(d->new, new_start, c->new_end)))
			break;
		c->end = start;
		c->new_end = new_start;
	}
}

/* Widens every edit to whole lines and joins those that meet. */
static void find_changes(struct arena *a, struct differ *d, const struct edits *edits)
{
	struct change *c = NULL;
	size_t shift = 0; /* new offset = old offset + shift, wrapping */
	for (size_t i = 0; i < edits->n; i++) {
		const struct edit *edit = &edits->at[i];
		size_t floor = c ? c->end : 0;
		size_t start = edit->start;
		while (start > floor && !begins_line(d->old, start))
			start--;
		if (!c || start > floor) {
			c = VEC_PUSH(a, d->changes);
			c->start = c->end = start;
			c->new_start = start + shift;
		}
		shift += edit->text.n - (edit->end - edit->start);
		if (edit->end > c->end)
			c->end = edit->end;
		c->new_end = c->end + shift;
		if (i + 1 < edits->n && edits->at[i + 1].start < c->end)
			continue; /* in the same lines; where they end in the new text is not known yet */
		if (!begins_line(d->old, c->end) || !begins_line(d->new, c->new_end)) {
			c->end = next_line(d->old, c->end);
			c->new_end = c->end + shift;
		}
	}
	size_t n = 0;
	for (size_t i = 0; i < d->changes.n; i++) {
		struct change change = d->changes.at[i];
		narrow(d, &change);
		if (change.start < change.end || change.new_start < change.new_end)
			d->changes.at[n++] = change;
	}
	d->changes.n = n;
}

static void emit_lines(struct differ *d, enum diff_line kind, struct str text, size_t from, size_t to)
{
	while (from < to) {
		size_t next = next_line(text, from);
		bool ended = text.p[next - 1] == '\n';
		d->each(d->ctx, kind, str_sub(text, from, ended ? next - 1 : next));
		if (!ended)
			d->each(d->ctx, DIFF_NO_NEWLINE, STR("\\ No newline at end of file"));
		from = next;
	}
}

/* Up to CONTEXT lines after `at`, but not past `ceiling`. */
static size_t context_after(struct str text, size_t at, size_t ceiling)
{
	for (int i = 0; i < CONTEXT && at < ceiling; i++)
		at = next_line(text, at);
	return at;
}

static size_t context_before(struct str text, size_t floor, size_t at)
{
	for (int i = 0; i < CONTEXT && at > floor; i++)
		at = previous_line(text, floor, at);
	return at;
}

/* Whether so few lines lie between two changes that their context meets. */
static bool share_hunk(struct str old, const struct change *a, const struct change *b)
{
	return context_after(old, context_after(old, a->end, b->start), b->start) == b->start;
}

/* Where counting lines has come to, in both texts. */
struct line_count {
	size_t at, lines, new_lines;
};

/* "@@ -2,7 +2,8 @@": a count of one is left out, and nothing stands behind the line before it. */
static void emit_header(struct differ *d, const struct line_count *count, size_t old_lines, size_t new_lines)
{
	char text[128], old_count[32] = "", new_count[32] = "";
	if (old_lines != 1)
		snprintf(old_count, sizeof old_count, ",%zu", old_lines);
	if (new_lines != 1)
		snprintf(new_count, sizeof new_count, ",%zu", new_lines);
	snprintf(text, sizeof text, "@@ -%zu%s +%zu%s @@", count->lines + (old_lines > 0), old_count,
		 count->new_lines + (new_lines > 0), new_count);
	d->each(d->ctx, DIFF_HUNK, str_of(text));
}

static void emit_hunk(struct differ *d, size_t first, size_t last, struct line_count *count)
{
	const struct change *changes = d->changes.at;
	size_t floor = first ? changes[first - 1].end : 0;
	size_t ceiling = last + 1 < d->changes.n ? changes[last + 1].start : d->old.n;
	size_t start = context_before(d->old, floor, changes[first].start);
	size_t end = context_after(d->old, changes[last].end, ceiling);
	size_t before = count_lines(d->old, count->at, start);
	size_t old_lines = count_lines(d->old, start, end);
	size_t new_lines = count_lines(d->new, start + changes[first].new_start - changes[first].start,
				       end + changes[last].new_end - changes[last].end);
	count->lines += before;
	count->new_lines += before;

	emit_header(d, count, old_lines, new_lines);
	for (size_t i = first; i <= last; i++) {
		emit_lines(d, DIFF_CONTEXT, d->old, start, changes[i].start);
		emit_lines(d, DIFF_REMOVED, d->old, changes[i].start, changes[i].end);
		emit_lines(d, DIFF_ADDED, d->new, changes[i].new_start, changes[i].new_end);
		start = changes[i].end;
	}
	emit_lines(d, DIFF_CONTEXT, d->old, start, end);
	count->at = end;
	count->lines += old_lines;
	count->new_lines += new_lines;
}

/* git's C-style quoting for control characters, quotes, backslashes and bytes above 0x7F. */
static void put_quoted(struct buf *out, struct str path)
{
	static const char letters[] = "abtnvfr"; /* \a is 7 */
	for (size_t i = 0; i < path.n; i++) {
		unsigned char c = (unsigned char)path.p[i];
		if (c == '"' || c == '\\')
			buf_printf(out, "\\%c", c);
		else if (c >= 7 && c <= 13)
			buf_printf(out, "\\%c", letters[c - 7]);
		else if (c < 0x20 || c >= 0x7F)
			buf_printf(out, "\\%03o", c);
		else
			buf_char(out, (char)c);
	}
}

static bool needs_quotes(struct str path)
{
	for (size_t i = 0; i < path.n; i++) {
		unsigned char c = (unsigned char)path.p[i];
		if (c < 0x20 || c >= 0x7F || c == '"' || c == '\\')
			return true;
	}
	return false;
}

/* "--- a/path"; a tab ends a name with blanks, as git does it, since readers stop at the first one. */
static void emit_path(struct arena *a, struct differ *d, struct str sign, struct str path)
{
	struct buf line = buf_new(a);
	bool quotes = needs_quotes(path);
	buf_add(&line, str_sub(sign, 0, 4));
	if (quotes)
		buf_char(&line, '"');
	buf_add(&line, str_sub(sign, 4, sign.n));
	if (quotes)
		put_quoted(&line, path);
	else
		buf_add(&line, path);
	if (quotes)
		buf_char(&line, '"');
	else if (str_find_char(path, ' ', 0) != STR_NONE)
		buf_char(&line, '\t');
	d->each(d->ctx, DIFF_FILE, buf_str(&line));
}

void diff_each(struct arena *a, struct str path, struct str bytes, const struct edits *edits,
	       void (*each)(void *ctx, enum diff_line kind, struct str text), void *ctx)
{
	struct edits trimmed = edits_trim(a, edits, bytes);
	for (size_t i = trimmed.n; i-- > 0;)
		slide_to_line(a, &trimmed.at[i], i + 1 < trimmed.n ? &trimmed.at[i + 1] : NULL, bytes);
	if (trimmed.n == 0)
		return;
	struct differ d = {.old = bytes, .each = each, .ctx = ctx};
	d.new = edits_apply(a, &trimmed, trimmed.at[0].file, bytes);
	find_changes(a, &d, &trimmed);
	if (d.changes.n == 0)
		return;
	emit_path(a, &d, STR("--- a/"), path);
	emit_path(a, &d, STR("+++ b/"), path);
	struct line_count count = {0, 0, 0};
	for (size_t first = 0, last; first < d.changes.n; first = last + 1) {
		last = first;
		while (last + 1 < d.changes.n && share_hunk(bytes, &d.changes.at[last], &d.changes.at[last + 1]))
			last++;
		emit_hunk(&d, first, last, &count);
	}
}

static void add_line(void *ctx, enum diff_line kind, struct str text)
{
	struct buf *out = ctx;
	if (kind == DIFF_CONTEXT || kind == DIFF_REMOVED || kind == DIFF_ADDED)
		buf_char(out, kind == DIFF_CONTEXT ? ' ' : kind == DIFF_REMOVED ? '-' : '+');
	buf_add(out, text);
	buf_char(out, '\n');
}

void diff_text(struct buf *out, struct str path, struct str bytes, const struct edits *edits)
{
	diff_each(out->arena, path, bytes, edits, add_line, out);
}
