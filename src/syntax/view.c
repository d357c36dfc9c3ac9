#include "syntax/view.h"

#include "syntax/line.h"

/* Calls for the parts of an instruction's own lines that make up its logical text. */
struct joiner {
	struct str bytes;
	uint32_t at;  /* where the next part is looked for */
	uint32_t end; /* the instruction's text_end */
	char escape;
	bool first;
};

static bool next_part(struct joiner *j, struct view_piece *piece, size_t *n)
{
	struct physical line;
	struct str own = {j->bytes.p, j->end};
	while (physical_line(own, j->at, &line)) {
		struct str text = str_sub(own, line.start, line.text_end);
		bool skipped = !j->first && (line_is_comment(text) || line_is_blank(text));
		j->at = line.end;
		j->first = false;
		if (skipped)
			continue;
		size_t stop = line_continuation(text, j->escape);
		if (stop == STR_NONE)
			j->at = j->end;
		piece->source = line.start;
		*n = stop == STR_NONE ? text.n : stop;
		if (*n > 0)
			return true;
	}
	return false;
}

static struct joiner join(const struct document *d, const struct instruction *ins)
{
	return (struct joiner){d->source.bytes, ins->start, ins->text_end, d->escape, true};
}

struct view view_of(struct arena *a, const struct document *d, const struct instruction *ins)
{
	struct view_piece piece = {0, ins->start};
	VEC(struct view_piece) pieces = {0};
	size_t n, total = 0;

	if (!ins->continued) {
		struct view_piece *only = ARENA_NEW(a, struct view_piece);
		*only = piece;
		return (struct view){str_sub(d->source.bytes, ins->start, ins->text_end), only, 1};
	}
	char *text = arena_array(a, ins->text_end - ins->start + 1, 1); /* it is shorter than its lines */
	for (struct joiner j = join(d, ins); next_part(&j, &piece, &n); total += n) {
		memcpy(text + total, d->source.bytes.p + piece.source, n);
		*VEC_PUSH(a, pieces) = (struct view_piece){(uint32_t)total, piece.source};
	}
	if (pieces.n == 0)
		*VEC_PUSH(a, pieces) = (struct view_piece){0, ins->start};
	return (struct view){{text, total}, pieces.at, (uint32_t)pieces.n};
}

uint32_t view_source(const struct view *v, size_t at)
{
	uint32_t low = 0, high = v->n;
	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;
		if (v->pieces[middle].at <= at)
			low = middle;
		else
			high = middle;
	}
	return v->pieces[low].source + (uint32_t)(at - v->pieces[low].at);
}

uint32_t view_end(const struct view *v, size_t at)
{
	return at == 0 ? v->pieces[0].source : view_source(v, at - 1) + 1;
}
