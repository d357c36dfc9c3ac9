#include "fix/limit.h"

#include "syntax/line.h"

struct lines {
	const struct document *d;
	uint32_t *start; /* one more than there are: the end of the last */
	uint64_t *grown; /* bytes that edits may add */
	uint32_t n;
};

/* Bytes that an edit may add to one line: line feeds in its text begin others. */
static size_t added(const struct edit *e)
{
	size_t first = str_find_char(e->text, '\n', 0), last = str_find_last_char(e->text, '\n');
	if (first == STR_NONE)
		return e->text.n;
	size_t tail = e->text.n - last - 1;
	return first > tail ? first : tail;
}

static size_t all_added(const struct findings *findings)
{
	size_t sum = 0;
	for (size_t i = 0; i < findings->n; i++)
		for (size_t k = 0; k < findings->at[i].edits.n; k++)
			sum += findings->at[i].edits.at[k].text.n;
	return sum;
}

static void read_lines(struct lines *l, struct arena *a)
{
	struct str bytes = l->d->source.bytes;
	struct physical line;
	for (uint32_t at = 0; physical_line(bytes, at, &line); at = line.end)
		l->n++;
	l->start = ARENA_ARRAY(a, uint32_t, (size_t)l->n + 1);
	l->grown = ARENA_ARRAY(a, uint64_t, (size_t)l->n + 1);
	l->n = 0;
	for (uint32_t at = 0; physical_line(bytes, at, &line); at = line.end)
		l->start[l->n++] = at;
	l->start[l->n] = (uint32_t)bytes.n;
}

static uint32_t line_at(const struct lines *l, uint32_t offset)
{
	uint32_t low = 0, high = l->n;
	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;
		if (l->start[middle] <= offset)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static bool too_long(const struct lines *l, const struct finding *f)
{
	for (size_t i = 0; i < f->edits.n; i++) {
		const struct edit *e = &f->edits.at[i];
		uint32_t line = line_at(l, e->start);
		if (e->file == 0 && l->start[line + 1] - l->start[line] + l->grown[line] > SOURCE_MAX_LINE)
			return true;
	}
	return false;
}

void limit_apply(struct arena *a, struct arena *scratch, const struct document *d, struct findings *findings)
{
	struct lines l = {.d = d};
	if (d->source.bytes.n == 0 || d->source.bytes.n + all_added(findings) <= SOURCE_MAX_LINE)
		return;
	read_lines(&l, scratch);
	for (size_t i = 0; i < findings->n; i++)
		for (size_t k = 0; k < findings->at[i].edits.n; k++) {
			const struct edit *e = &findings->at[i].edits.at[k];
			if (e->file == 0)
				l.grown[line_at(&l, e->start)] += added(e);
		}
	bool *whole = ARENA_ARRAY(scratch, bool, (size_t)findings_last_bundle(findings) + 1),
	     *alone = ARENA_ARRAY(scratch, bool, findings->n);
	for (size_t i = 0; i < findings->n; i++) {
		alone[i] = too_long(&l, &findings->at[i]);
		whole[findings->at[i].bundle] |= alone[i];
	}
	for (size_t i = 0; i < findings->n; i++) {
		struct finding *f = &findings->at[i];
		if (!alone[i] && !(f->bundle && whole[f->bundle]))
			continue;
		f->cls = UNROOT_DISPLAY;
		f->edits.n = 0;
		f->message = arena_printf(
			a, "%.*s\n    not changed: a line would become longer than the %u bytes that BuildKit reads",
			STR_ARG(f->message), (unsigned)SOURCE_MAX_LINE);
	}
}
