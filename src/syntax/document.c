#include "syntax/document.h"

#include "base/utf8.h"
#include "syntax/heredoc.h"
#include "syntax/line.h"
#include "syntax/validate.h"
#include "syntax/view.h"

struct parser {
	struct arena *arena;
	struct document *document;
	struct str readable; /* the file, up to a line that is too long */
	uint32_t at;
	uint32_t line; /* lines read so far */
	bool too_long;
	bool has_stage;
	struct directives head;
};

/* Keeps the first error; one of the parser stands before all of the instruction layer. */
static void refuse(struct parser *p, bool layer, uint32_t line, uint32_t offset, struct str message)
{
	struct syntax_error *e = &p->document->error;
	if (e->message.n > 0 && (layer || !e->instruction_layer))
		return;
	*e = (struct syntax_error){offset, line, layer, message};
}

static bool next_line(struct parser *p, struct physical *line)
{
	if (!physical_line(p->readable, p->at, line))
		return false;
	uint32_t feed = p->readable.p[line->end - 1] == '\n';
	if (line->end - line->start - feed > SOURCE_MAX_LINE) {
		p->too_long = true;
		p->readable.n = line->start;
		return false;
	}
	p->at = line->end;
	if (p->line++ == 0)
		line->start = p->document->source.body;
	return true;
}

static struct str line_text(const struct parser *p, const struct physical *line)
{
	return str_sub(p->readable, line->start, line->text_end);
}

/* Room for as many here-documents as the instruction can announce, so that adding them allocates
   nothing: what is allocated while an instruction is examined is given back at its end. False
   when there cannot be any. */
static bool reserve_heredocs(struct parser *p, const struct instruction *ins)
{
	struct document *d = p->document;
	struct str text = str_sub(p->readable, ins->start, ins->text_end);
	size_t most = 0;
	for (size_t at = 0; (at = str_find_char(text, '<', at)) != STR_NONE; at++)
		most++;
	while (d->heredocs.cap - d->heredocs.n < most / 2)
		d->heredocs.at = arena_grow(p->arena, d->heredocs.at, &d->heredocs.cap, sizeof *d->heredocs.at);
	return most >= 2;
}

/* Reads the lines that belong to an instruction behind its first one, which ended in an escape
   character. Comments and blank lines between them are skipped, and do not end it. */
static void read_continuations(struct parser *p, struct instruction *ins)
{
	struct physical line;
	bool more = true;
	ins->continued = true;
	while (more && next_line(p, &line)) {
		struct str text = line_text(p, &line);
		ins->text_end = line.text_end;
		more = line_is_comment(text) || line_is_blank(text) ||
		       line_continuation(text, p->document->escape) != STR_NONE;
	}
	/* BuildKit's scanner, asked again, gives the beginning of the long line after all. */
	p->line += p->too_long;
}

/* The body of one here-document, up to its terminator line. */
static bool read_body(struct parser *p, const struct heredoc_mark *mark, struct instruction *ins)
{
	struct document *d = p->document;
	struct heredoc_place *place = VEC_PUSH(p->arena, d->heredocs);
	struct physical line;

	place->body = p->at;
	ins->heredocs = (uint8_t)(ins->heredocs + (ins->heredocs < UINT8_MAX));
	while (next_line(p, &line)) {
		uint32_t start = line.start;
		while (mark->chomp && start < line.text_end && p->readable.p[start] == '\t')
			start++;
		ins->end = line.text_end;
		if (str_eq(str_sub(p->readable, start, line.text_end), mark->name)) {
			place->terminator = line.start;
			place->end = line.text_end;
			return true;
		}
	}
	place->terminator = place->end = (uint32_t)p->readable.n;
	return false;
}

/* Only these may announce here-documents, and only where they are not in exec form. */
static bool may_hold_heredocs(const struct examined *e)
{
	struct split trigger;
	const struct split *s = &e->split;
	size_t bad;
	if (s->keyword == KW_ONBUILD && s->rest.to > s->rest.from) {
		split_instruction(e->text, s->rest, e->escape, &trigger);
		s = &trigger;
	}
	return (s->keyword == KW_RUN || s->keyword == KW_COPY || s->keyword == KW_ADD) &&
	       str_find(e->text, STR("<<"), 0) != STR_NONE && exec_form_of(e->text, s->rest, &bad) != EXEC_STRINGS;
}

static void read_heredocs(struct parser *p, const struct view *view, struct instruction *ins)
{
	struct heredoc_marks marks;
	size_t bad;
	enum heredoc_result result = heredocs_of_line(p->arena, view->text, &marks, &bad);

	if (result == HEREDOC_BAD)
		refuse(p, false, ins->line, view_source(view, bad),
		       STR("the name of this here-document cannot be read; expected a single word"));
	if (result == HEREDOC_TOO_DEEP)
		refuse(p, false, ins->line, ins->start, STR("variables are nested too deeply in this line"));
	if (result != HEREDOC_FOUND)
		return;
	for (size_t i = 0; i < marks.n; i++)
		if (!read_body(p, &marks.at[i], ins)) {
			struct str name = validate_excerpt(marks.at[i].name);
			refuse(p, false, ins->line, view_source(view, marks.at[i].at),
			       arena_printf(p->arena, "here-document %.*s has no end; expected a line \"%.*s\"",
					    STR_ARG(name), STR_ARG(name)));
			return;
		}
}

/* Only ARG may stand before the first FROM. */
static bool has_its_place(struct parser *p, const struct split *s)
{
	p->has_stage = p->has_stage || s->keyword == KW_FROM;
	return p->has_stage || s->keyword == KW_ARG;
}

static void validate(struct parser *p, struct examined *e, const struct view *view, const struct instruction *ins)
{
	const struct syntax_error *error = &p->document->error;
	if (error->message.n > 0 && !error->instruction_layer)
		return;
	if (!validate_for_parser(e))
		refuse(p, false, ins->line, view_source(view, e->fault->at), e->fault->message);
	else if (error->message.n > 0)
		return;
	else if (!validate_for_layer(e))
		refuse(p, true, ins->line, view_source(view, e->fault->at), e->fault->message);
	else if (!has_its_place(p, &e->split))
		refuse(p, true, ins->line, ins->start,
		       arena_printf(p->arena, "%s stands before the first FROM; only ARG may",
				    keyword_name(e->split.keyword).p));
}

/* The logical text; moves the instruction's start to its keyword, which need not stand on the
   first line. `only` is the storage for the usual case of a single piece. */
static struct view logical_text(struct parser *p, struct instruction *ins, struct view_piece *only)
{
	*only = (struct view_piece){0, ins->start};
	if (!ins->continued)
		return (struct view){str_sub(p->readable, ins->start, ins->text_end), only, 1};
	struct view view = view_of(p->arena, p->document, ins);
	size_t blank = utf8_skip_space(view.text, 0, view.text.n);
	if (blank == 0 || blank == view.text.n)
		return view;
	ins->start = view_source(&view, blank);
	return view_of(p->arena, p->document, ins);
}

static void read_instruction(struct parser *p, const struct physical *first, uint32_t start)
{
	struct document *d = p->document;
	struct instruction ins = {.start = start, .line = p->line, .text_end = first->text_end};
	const char *message = d->error.message.p;
	struct view_piece only;
	struct fault fault;

	if (line_continuation(str_sub(p->readable, start, first->text_end), d->escape) != STR_NONE)
		read_continuations(p, &ins);
	bool heredocs = reserve_heredocs(p, &ins);
	struct arena_mark mark = arena_mark(p->arena);
	struct view view = logical_text(p, &ins, &only);
	struct examined e = examine(p->arena, view.text, d->escape, &fault);
	ins.keyword = (uint8_t)e.split.keyword;
	ins.end = ins.text_end;
	validate(p, &e, &view, &ins);
	if (heredocs && may_hold_heredocs(&e))
		read_heredocs(p, &view, &ins);
	ins.last_line = p->line;
	if (d->error.message.p == message) /* a new message is kept */
		arena_rewind(p->arena, mark);
	*VEC_PUSH(p->arena, d->instructions) = ins;
}

static void read_directive(struct parser *p, const struct physical *line)
{
	switch (directives_line(&p->head, line_text(p, line))) {
	case DIRECTIVE_REPEATED:
		refuse(p, false, p->line - 1, line->start,
		       STR("this parser directive is given twice; only one may be"));
		break;
	case DIRECTIVE_BAD_ESCAPE:
		refuse(p, false, p->line - 1, line->start, STR("the escape character must be \\ or `"));
		break;
	case DIRECTIVE_NONE:
	case DIRECTIVE_OK:
		break;
	}
	p->document->escape = p->head.escape;
}

static void read_lines(struct parser *p)
{
	struct physical line;
	while (next_line(p, &line)) {
		if (!p->head.done)
			read_directive(p, &line);
		struct str text = line_text(p, &line);
		size_t start = utf8_skip_space(text, 0, text.n);
		if (start < text.n && text.p[start] != '#')
			read_instruction(p, &line, line.start + (uint32_t)start);
	}
}

/* What is wrong with the file as a whole. */
static void check_file(struct parser *p)
{
	struct document *d = p->document;
	uint32_t end = (uint32_t)p->readable.n;
	if (p->too_long)
		refuse(p, false, p->line, end,
		       arena_printf(p->arena, "this line is longer than %d bytes, which BuildKit does not read",
				    SOURCE_MAX_LINE));
	else if (d->instructions.n == 0)
		refuse(p, false, p->line, end, STR("the file has no instructions"));
	else if (!p->has_stage)
		refuse(p, true, p->line, d->instructions.at[d->instructions.n - 1].start,
		       STR("the file has no FROM, and so no stage to build"));
}

void document_parse(struct arena *a, struct document *d, const char *name, struct str bytes)
{
	bool too_large = bytes.n > SOURCE_MAX_BYTES;
	struct parser p = {.arena = a, .document = d, .head.escape = '\\'};

	*d = (struct document){.escape = '\\'};
	source_init(&d->source, name, too_large ? str_sub(bytes, 0, 0) : bytes);
	p.readable = d->source.bytes;
	if (too_large)
		refuse(&p, false, 0, 0, STR("the file is larger than 1 GiB, which is not read"));
	read_lines(&p);
	check_file(&p);
	d->read_end = (uint32_t)p.readable.n;
}
