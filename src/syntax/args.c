#include "syntax/args.h"

#include "base/utf8.h"
#include "syntax/heredoc.h"
#include "syntax/exec_form.h"

/* BuildKit reads ONBUILD in ONBUILD to any depth and then refuses it; this is enough to show it. */
enum { MAX_TRIGGERS = 100, USUAL_WORDS = 4 };

struct reader {
	struct arena *arena;
	char escape;
	struct args *out;
	size_t flags_cap, words_cap;
};

static void add_word(struct reader *r, struct range place, struct str text)
{
	struct args *out = r->out;
	if (r->words_cap == 0) {
		r->words_cap = USUAL_WORDS;
		out->words = ARENA_ARRAY(r->arena, struct word, USUAL_WORDS);
	}
	if (out->nwords == r->words_cap)
		out->words = arena_grow(r->arena, out->words, &r->words_cap, sizeof *out->words);
	out->words[out->nwords++] =
		(struct word){text, view_span(&out->view, place.from, place.to), (uint32_t)place.from};
}

static struct str range_of(const struct reader *r, struct range place)
{
	return range_text(r->out->view.text, place);
}

static void read_flags(struct reader *r, const struct split *s)
{
	struct args *out = r->out;
	struct range place;
	size_t at = s->flags, equals;

	while (flag_next(out->view.text, &at, s->rest.to, r->escape, &place)) {
		if (out->nflags == r->flags_cap)
			out->flags = arena_grow(r->arena, out->flags, &r->flags_cap, sizeof *out->flags);
		struct flag *f = &out->flags[out->nflags++];
		f->raw = flag_decode(r->arena, range_of(r, place), r->escape, &equals);
		f->has_value = equals != STR_NONE;
		size_t end = f->has_value ? str_find_char(f->raw, '=', 0) : f->raw.n;
		size_t value = f->has_value ? place.from + equals + 1 : place.to;
		f->name = str_sub(f->raw, 2, end);
		f->value = str_sub(f->raw, f->has_value ? end + 1 : end, f->raw.n);
		f->span = view_span(&out->view, place.from, place.to);
		f->value_span = value < place.to ? view_span(&out->view, value, place.to)
						 : (struct span){f->span.end, f->span.end};
	}
}

static void read_string(struct reader *r, struct range place)
{
	if (place.to == place.from)
		return;
	r->out->form = ARGS_STRING;
	add_word(r, place, range_of(r, place));
}

static void read_words(struct reader *r, struct range place)
{
	struct range word;
	size_t at = place.from;
	while (blank_word_next(r->out->view.text, &at, place.to, &word)) {
		r->out->form = ARGS_WORDS;
		add_word(r, word, range_of(r, word));
	}
}

static void read_names(struct reader *r, struct range place)
{
	struct range word;
	size_t at = place.from;
	while (quoted_word_next(r->out->view.text, &at, place.to, r->escape, &word)) {
		r->out->form = ARGS_WORDS;
		add_word(r, word, utf8_repair(r->arena, range_of(r, word)));
	}
}

static void read_pairs(struct reader *r, struct range place)
{
	struct range word, name, value;
	struct str text = r->out->view.text;
	size_t at = place.from;

	for (bool first = true; quoted_word_next(text, &at, place.to, r->escape, &word); first = false) {
		size_t equals = str_find_char((struct str){text.p, word.to}, '=', word.from);
		if (equals != STR_NONE) {
			name = (struct range){word.from, equals};
			value = (struct range){equals + 1, word.to};
			r->out->form = ARGS_PAIRS;
			add_word(r, name, utf8_repair(r->arena, range_of(r, name)));
			add_word(r, value, utf8_repair(r->arena, range_of(r, value)));
		} else if (first) {
			if (!old_pair(text, place, &name, &value))
				return;
			r->out->form = ARGS_PAIRS;
			r->out->old_pair = true;
			add_word(r, name, range_of(r, name));
			add_word(r, value, range_of(r, value));
			return;
		}
	}
}

/* Exec form, if that is what stands there. */
static bool read_exec(struct reader *r, struct range place)
{
	struct range literal;
	size_t at = place.from, bad;
	if (exec_form_of(r->out->view.text, place, &bad) != EXEC_STRINGS)
		return false;
	r->out->form = ARGS_EXEC;
	while (exec_string_next(r->out->view.text, &at, place.to, &literal))
		add_word(r, literal, exec_string_value(r->arena, range_of(r, literal)));
	return true;
}

static void read_arguments(struct reader *r, const struct split *s)
{
	struct range place = s->rest, type;

	switch (style_of(s->keyword)) {
	case STYLE_STRING:
		read_string(r, place);
		break;
	case STYLE_WORDS:
		read_words(r, place);
		break;
	case STYLE_NAMES:
		read_names(r, place);
		break;
	case STYLE_PAIRS:
		read_pairs(r, place);
		break;
	case STYLE_JSON_OR_WORDS:
		if (!read_exec(r, place))
			read_words(r, place);
		break;
	case STYLE_HEALTH:
		if (!health_split(r->out->view.text, s->rest, &type, &place))
			break;
		r->out->health_type = range_of(r, type);
		/* fall through */
	case STYLE_JSON_OR_STRING:
		if (!read_exec(r, place))
			read_string(r, place);
		break;
	case STYLE_IGNORE:
	case STYLE_INSTRUCTION:
		break;
	}
}

static void read_part(struct arena *a, const struct view *view, char escape, const struct split *s, struct args *out)
{
	struct reader r = {.arena = a, .escape = escape, .out = out};
	*out = (struct args){.view = *view, .keyword = s->keyword};
	out->keyword_text = range_of(&r, s->name);
	out->rest = view_span(view, s->rest.from, s->rest.to);
	read_flags(&r, s);
	read_arguments(&r, s);
}

static void read_heredocs(struct arena *a, const struct document *d, const struct instruction *ins, struct args *out)
{
	struct heredoc_marks marks;
	size_t n, bad;
	const struct heredoc_place *places = document_heredocs(d, ins, &n);

	if (!places || heredocs_of_line(a, out->view.text, &marks, &bad) != HEREDOC_FOUND)
		return;
	out->heredocs = ARENA_ARRAY(a, struct heredoc, n);
	for (size_t i = 0; i < n && i < marks.n; i++) {
		const struct heredoc_mark *mark = &marks.at[i];
		out->heredocs[out->nheredocs++] = (struct heredoc){
			.name = mark->name,
			.expand = mark->expand,
			.chomp = mark->chomp,
			.body = {places[i].body, places[i].terminator},
			.terminator = {places[i].terminator, places[i].end},
			.at = (uint32_t)mark->at,
		};
	}
}

void instruction_args(struct arena *a, const struct document *d, size_t index, struct args *out)
{
	const struct instruction *ins = &d->instructions.at[index];
	struct view view = view_of(a, d, ins);
	struct split s;

	split_instruction(view.text, (struct range){0, view.text.n}, d->escape, &s);
	read_part(a, &view, d->escape, &s, out);
	read_heredocs(a, d, ins, out);
	for (int i = 0; i < MAX_TRIGGERS && s.keyword == KW_ONBUILD && s.rest.to > s.rest.from; i++) {
		split_instruction(view.text, s.rest, d->escape, &s);
		out->form = ARGS_INSTRUCTION;
		out->sub = ARENA_NEW(a, struct args);
		read_part(a, &view, d->escape, &s, out->sub);
		out->sub->heredocs = out->heredocs;
		out->sub->nheredocs = out->nheredocs;
		out = out->sub;
	}
}

const struct flag *args_flag(const struct args *args, struct str name)
{
	for (uint32_t i = 0; i < args->nflags; i++)
		if (str_eq(args->flags[i].name, name))
			return &args->flags[i];
	return NULL;
}
