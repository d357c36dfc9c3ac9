#include "syntax/token.h"

#include "syntax/split.h"

const char *token_kind_name(enum token_kind kind)
{
	static const char *const names[] = {
		[TOKEN_BOM] = "bom",
		[TOKEN_NEWLINE] = "newline",
		[TOKEN_SPACE] = "space",
		[TOKEN_COMMENT] = "comment",
		[TOKEN_DIRECTIVE] = "directive",
		[TOKEN_KEYWORD] = "keyword",
		[TOKEN_FLAG] = "flag",
		[TOKEN_TEXT] = "text",
		[TOKEN_CONTINUATION] = "continuation",
		[TOKEN_HEREDOC] = "heredoc",
		[TOKEN_TERMINATOR] = "terminator",
	};
	return names[kind];
}

struct tokenizer {
	struct arena *arena;
	const struct document *document;
	struct tokens *out;
	size_t instruction;	 /* the next one */
	VEC(struct token) marks; /* keywords and flags of the instruction at hand */
	size_t mark;
};

static void add(struct tokenizer *t, uint32_t start, uint32_t end, enum token_kind kind)
{
	if (end > start)
		*VEC_PUSH(t->arena, *t->out) = (struct token){start, end, kind};
}

/* A stretch of one kind, white space around it apart. */
static void add_trimmed(struct tokenizer *t, uint32_t start, uint32_t end, enum token_kind kind)
{
	const char *p = t->document->source.bytes.p;
	uint32_t from = start, to = end;
	while (from < end && ascii_blank(p[from]))
		from++;
	while (to > from && ascii_blank(p[to - 1]))
		to--;
	add(t, start, from, TOKEN_SPACE);
	add(t, from, to, kind);
	add(t, to, end, TOKEN_SPACE);
}

static void add_mark(struct tokenizer *t, const struct view *view, struct range place, enum token_kind kind)
{
	struct span span = view_span(view, place.from, place.to);
	*VEC_PUSH(t->arena, t->marks) = (struct token){span.start, span.end, kind};
}

static void mark_instruction(struct tokenizer *t)
{
	const struct document *d = t->document;
	struct view view = view_of(t->arena, d, &d->instructions.at[t->instruction++]);
	struct split s = {.keyword = KW_ONBUILD, .rest = {0, view.text.n}};
	struct range flag;

	t->mark = t->marks.n = 0;
	while (s.keyword == KW_ONBUILD && s.rest.to > s.rest.from) {
		split_instruction(view.text, s.rest, d->escape, &s);
		add_mark(t, &view, s.name, TOKEN_KEYWORD);
		size_t at = s.flags;
		while (flag_next(view.text, &at, s.rest.to, d->escape, &flag))
			add_mark(t, &view, flag, TOKEN_FLAG);
	}
}

/* A line with an instruction's text: keywords and flags may reach over from the line before. */
static void add_instruction_line(struct tokenizer *t, uint32_t at, uint32_t end)
{
	while (t->mark < t->marks.n && at < end) {
		const struct token *mark = &t->marks.at[t->mark];
		uint32_t start = mark->start < at ? at : mark->start;
		if (start >= end)
			break;
		add_trimmed(t, at, start, TOKEN_TEXT);
		at = mark->end < end ? mark->end : end;
		add(t, start, at, mark->kind);
		if (mark->end > end)
			return;
		t->mark++;
	}
	add_trimmed(t, at, end, TOKEN_TEXT);
}

/* What stands behind a line's text: escape character and blanks, line end. */
static void add_line_end(struct tokenizer *t, const struct line *line)
{
	const struct document *d = t->document;
	const char *p = d->source.bytes.p;
	uint32_t at = line->text_end, feed = line->end;

	if (feed > at && p[feed - 1] == '\n') {
		feed--;
		if (feed > at && p[feed - 1] == '\r')
			feed--;
	}
	if (at < feed && (line->kind == LINE_INSTRUCTION || line->kind == LINE_CONTINUATION) && p[at] == d->escape) {
		uint32_t start = at++;
		while (at < feed && (p[at] == ' ' || p[at] == '\t'))
			at++;
		add(t, start, at, TOKEN_CONTINUATION);
	}
	add(t, at, feed, TOKEN_SPACE);
	add(t, feed, line->end, TOKEN_NEWLINE);
}

static void add_line(void *ctx, const struct line *line)
{
	struct tokenizer *t = ctx;
	uint32_t start = line->start, end = line->text_end;

	switch (line->kind) {
	case LINE_BLANK:
	case LINE_IN_BLANK:
		add(t, start, end, TOKEN_SPACE);
		break;
	case LINE_COMMENT:
	case LINE_IN_COMMENT:
		add_trimmed(t, start, end, TOKEN_COMMENT);
		break;
	case LINE_DIRECTIVE:
		add_trimmed(t, start, end, TOKEN_DIRECTIVE);
		break;
	case LINE_INSTRUCTION:
		mark_instruction(t);
		/* fall through */
	case LINE_CONTINUATION:
		add_instruction_line(t, start, end);
		break;
	case LINE_HEREDOC:
		add(t, start, end, TOKEN_HEREDOC);
		break;
	case LINE_TERMINATOR:
		add(t, start, end, TOKEN_TERMINATOR);
		break;
	case LINE_UNREAD:
		add_trimmed(t, start, end, TOKEN_TEXT);
		break;
	}
	add_line_end(t, line);
}

void tokens_of(struct arena *a, const struct document *d, struct tokens *out)
{
	struct tokenizer t = {.arena = a, .document = d, .out = out};
	*out = (struct tokens){0};
	add(&t, 0, d->source.body, TOKEN_BOM);
	document_lines(d, add_line, &t);
}
