/* Questions to a parsed document: its lines, its here-documents, what lies at an offset. */
#include "base/utf8.h"
#include "syntax/document.h"
#include "syntax/line.h"

/* The first index in [0, n) for which the element at that place begins at or after `offset`. */
static size_t first_from(const void *all, size_t n, size_t size, uint32_t offset)
{
	size_t low = 0, high = n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		uint32_t start;
		memcpy(&start, (const char *)all + middle * size, sizeof start);
		if (start < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

_Static_assert(offsetof(struct instruction, start) == 0 && offsetof(struct heredoc_place, body) == 0,
	       "first_from() compares the first member");

const struct heredoc_place *document_heredocs(const struct document *d, const struct instruction *ins, size_t *n)
{
	size_t i = first_from(d->heredocs.at, d->heredocs.n, sizeof *d->heredocs.at, ins->text_end);
	size_t count = ins->heredocs;
	if (count == UINT8_MAX)
		while (i + count < d->heredocs.n && d->heredocs.at[i + count].body <= ins->end)
			count++;
	*n = count;
	return count > 0 ? &d->heredocs.at[i] : NULL;
}

size_t document_instruction_at(const struct document *d, uint32_t offset)
{
	size_t i = first_from(d->instructions.at, d->instructions.n, sizeof *d->instructions.at, offset + 1);
	return i > 0 && offset <= d->instructions.at[i - 1].end ? i - 1 : STR_NONE;
}

/* Where document_lines() is. */
struct walk {
	const struct document *document;
	size_t instruction; /* the one that goes on, or the next one */
	size_t heredoc;	    /* likewise */
	bool inside;	    /* between the first and the last own line of an instruction */
	struct directives head;
};

static enum line_kind outside_kind(struct walk *w, struct str text)
{
	bool head = !w->head.done;
	enum directive_result directive = directives_line(&w->head, text);
	if (head && directive != DIRECTIVE_NONE)
		return LINE_DIRECTIVE;
	if (line_is_blank(text))
		return LINE_BLANK;
	if (line_is_comment(text))
		return LINE_COMMENT;
	w->inside = true;
	return LINE_INSTRUCTION;
}

static enum line_kind kind_of(struct walk *w, const struct physical *p)
{
	const struct document *d = w->document;
	struct str text = str_sub(d->source.bytes, p->start, p->text_end);
	enum line_kind kind;

	if (p->start >= d->read_end)
		return LINE_UNREAD;
	if (w->heredoc < d->heredocs.n && p->start >= d->heredocs.at[w->heredoc].body) {
		if (p->start < d->heredocs.at[w->heredoc].terminator)
			return LINE_HEREDOC;
		w->heredoc++;
		return LINE_TERMINATOR;
	}
	if (!w->inside)
		kind = outside_kind(w, text);
	else
		kind = line_is_comment(text) ? LINE_IN_COMMENT
		       : line_is_blank(text) ? LINE_IN_BLANK
					     : LINE_CONTINUATION;
	if (w->inside && p->text_end >= d->instructions.at[w->instruction].text_end) {
		w->inside = false;
		w->instruction++;
	}
	return kind;
}

void document_lines(const struct document *d, void (*each)(void *ctx, const struct line *line), void *ctx)
{
	struct walk w = {.document = d};
	struct physical p;

	for (uint32_t at = d->source.body; physical_line(d->source.bytes, at, &p); at = p.end) {
		struct line line = {p.start, p.text_end, p.end, kind_of(&w, &p)};
		if (line.kind == LINE_INSTRUCTION || line.kind == LINE_CONTINUATION) {
			size_t from = utf8_skip_space(d->source.bytes, p.start, p.text_end);
			size_t stop = line_continuation(str_sub(d->source.bytes, from, p.text_end), d->escape);
			if (stop != STR_NONE)
				line.text_end = (uint32_t)(from + stop);
		}
		each(ctx, &line);
	}
}
