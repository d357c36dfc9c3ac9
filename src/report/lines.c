#include "report/lines.h"

/* What is gathered of one change. */
struct hunk {
	size_t from, to; /* edits */
	uint32_t first, last;
};

static size_t line_start(const struct source *s, uint32_t line)
{
	return line > s->lines ? s->bytes.n : s->line_starts[line - 1];
}

/* The last line of a file that ends with a line end has no bytes: nobody can replace it. */
static uint32_t last_line(const struct source *s)
{
	return s->lines > 1 && s->line_starts[s->lines - 1] == s->bytes.n ? s->lines - 1 : s->lines;
}

/* "\r\n", "\n", or nothing. */
static struct str line_end(struct str text)
{
	size_t n = str_ends(text, STR("\r\n")) ? 2 : str_ends(text, STR("\n"));
	return str_sub(text, text.n - n, text.n);
}

static struct str without_end(struct str text)
{
	return str_sub(text, 0, text.n - line_end(text).n);
}

/* The lines of a hunk as the edits leave them. */
static struct str changed(struct arena *a, const struct source *s, const unroot_file *file, const struct hunk *h)
{
	struct buf out = buf_new(a);
	size_t done = line_start(s, h->first), end = line_start(s, h->last + 1);
	for (size_t i = h->from; i < h->to; i++) {
		buf_add(&out, str_sub(s->bytes, done, file->edits[i].start));
		buf_add(&out, (struct str){file->edits[i].text, file->edits[i].length});
		done = file->edits[i].end;
	}
	buf_add(&out, str_sub(s->bytes, done, end));
	return buf_str(&out);
}

static uint32_t clamp(struct places *p, uint32_t line)
{
	uint32_t last = last_line(&p->source);
	return line < last ? line : last;
}

static uint32_t begins_in(struct places *p, const unroot_edit *e)
{
	return clamp(p, source_position(p->arena, &p->source, (uint32_t)e->start).line);
}

/* The last line that an edit touches: not the one behind, where it takes or leaves the whole line before. */
static uint32_t ends_in(struct places *p, const unroot_edit *e)
{
	struct position start = source_position(p->arena, &p->source, (uint32_t)e->start);
	struct position end = source_position(p->arena, &p->source, (uint32_t)e->end);
	bool whole = e->length ? e->text[e->length - 1] == '\n' : start.column == 1;
	return clamp(p, e->end > e->start && end.column == 1 && whole ? end.line - 1 : end.line);
}

/* Takes in the edits that begin in the lines of the hunk. */
static void gather(struct places *p, const unroot_file *file, struct hunk *h)
{
	for (; h->to < file->edit_count && begins_in(p, &file->edits[h->to]) <= h->last; h->to++) {
		uint32_t last = ends_in(p, &file->edits[h->to]);
		h->last = last > h->last ? last : h->last;
	}
}

struct hunks {
	struct hunk *at;
	size_t n, cap;
};

/* Whether a text can take the place of lines whose last line end stays. */
static bool is_whole(const struct source *s, struct str text, uint32_t last)
{
	struct str before = str_sub(s->bytes, line_start(s, last), line_start(s, last + 1));
	return without_end(text).n > 0 && str_eq(line_end(text), line_end(before));
}

/* The line before stands for a place that has none behind. */
static void reach_up(struct arena *a, const struct source *s, const unroot_file *file, struct hunks *hunks)
{
	struct hunk *h = &hunks->at[hunks->n - 1];
	while (h->first > 1 && without_end(changed(a, s, file, h)).n == 0) {
		h->first--;
		if (hunks->n > 1 && h[-1].last >= h->first) {
			h[-1].to = h->to;
			h[-1].last = h->last;
			hunks->n--;
			h--;
		}
	}
}

struct line_changes line_changes_of(struct arena *a, const unroot_file *file)
{
	struct line_changes out = {0};
	struct hunks hunks = {0};
	struct places p;
	places_open(&p, a, (struct str){file->original, file->original_length});
	for (size_t i = 0; i < file->edit_count; i = hunks.at[hunks.n - 1].to) {
		struct hunk *h = VEC_PUSH(a, hunks);
		h->from = h->to = i;
		h->first = h->last = begins_in(&p, &file->edits[i]);
		gather(&p, file, h);
		while (h->last < last_line(&p.source) &&
		       !is_whole(&p.source, changed(a, &p.source, file, h), h->last)) {
			h->last++; /* the line behind stands for the place */
			gather(&p, file, h);
		}
		reach_up(a, &p.source, file, &hunks);
	}
	for (size_t i = 0; i < hunks.n; i++)
		*VEC_PUSH(a, out) = (struct line_change){hunks.at[i].first, hunks.at[i].last,
							 without_end(changed(a, &p.source, file, &hunks.at[i]))};
	return out;
}
