#include "fix/style.h"

#include "base/buf.h"

enum {
	LOOK_AT = 400, /* lines or instructions that decide about style */
	MAX_WORDS = 8  /* before set -e: RUN and its flags */
};

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

/* "set -eux; …": the step ends with the first command that fails. */
static bool begins_with_set_e(struct str text)
{
	struct str word;
	bool set = false;
	for (int i = 0; i < MAX_WORDS && str_word(&text, &word); i++) {
		if (set)
			return word.n > 1 && word.p[0] == '-' && str_find_char(word, 'e', 1) != STR_NONE;
		set = str_eq(word, STR("set"));
		if (!set && i > 0 && !str_starts(word, STR("--")) && word.p[0] != '\\')
			return false;
	}
	return false;
}

/* What one line of a step shows. */
struct run_line {
	struct str text; /* without the escape character at its end */
	size_t blanks;	 /* before it */
	bool and_before, and_behind, semicolon;
};

static struct run_line read_line(struct str line, char escape)
{
	struct run_line l = {.blanks = 0};
	while (l.blanks < line.n && (line.p[l.blanks] == ' ' || line.p[l.blanks] == '\t'))
		l.blanks++;
	l.text = str_trim(line);
	if (l.text.n && l.text.p[l.text.n - 1] == escape)
		l.text = str_trim(str_sub(l.text, 0, l.text.n - 1));
	l.and_before = str_starts(l.text, STR("&&"));
	l.and_behind = str_ends(l.text, STR("&&"));
	l.semicolon = str_ends(l.text, STR(";")) && !str_ends(l.text, STR(";;"));
	return l;
}

/* Indentation, and on which side && stands; false when the step does not show it. */
static bool read_run(const struct document *d, const struct instruction *ins, struct run_style *style)
{
	struct str text = str_sub(d->source.bytes, ins->start, ins->text_end), line;
	size_t leading = 0, trailing = 0, semicolons = 0;
	bool strict = begins_with_set_e(text) && str_find(text, STR("set +"), 0) == STR_NONE, joined = false; /* by the line before */
	for (bool first = true; str_split(&text, '\n', &line); first = false) {
		struct run_line l = read_line(line, d->escape);
		if (l.text.n == 0 || l.text.p[0] == '#')
			continue;
		l.and_before &= !first;
		if ((l.and_before || joined) && l.blanks && style->indent.n == 0)
			style->indent = str_sub(line, 0, l.blanks);
		leading += l.and_before;
		trailing += l.and_behind;
		semicolons += l.semicolon;
		joined = l.and_behind || (strict && l.semicolon);
	}
	style->several = ins->continued;
	style->semicolon = strict && semicolons > leading + trailing;
	style->leading_and = leading > trailing;
	return leading + trailing > 0 || style->semicolon;
}

static void look_at_runs(struct file_style *s)
{
	for (uint32_t i = 0; i < s->doc->instructions.n; i++) {
		const struct instruction *ins = &s->doc->instructions.at[i];
		struct run_style style = {.ins = i};
		if (ins->keyword == KW_RUN && ins->continued && read_run(s->doc, ins, &style))
			*VEC_PUSH(s->arena, s->runs) = style;
	}
}

/* The style of the step itself, or of the one that stands nearest to the instruction. */
static struct run_style style_near(const struct file_style *s, uint32_t ins)
{
	const struct run_style plain = {.ins = ins, .indent = STR("    "), .several = true};
	size_t low = 0, high = s->runs.n;
	while (low < high) { /* the first at or below it */
		size_t middle = low + (high - low) / 2;
		if (s->runs.at[middle].ins < ins)
			low = middle + 1;
		else
			high = middle;
	}
	if (s->runs.n == 0)
		return plain;
	if (low == s->runs.n || (low > 0 && s->runs.at[low].ins != ins && ins - s->runs.at[low - 1].ins < s->runs.at[low].ins - ins))
		low--;
	struct run_style style = s->runs.at[low];
	if (style.indent.n == 0)
		style.indent = plain.indent;
	return style;
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

static void continuation(const struct file_style *s, const struct run_style *r, struct buf *b, struct str command)
{
	const char *before = r->leading_and ? "" : r->semicolon ? ";" : " &&", *behind = r->leading_and ? "&& " : "";
	buf_printf(b, "%s %c%.*s%.*s%s%.*s", before, s->doc->escape, STR_ARG(s->eol), STR_ARG(r->indent), behind, STR_ARG(command));
}

struct str style_run(const struct file_style *s, uint32_t near, const struct str *commands, uint32_t n)
{
	struct run_style style = style_near(s, near);
	struct buf b = buf_new(s->arena);
	style.semicolon = false; /* it has no set -e */
	buf_add(&b, style_keyword(s, KW_RUN));
	for (uint32_t i = 0; i < n; i++) {
		if (i)
			continuation(s, &style, &b, commands[i]);
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

static struct str indent_of(const struct file_style *s, const struct instruction *ins)
{
	uint32_t start = line_start(s->doc->source.bytes, ins->start);
	return start < s->doc->source.body ? (struct str){"", 0} : str_sub(s->doc->source.bytes, start, ins->start);
}

uint32_t style_above(const struct file_style *s, uint32_t index, struct str *indent)
{
	struct str bytes = s->doc->source.bytes;
	const struct instruction *ins = &s->doc->instructions.at[index];
	uint32_t floor = index ? s->doc->instructions.at[index - 1].end : s->doc->source.body;
	uint32_t at = line_start(bytes, ins->start);
	*indent = indent_of(s, ins);
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
	*VEC_PUSH(s->arena, *e) = (struct edit){0, start, end, 0, text};
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
	struct str indent = indent_of(s, ins);
	if (escape != STR_NONE) {
		add_edit(s, e, (uint32_t)escape, (uint32_t)escape + 1, STR(""));
		newline = str_ends(bytes, STR("\n")) ? bytes.n - 1 : STR_NONE;
	}
	if (newline == STR_NONE) {
		/* The last line has no end: what follows it has none either. */
		add_edit(s, e, (uint32_t)bytes.n, (uint32_t)bytes.n, arena_printf(s->arena, "%.*s%.*s%.*s", STR_ARG(s->eol), STR_ARG(indent), STR_ARG(text)));
		return;
	}
	add_edit(s, e, (uint32_t)newline + 1, (uint32_t)newline + 1, arena_printf(s->arena, "%.*s%.*s%.*s", STR_ARG(indent), STR_ARG(text), STR_ARG(s->eol)));
}

void style_insert_at(const struct file_style *s, struct edits *e, uint32_t ins, struct str text)
{
	if (ins >= s->doc->instructions.n || s->doc->instructions.at[ins].keyword == KW_FROM)
		style_insert_below(s, e, ins - 1, text);
	else
		style_insert_above(s, e, ins, text);
}

/* " && command", as the step is written. */
static void add_command(const struct file_style *s, const struct run_style *r, struct buf *b, struct str command)
{
	if (r->several)
		continuation(s, r, b, command);
	else
		buf_printf(b, "%s %.*s", r->semicolon ? ";" : " &&", STR_ARG(command));
}

/* Lines of one step that do not show how they are joined: as the nearest step that does, but never by a semicolon. */
static struct run_style style_of_step(const struct file_style *s, uint32_t index)
{
	const struct instruction *ins = &s->doc->instructions.at[index];
	struct run_style style = style_near(s, index);
	if (ins->continued) {
		style.semicolon &= style.ins == index;
		return style;
	}
	struct str text = str_sub(s->doc->source.bytes, ins->start, ins->text_end);
	return (struct run_style){.semicolon = begins_with_set_e(text) && str_find(text, STR("set +"), 0) == STR_NONE &&
						       str_find(text, STR("&&"), 0) == STR_NONE};
}

void style_append_command(const struct file_style *s, struct edits *e, uint32_t index, uint32_t end, struct str command)
{
	struct run_style style = style_of_step(s, index);
	struct buf b = buf_new(s->arena);
	add_command(s, &style, &b, command);
	add_edit(s, e, end, end, buf_str(&b));
}

struct str style_join(const struct file_style *s, uint32_t index, const struct str *commands, uint32_t n)
{
	struct run_style style = style_of_step(s, index);
	struct buf b = buf_new(s->arena);
	for (uint32_t i = 0; i < n; i++) {
		if (i)
			add_command(s, &style, &b, commands[i]);
		else
			buf_add(&b, commands[i]);
	}
	return buf_str(&b);
}

struct str style_chown(const struct file_style *s, struct str owner)
{
	return arena_printf(s->arena, " --chown=%.*s", STR_ARG(owner));
}

void style_insert_flag(const struct file_style *s, struct edits *e, uint32_t index, struct str flag)
{
	const struct instruction *ins = &s->doc->instructions.at[index];
	struct arena_mark mark = arena_mark(s->arena);
	struct args args;
	instruction_args(s->arena, s->doc, index, &args);
	uint32_t at = args.nflags ? args.flags[args.nflags - 1].span.end
				  : ins->start + (uint32_t)keyword_name((enum keyword)ins->keyword).n;
	arena_rewind(s->arena, mark);
	add_edit(s, e, at, at, flag);
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

struct str style_comments(const struct file_style *s, uint32_t index)
{
	struct str bytes = s->doc->source.bytes, indent;
	uint32_t start = style_above(s, index, &indent);
	uint32_t end = line_start(bytes, s->doc->instructions.at[index].start);
	return start < end ? str_sub(bytes, start, end) : (struct str){"", 0};
}

static bool blank_line_at(struct str bytes, size_t at)
{
	size_t newline = str_find_char(bytes, '\n', at);
	return newline != STR_NONE && str_trim(str_sub(bytes, at, newline)).n == 0;
}

void style_remove_whole(const struct file_style *s, struct edits *e, uint32_t index)
{
	struct str bytes = s->doc->source.bytes;
	struct edits one = {0};
	style_remove(s, &one, index);
	uint32_t start = one.at[0].start - (uint32_t)style_comments(s, index).n, end = one.at[0].end;
	bool after_blank = start > s->doc->source.body && blank_line_at(bytes, line_start(bytes, start - 1));
	if (after_blank && blank_line_at(bytes, end))
		end = (uint32_t)str_find_char(bytes, '\n', end) + 1;
	add_edit(s, e, start, end, STR(""));
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
