#include "fix/style.h"

#include "base/buf.h"

enum { LOOK_AT = 400 }; /* lines or instructions that decide about style */

static struct str eol_of(struct str bytes)
{
	size_t crlf = 0, lf = 0;
	for (size_t at = 0; crlf + lf < LOOK_AT; at++) {
		at = str_find_char(bytes, '\n', at);
		if (at == STR_NONE)
			break;
		if (at > 0 && bytes.p[at - 1] == '\r')
			crlf++;
		else
			lf++;
	}
	return crlf > lf ? STR("\r\n") : STR("\n");
}

static bool mostly_lower(const struct document *d)
{
	size_t lower = 0, n = d->instructions.n < LOOK_AT ? d->instructions.n : LOOK_AT;
	for (size_t i = 0; i < n; i++) {
		char c = d->source.bytes.p[d->instructions.at[i].start];
		lower += c >= 'a' && c <= 'z';
	}
	return lower * 2 > n;
}

/* How continued RUN steps are written: indentation, and on which side && stands. */
static void look_at_runs(struct file_style *s)
{
	struct str bytes = s->doc->source.bytes;
	size_t leading = 0, trailing = 0, looked = 0;
	for (size_t i = 0; i < s->doc->instructions.n && looked < LOOK_AT; i++) {
		const struct instruction *ins = &s->doc->instructions.at[i];
		struct str text = str_sub(bytes, ins->start, ins->text_end), line;
		if (ins->keyword != KW_RUN || !ins->continued)
			continue;
		looked++;
		bool after_and = false; /* the line before ended in && */
		for (bool first = true; str_split(&text, '\n', &line); first = false) {
			size_t blanks = 0;
			while (blanks < line.n && (line.p[blanks] == ' ' || line.p[blanks] == '\t'))
				blanks++;
			struct str rest = str_trim(line);
			if (rest.n == 0 || rest.p[0] == '#')
				continue;
			bool before = !first && str_starts(rest, STR("&&"));
			if ((before || after_and) && blanks && s->indent.n == 0)
				s->indent = str_sub(line, 0, blanks);
			leading += before;
			if (rest.p[rest.n - 1] == s->doc->escape)
				rest = str_trim(str_sub(rest, 0, rest.n - 1));
			after_and = str_ends(rest, STR("&&"));
			trailing += after_and;
		}
	}
	s->leading_and = leading > trailing;
	if (s->indent.n == 0)
		s->indent = STR("    ");
}

void style_read(struct file_style *s, struct arena *a, const struct document *d)
{
	*s = (struct file_style){.arena = a, .doc = d, .eol = eol_of(d->source.bytes), .lower = mostly_lower(d)};
	look_at_runs(s);
}

struct str style_keyword(const struct file_style *s, enum keyword kw)
{
	struct str name = keyword_name(kw);
	char *text = arena_alloc(s->arena, name.n + 2);
	for (size_t i = 0; i < name.n; i++)
		text[i] = s->lower ? ascii_lower(name.p[i]) : name.p[i];
	text[name.n] = ' ';
	return (struct str){text, name.n + 1};
}

static void continuation(const struct file_style *s, struct buf *b, struct str command)
{
	if (s->leading_and)
		buf_printf(b, " %c%.*s%.*s&& %.*s", s->doc->escape, STR_ARG(s->eol), STR_ARG(s->indent), STR_ARG(command));
	else
		buf_printf(b, " && %c%.*s%.*s%.*s", s->doc->escape, STR_ARG(s->eol), STR_ARG(s->indent), STR_ARG(command));
}

struct str style_run(const struct file_style *s, const struct str *commands, uint32_t n)
{
	struct buf b = buf_new(s->arena);
	buf_add(&b, style_keyword(s, KW_RUN));
	for (uint32_t i = 0; i < n; i++) {
		if (i)
			continuation(s, &b, commands[i]);
		else
			buf_add(&b, commands[i]);
	}
	return buf_str(&b);
}

static uint32_t line_start(struct str bytes, uint32_t at)
{
	while (at > 0 && bytes.p[at - 1] != '\n')
		at--;
	return at;
}

uint32_t style_above(const struct file_style *s, uint32_t index, struct str *indent)
{
	struct str bytes = s->doc->source.bytes;
	const struct instruction *ins = &s->doc->instructions.at[index];
	uint32_t floor = index ? s->doc->instructions.at[index - 1].end : s->doc->source.body;
	uint32_t at = line_start(bytes, ins->start);
	*indent = at < s->doc->source.body ? (struct str){"", 0} : str_sub(bytes, at, ins->start);
	/* Comments right above belong to the instruction; a blank line or the line before ends them. */
	while (at > floor) {
		uint32_t above = line_start(bytes, at - 1);
		struct str line = str_trim(str_sub(bytes, above, at));
		if (above < floor || line.n == 0 || line.p[0] != '#')
			break;
		at = above;
	}
	return at < s->doc->source.body ? s->doc->source.body : at;
}

static void add_edit(const struct file_style *s, struct edits *e, uint32_t start, uint32_t end, struct str text)
{
	*VEC_PUSH(s->arena, *e) = (struct edit){0, start, end, text, 0};
}

void style_insert_above(const struct file_style *s, struct edits *e, uint32_t ins, struct str text)
{
	struct str indent;
	uint32_t at = style_above(s, ins, &indent);
	add_edit(s, e, at, at,
		 arena_printf(s->arena, "%.*s%.*s%.*s", STR_ARG(indent), STR_ARG(text), STR_ARG(s->eol)));
}

/* Where the file ends in the middle of an instruction, the escape character that would swallow what follows it; else
   STR_NONE. */
static size_t dangling_escape(const struct file_style *s, const struct instruction *ins)
{
	struct str bytes = s->doc->source.bytes;
	size_t end = bytes.n;
	if (ins != &s->doc->instructions.at[s->doc->instructions.n - 1])
		return STR_NONE;
	while (end > ins->start) {
		uint32_t start = line_start(bytes, (uint32_t)end);
		struct str line = str_trim(str_sub(bytes, start, end));
		if (line.n && line.p[0] != '#') {
			size_t last = (size_t)(line.p - bytes.p) + line.n - 1;
			bool doubled = line.n > 1 && line.p[line.n - 2] == s->doc->escape;
			return bytes.p[last] == s->doc->escape && !doubled ? last : STR_NONE;
		}
		end = start ? start - 1 : 0;
	}
	return STR_NONE;
}

void style_insert_below(const struct file_style *s, struct edits *e, uint32_t index, struct str text)
{
	struct str bytes = s->doc->source.bytes;
	const struct instruction *ins = &s->doc->instructions.at[index];
	size_t newline = str_find_char(bytes, '\n', ins->end);
	size_t escape = dangling_escape(s, ins);
	if (escape != STR_NONE) {
		add_edit(s, e, (uint32_t)escape, (uint32_t)escape + 1, STR(""));
		newline = str_ends(bytes, STR("\n")) ? bytes.n - 1 : STR_NONE;
	}
	if (newline == STR_NONE) {
		/* The last line has no end: what follows it has none either. */
		add_edit(s, e, (uint32_t)bytes.n, (uint32_t)bytes.n, arena_printf(s->arena, "%.*s%.*s", STR_ARG(s->eol), STR_ARG(text)));
		return;
	}
	add_edit(s, e, (uint32_t)newline + 1, (uint32_t)newline + 1, arena_printf(s->arena, "%.*s%.*s", STR_ARG(text), STR_ARG(s->eol)));
}

void style_insert_at(const struct file_style *s, struct edits *e, uint32_t ins, struct str text)
{
	if (ins >= s->doc->instructions.n || s->doc->instructions.at[ins].keyword == KW_FROM)
		style_insert_below(s, e, ins - 1, text);
	else
		style_insert_above(s, e, ins, text);
}

/* " && command", as the step is written. */
static void add_command(const struct file_style *s, struct buf *b, const struct instruction *ins, struct str command)
{
	if (ins->continued)
		continuation(s, b, command);
	else
		buf_printf(b, " && %.*s", STR_ARG(command));
}

void style_append_command(const struct file_style *s, struct edits *e, uint32_t index, uint32_t end, struct str command)
{
	const struct instruction *ins = &s->doc->instructions.at[index];
	struct buf b = buf_new(s->arena);
	add_command(s, &b, ins, command);
	add_edit(s, e, end, end, buf_str(&b));
}

struct str style_join(const struct file_style *s, uint32_t index, const struct str *commands, uint32_t n)
{
	struct buf b = buf_new(s->arena);
	for (uint32_t i = 0; i < n; i++) {
		if (i)
			add_command(s, &b, &s->doc->instructions.at[index], commands[i]);
		else
			buf_add(&b, commands[i]);
	}
	return buf_str(&b);
}

void style_insert_flag(const struct file_style *s, struct edits *e, uint32_t index, struct str flag)
{
	const struct instruction *ins = &s->doc->instructions.at[index];
	struct args args;
	instruction_args(s->arena, s->doc, index, &args);
	uint32_t at = args.nflags ? args.flags[args.nflags - 1].span.end
				  : ins->start + (uint32_t)keyword_name((enum keyword)ins->keyword).n;
	add_edit(s, e, at, at, arena_printf(s->arena, " %.*s", STR_ARG(flag)));
}

void style_remove(const struct file_style *s, struct edits *e, uint32_t index)
{
	struct str bytes = s->doc->source.bytes;
	const struct instruction *ins = &s->doc->instructions.at[index];
	uint32_t start = line_start(bytes, ins->start);
	size_t newline = str_find_char(bytes, '\n', ins->end);
	if (start < s->doc->source.body)
		start = s->doc->source.body;
	add_edit(s, e, start, newline == STR_NONE ? (uint32_t)bytes.n : (uint32_t)newline + 1, STR(""));
}

struct str style_quote(struct arena *a, struct str path)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+,@%:=";
	size_t i = 0;
	struct buf b = buf_new(a);
	while (i < path.n && path.p[i] && strchr(plain, path.p[i]))
		i++;
	if (i == path.n)
		return path;
	buf_char(&b, '\'');
	for (i = 0; i < path.n; i++) {
		if (path.p[i] == '\'')
			buf_add(&b, STR("'\\''"));
		else
			buf_char(&b, path.p[i]);
	}
	buf_char(&b, '\'');
	return buf_str(&b);
}
