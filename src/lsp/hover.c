#include "lsp/hover.h"

#include "api/inspect.h"
#include "base/utf8.h"
#include "lsp/change.h"
#include "lsp/document.h"
#include "report/facts.h"

/* What is written down while the facts are there. */
struct page {
	struct arena *a;
	const struct subject *s;
	size_t at; /* in the document */
	bool found;
	struct span span;
	struct buf text;
};

static void write_instruction(void *ctx, const struct plan *const *plans, size_t n)
{
	struct page *p = ctx;
	const struct document *d = plans[0]->f->doc;
	size_t ins = document_instruction_at(d, (uint32_t)p->at);
	if (ins == STR_NONE)
		return;
	p->found = true;
	p->span = (struct span){d->instructions.at[ins].start, d->instructions.at[ins].end};
	facts_text_at(p->a, plans, n, (uint32_t)ins, &p->text);
}

static void write_all(void *ctx, const struct plan *const *plans, size_t n)
{
	struct page *p = ctx;
	p->found = true;
	facts_text(p->a, p->s->name, plans, n, &p->text);
}

static bool inspect(struct worker *w, struct subject *s, inspect_visit *visit, struct page *p)
{
	p->a = &w->arena;
	p->s = s;
	p->text = buf_new(&w->arena);
	return s->prepared->safe && !s->other &&
	       engine_inspect(s->prepared->safe, s->name, s->text, s->given, visit, p, NULL) == 0 && p->found &&
	       p->text.n > 0;
}

/* Nothing of a text may be taken for markup. */
static void add_escaped(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		if (memchr("\\`*_[]<>~&|", text.p[i], 11))
			buf_char(out, '\\');
		buf_char(out, text.p[i]);
	}
}

/* The lines without the two blanks that each begins with; as Markdown a list, as deep as they are indented. */
static struct str finish_page(const struct page *p, bool markdown)
{
	struct buf out = buf_new(p->a);
	struct str rest = utf8_repair(p->a, buf_str(&p->text)), line;
	while (str_split(&rest, '\n', &line)) {
		struct str text = str_trim(line);
		if (text.n == 0)
			continue;
		size_t indent = (size_t)(text.p - line.p);
		buf_add(&out, str_sub(line, 0, indent > 2 ? indent - 2 : 0));
		buf_add(&out, markdown ? STR("- ") : STR(""));
		if (markdown)
			add_escaped(&out, text);
		else
			buf_add(&out, text);
		buf_char(&out, '\n');
	}
	return buf_str(&out);
}

void hover_run(struct worker *w, struct job *job, struct subject *s)
{
	struct page p = {0};
	struct text_position place;
	if (!position_read(json_at(job->params, "position"), &place))
		return;
	p.at = lines_offset(&s->lines, place, NULL);
	if (!inspect(w, s, write_instruction, &p))
		return;
	bool markdown = job->client->markdown_hover;
	struct str text = finish_page(&p, markdown);
	job->result = json_pack("{s:{s:s, s:s%}, s:o}", "contents", "kind", markdown ? "markdown" : "plaintext",
				"value", text.p, text.n, "range", range_json(&s->lines, p.span.start, p.span.end));
}

void hover_describe(struct worker *w, struct job *job, struct subject *s)
{
	struct page p = {0};
	if (!inspect(w, s, write_all, &p))
		return;
	struct str text = utf8_repair(&w->arena, buf_str(&p.text));
	job->result = json_stringn(text.p, text.n);
}
