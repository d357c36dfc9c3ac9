#include "fix/spelling.h"

#include <stdlib.h>

#include "base/path.h"
#include "fix/style.h"

enum { MOST_TEXT = 32 << 10, MOST_VARIABLES = 32 };

/* What of the file can have been read by then: from the stage's FROM to the step. */
static struct str text_before(const struct plan *p, const struct handover *h)
{
	const struct facts *f = p->f;
	const struct document *doc = f->doc;
	uint32_t from = doc->instructions.at[f->stages->at[f->chain[0]].from].start,
		 end = (uint32_t)doc->source.bytes.n;
	uint32_t ins = h->how == HAND_WITH_ACCOUNT && p->account_at != INS_NONE ? p->account_at : h->ins;
	if (ins < doc->instructions.n)
		end = h->how == HAND_APPEND ? doc->instructions.at[ins].end : doc->instructions.at[ins].start;
	return from < end ? str_sub(doc->source.bytes, from, end) : STR("");
}

static bool is_name_part(char c)
{
	return ascii_alpha(c) || ascii_digit(c) || c == '_';
}

/* Whether the text says so, and not the beginning of a longer name. */
static bool says(struct str text, struct str spelled)
{
	for (size_t at = str_find(text, spelled, 0); at != STR_NONE; at = str_find(text, spelled, at + 1)) {
		size_t end = at + spelled.n;
		if (end == text.n || spelled.p[spelled.n - 1] == '}' || !is_name_part(text.p[end]))
			return true;
	}
	return false;
}

/* Whether the text says so elsewhere than in the variable's own value. */
static bool says_literally(const struct document *doc, struct str text, struct str literal, struct span value)
{
	for (size_t at = str_find(text, literal, 0); at != STR_NONE; at = str_find(text, literal, at + 1)) {
		size_t offset = (size_t)(text.p - doc->source.bytes.p) + at;
		if (offset < value.start || offset + literal.n > value.end)
			return true;
	}
	return false;
}

/* The path with the variable for its value; empty where the file does not write it so. `quoted` is set where it puts
   quotes around it. */
static struct str with_variable(struct arena *a, const struct plan *p, struct str text, struct str path,
				const struct named_variable *v, bool *quoted)
{
	static const char *const forms[] = {"%.*s${%.*s}%.*s", "%.*s$%.*s%.*s"};
	struct str value = v->variable->value;
	size_t at = str_find(path, value, 0), end = at + value.n, next;
	if (at == STR_NONE || (value.p[0] == '/' && (at > 0 || (end < path.n && path.p[end] != '/'))))
		return STR("");
	size_t slash = str_find_last_char(str_sub(path, 0, at), '/'), start = slash == STR_NONE ? 0 : slash + 1;
	next = str_find_char(path, '/', end);
	next = next == STR_NONE ? path.n : next;
	struct str before = str_sub(path, start, at), behind = str_sub(path, end, next);
	if (says_literally(p->f->doc, text, str_sub(path, start, next), v->variable->span))
		return STR("");
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		struct str part = arena_printf(a, forms[i], STR_ARG(before), STR_ARG(v->name), STR_ARG(behind));
		if (!says(text, part) || (i > 0 && behind.n && is_name_part(behind.p[0])))
			continue;
		*quoted |= says(text, arena_printf(a, i ? "\"$%.*s" : "\"${%.*s}", STR_ARG(v->name)));
		return arena_printf(a, "%.*s%.*s%.*s", STR_ARG(str_sub(path, 0, start)), STR_ARG(part),
				    STR_ARG(str_sub(path, next, path.n)));
	}
	return STR("");
}

/* "$DATA_DIR" says more than "$APP_DIR/data". */
static int by_length(const void *left, const void *right)
{
	const struct named_variable *a = left, *b = right;
	size_t n = a->variable->value.n, m = b->variable->value.n;
	return n != m ? (n > m ? -1 : 1) : str_order(a->name, b->name);
}

/* Whether the text has the name without a $ before it, as where it sets the variable: D=/tmp, read D, for D in. */
static bool sets(struct str text, struct str name)
{
	for (size_t at = str_find(text, name, 0); at != STR_NONE; at = str_find(text, name, at + 1)) {
		size_t end = at + name.n;
		char before = at ? text.p[at - 1] : ' ';
		if (!is_name_part(before) && before != '$' && before != '{' && (end == text.n || !is_name_part(text.p[end])))
			return true;
	}
	return false;
}

/* The text that the handover is put behind, whose own variables hold there; empty where it stands by itself. */
static struct str text_of_step(const struct plan *p, const struct handover *h)
{
	const struct document *doc = p->f->doc;
	if (h->how != HAND_APPEND)
		return STR("");
	return str_sub(doc->source.bytes, doc->instructions.at[h->ins].start, doc->instructions.at[h->ins].end);
}

/* Variables whose values the path holds, the longest value first. */
static size_t variables_in(const struct facts *f, struct str path, struct str step, struct named_variable *found)
{
	size_t n = 0;
	for (size_t i = 0; i < f->variables.n && n < MOST_VARIABLES; i++) {
		const struct variable *v = f->variables.at[i].variable;
		if (v->known && v->value.n > 1 && str_find(path, v->value, 0) != STR_NONE && !sets(step, f->variables.at[i].name))
			found[n++] = f->variables.at[i];
	}
	if (n > 1)
		qsort(found, n, sizeof *found, by_length);
	return n;
}

struct str spelling_of(struct arena *a, const struct plan *p, const struct handover *h)
{
	const struct facts *f = p->f;
	struct str text = text_before(p, h), path = style_quote(a, h->path);
	struct named_variable held[MOST_VARIABLES];
	bool quoted = false;
	if (text.n > MOST_TEXT || !str_eq(path, h->path))
		return path;
	size_t n = variables_in(f, path, text_of_step(p, h), held);
	for (size_t i = 0; i < n; i++) {
		struct str spelled = with_variable(a, p, text, path, &held[i], &quoted);
		path = spelled.n ? spelled : path;
	}
	return quoted ? arena_printf(a, "\"%.*s\"", STR_ARG(path)) : path;
}
