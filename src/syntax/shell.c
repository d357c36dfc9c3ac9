/* Lists, pipelines and compound commands of shell text. */
#include "syntax/shell_reader.h"

static const struct str reserved_words[] = {
	[SHELL_NOT_RESERVED] = {"", 0},
	[SHELL_IF] = {"if", 2},
	[SHELL_THEN] = {"then", 4},
	[SHELL_ELIF] = {"elif", 4},
	[SHELL_ELSE] = {"else", 4},
	[SHELL_FI] = {"fi", 2},
	[SHELL_FOR] = {"for", 3},
	[SHELL_SELECT] = {"select", 6},
	[SHELL_WHILE] = {"while", 5},
	[SHELL_UNTIL] = {"until", 5},
	[SHELL_DO] = {"do", 2},
	[SHELL_DONE] = {"done", 4},
	[SHELL_CASE] = {"case", 4},
	[SHELL_ESAC] = {"esac", 4},
	[SHELL_OPEN_BRACE] = {"{", 1},
	[SHELL_CLOSE_BRACE] = {"}", 1},
	[SHELL_NOT] = {"!", 1},
	[SHELL_OPEN_TEST] = {"[[", 2},
	[SHELL_FUNCTION_WORD] = {"function", 8},
	[SHELL_TIME] = {"time", 4},
	[SHELL_COPROC] = {"coproc", 6},
	[SHELL_IN] = {"in", 2},
};
enum { LONGEST_RESERVED = 8 };

enum shell_reserved shell_reserved_at(struct shell_reader *r)
{
	uint32_t pos = r->pos;
	char text[LONGEST_RESERVED];
	size_t n = 0;
	int c = shell_peek_at(r, &pos);
	if (c < 0 || !strchr("!{}[cdefistuw", c))
		return SHELL_NOT_RESERVED;
	while (!shell_is_break(c = shell_peek_at(r, &pos))) {
		if (n == sizeof text)
			return SHELL_NOT_RESERVED;
		text[n++] = (char)c;
		pos++;
	}
	for (enum shell_reserved word = SHELL_NOT_RESERVED + 1; word <= SHELL_IN; word++)
		if (reserved_words[word].p[0] == text[0] && str_eq((struct str){text, n}, reserved_words[word]))
			return word;
	return SHELL_NOT_RESERVED;
}

static void take_word(struct shell_reader *r, enum shell_reserved word)
{
	shell_take(r, (unsigned)reserved_words[word].n);
}

bool shell_take_reserved(struct shell_reader *r, enum shell_reserved word)
{
	shell_blanks(r);
	if (shell_peek(r) != reserved_words[word].p[0] || shell_reserved_at(r) != word)
		return false;
	take_word(r, word);
	return true;
}

/* Sets bits of the commands read since index `from`. Those in a function's body that is only
   defined there are left out; `direct`: those in substitutions too. */
static void mark(struct shell_reader *r, size_t from, uint32_t bits, bool direct)
{
	uint32_t levels = SHELL_LEVELS_FUNCTION | (direct ? SHELL_LEVELS_SUBSTITUTION : 0);
	for (size_t i = from; i < r->out->n; i++)
		if ((r->out->at[i].where & levels) == (r->where & levels))
			r->out->at[i].where |= bits;
}

static bool opens_compound(struct shell_reader *r, enum shell_reserved word)
{
	switch (word) {
	case SHELL_IF:
	case SHELL_FOR:
	case SHELL_SELECT:
	case SHELL_WHILE:
	case SHELL_UNTIL:
	case SHELL_CASE:
	case SHELL_OPEN_BRACE:
	case SHELL_OPEN_TEST:
		return true;
	default:
		return shell_peek(r) == '(';
	}
}

static bool read_command(struct shell_reader *r)
{
	shell_blanks(r);
	enum shell_reserved word = shell_reserved_at(r);
	if (opens_compound(r, word))
		return shell_read_compound(r, word);
	switch (word) {
	case SHELL_NOT_RESERVED:
	case SHELL_TIME:
		return shell_read_simple(r);
	case SHELL_FUNCTION_WORD: {
		struct shell_word name;
		take_word(r, word);
		shell_blanks(r);
		if (!shell_read_word(r, 0, &name, NULL))
			return false;
		if (!name.literal || name.start == name.end)
			return shell_fail(r, r->pos, "a function without a name");
		shell_blanks(r);
		if (shell_peek(r) == '(' && shell_peek2(r) == ')')
			shell_take(r, 2);
		return shell_read_function(r);
	}
	case SHELL_COPROC:
		return shell_fail(r, r->pos, "coproc is not read");
	default:
		return shell_fail(r, r->pos, "a reserved word where a command was expected");
	}
}

static bool read_pipeline(struct shell_reader *r)
{
	uint32_t where = r->where;
	uint32_t pipe_in = 0;
	for (;;) {
		if (shell_take_reserved(r, SHELL_NOT)) {
			where |= SHELL_TEST;
		} else if (shell_take_reserved(r, SHELL_TIME)) {
			shell_blanks(r);
			uint32_t behind = r->pos + 2;
			if (shell_peek(r) == '-' && shell_peek2(r) == 'p' && shell_is_break(shell_peek_at(r, &behind)))
				shell_take(r, 2);
		} else {
			break;
		}
	}
	for (;;) {
		size_t first = r->out->n;
		r->where = where | pipe_in;
		if (!read_command(r))
			return false;
		shell_blanks(r);
		int next = shell_peek2(r);
		if (shell_peek(r) != '|' || next == '|')
			return true;
		shell_take(r, next == '&' ? 2 : 1);
		mark(r, first, SHELL_PIPE_OUT, true);
		pipe_in = SHELL_PIPE_IN;
		if (!shell_newlines(r))
			return false;
		enum shell_reserved word = shell_reserved_at(r);
		if (word == SHELL_NOT)
			return shell_fail(r, r->pos, "! behind a pipe");
	}
}

/* Pipelines joined by && and ||. */
static bool read_and_or(struct shell_reader *r)
{
	uint32_t where = r->where;
	size_t tested = r->out->n; /* from here on commands are not yet marked as the left side of || */
	bool after_or = false;
	r->list = ++r->lists;
	for (;;) {
		r->where = after_or ? where | SHELL_CONDITIONAL : where;
		if (!read_pipeline(r))
			return false;
		r->where = where;
		int c = shell_peek(r);
		if ((c != '&' && c != '|') || shell_peek2(r) != c)
			return true;
		shell_take(r, 2);
		if (c == '|') {
			mark(r, tested, SHELL_TEST, false);
			tested = r->out->n;
		}
		if (c == '|' || after_or)
			r->list = ++r->lists;
		after_or = c == '|';
		if (!shell_newlines(r))
			return false;
	}
}

/* Where no command of this list begins any more. */
static bool at_list_end(struct shell_reader *r)
{
	int c = shell_peek(r);
	if (c < 0 || c == ')' || (c == ';' && (shell_peek2(r) == ';' || shell_peek2(r) == '&')))
		return true;
	switch (shell_reserved_at(r)) {
	case SHELL_THEN:
	case SHELL_ELIF:
	case SHELL_ELSE:
	case SHELL_FI:
	case SHELL_DO:
	case SHELL_DONE:
	case SHELL_ESAC:
	case SHELL_CLOSE_BRACE:
		return true;
	default:
		return false;
	}
}

bool shell_read_list(struct shell_reader *r, bool may_be_empty)
{
	bool empty = true;
	if (!shell_newlines(r))
		return false;
	while (!at_list_end(r)) {
		size_t first = r->out->n;
		if (!read_and_or(r))
			return false;
		empty = false;
		if (r->depth == 0)
			r->out->end = r->last_end;
		int c = shell_peek(r), next = shell_peek2(r);
		if (c == '&' && next != '&') {
			mark(r, first, SHELL_BACKGROUND, false);
			shell_take(r, 1);
		} else if (c == ';' && next != ';' && next != '&') {
			shell_take(r, 1);
		} else if (c != '\n') {
			break;
		}
		if (!shell_newlines(r))
			return false;
	}
	if (empty && !may_be_empty)
		return shell_fail(r, r->pos, "a list without commands");
	return true;
}

/* A list in a place of its own, then the reserved word `close` (unless SHELL_NOT_RESERVED). */
static bool read_block(struct shell_reader *r, uint32_t where, enum shell_reserved close)
{
	uint32_t old_where = r->where, old_list = r->list;
	r->where |= where;
	if (!shell_read_list(r, false))
		return false;
	r->where = old_where;
	r->list = old_list;
	if (close != SHELL_NOT_RESERVED && !shell_take_reserved(r, close))
		return shell_fail(r, r->pos, "a compound command is not closed");
	return true;
}

/* Behind "if". */
static bool read_if(struct shell_reader *r)
{
	uint32_t condition = SHELL_TEST;
	for (;;) {
		if (!read_block(r, condition, SHELL_THEN) || !read_block(r, SHELL_CONDITIONAL, SHELL_NOT_RESERVED))
			return false;
		if (!shell_take_reserved(r, SHELL_ELIF))
			break;
		condition = SHELL_TEST | SHELL_CONDITIONAL;
	}
	if (shell_take_reserved(r, SHELL_ELSE))
		return read_block(r, SHELL_CONDITIONAL, SHELL_FI);
	return shell_take_reserved(r, SHELL_FI) || shell_fail(r, r->pos, "if without fi");
}

/* "do … done", or braces as bash takes them behind for. */
static bool read_loop_body(struct shell_reader *r, bool braces)
{
	if (braces && shell_take_reserved(r, SHELL_OPEN_BRACE))
		return read_block(r, SHELL_LOOP, SHELL_CLOSE_BRACE);
	if (!shell_take_reserved(r, SHELL_DO))
		return shell_fail(r, r->pos, "do was expected");
	return read_block(r, SHELL_LOOP, SHELL_DONE);
}

static bool take_semicolon(struct shell_reader *r)
{
	shell_blanks(r);
	if (shell_peek(r) == ';' && shell_peek2(r) != ';')
		shell_take(r, 1);
	return shell_newlines(r);
}

/* The words of for and select, behind "in". */
static bool read_for_words(struct shell_reader *r)
{
	for (;;) {
		struct shell_word word;
		shell_blanks(r);
		if (!shell_read_word(r, 0, &word, NULL))
			return false;
		if (word.start < word.end)
			continue;
		int c = shell_peek(r);
		return (c == ';' || c == '\n') || shell_fail(r, r->pos, "unexpected in the words of for");
	}
}

/* Behind "for" or "select". */
static bool read_for(struct shell_reader *r)
{
	struct shell_word name;
	shell_blanks(r);
	if (shell_peek(r) == '(' && shell_peek2(r) == '(') {
		bool is;
		if (!shell_try_arithmetic(r, &is))
			return false;
		if (!is)
			return shell_fail(r, r->pos, "for (( without ))");
	} else {
		if (!shell_read_word(r, 0, &name, NULL))
			return false;
		if (!name.literal || !shell_is_name(name.text))
			return shell_fail(r, r->pos, "for without a variable");
		if (!shell_newlines(r))
			return false;
		if (shell_take_reserved(r, SHELL_IN) && !read_for_words(r))
			return false;
	}
	return take_semicolon(r) && read_loop_body(r, true);
}

/* A pattern of case up to its closing parenthesis. */
static bool read_case_pattern(struct shell_reader *r)
{
	struct shell_word word;
	shell_blanks(r);
	if (shell_peek(r) == '(')
		shell_take(r, 1);
	for (;;) {
		shell_blanks(r);
		if (!shell_read_word(r, 0, &word, NULL))
			return false;
		shell_blanks(r);
		int c = shell_peek(r);
		if (word.start == word.end || (c != '|' && c != ')'))
			return shell_fail(r, r->pos, "unexpected in a pattern of case");
		shell_take(r, 1);
		if (c == ')')
			return true;
	}
}

/* Behind "case". */
static bool read_case(struct shell_reader *r)
{
	struct shell_word subject;
	shell_blanks(r);
	if (!shell_read_word(r, 0, &subject, NULL))
		return false;
	if (subject.start == subject.end || !shell_newlines(r) || !shell_take_reserved(r, SHELL_IN))
		return shell_fail(r, r->pos, "case without in");
	uint32_t where = r->where, list = r->list;
	for (;;) {
		if (!shell_newlines(r))
			return false;
		if (shell_take_reserved(r, SHELL_ESAC))
			return true;
		r->where = where | SHELL_CONDITIONAL;
		if (!read_case_pattern(r) || !shell_read_list(r, true))
			return false;
		r->where = where;
		r->list = list;
		shell_blanks(r);
		if (shell_peek(r) != ';')
			return shell_take_reserved(r, SHELL_ESAC) || shell_fail(r, r->pos, "case without esac");
		bool both = shell_peek2(r) == ';';
		shell_take(r, 2);
		if (both && shell_peek(r) == '&')
			shell_take(r, 1);
	}
}

static bool read_subshell(struct shell_reader *r)
{
	uint32_t open = r->pos;
	shell_take(r, 1);
	if (!read_block(r, SHELL_SUBSHELL, SHELL_NOT_RESERVED))
		return false;
	if (shell_peek(r) != ')')
		return shell_fail(r, r->pos == r->end ? open : r->pos, "a parenthesis is not closed");
	shell_take(r, 1);
	return true;
}

static bool read_compound_body(struct shell_reader *r, enum shell_reserved first)
{
	if (first == SHELL_NOT_RESERVED)
		return read_subshell(r);
	take_word(r, first);
	switch (first) {
	case SHELL_IF:
		return read_if(r);
	case SHELL_FOR:
	case SHELL_SELECT:
		return read_for(r);
	case SHELL_WHILE:
	case SHELL_UNTIL:
		return read_block(r, SHELL_TEST, SHELL_NOT_RESERVED) && read_loop_body(r, false);
	case SHELL_CASE:
		return read_case(r);
	default:
		return read_block(r, 0, SHELL_CLOSE_BRACE);
	}
}

bool shell_read_compound(struct shell_reader *r, enum shell_reserved first)
{
	uint32_t start = r->pos;
	if (first == SHELL_OPEN_TEST)
		return shell_read_test(r);
	if (first == SHELL_NOT_RESERVED && shell_peek2(r) == '(') {
		bool is;
		if (!shell_try_arithmetic_command(r, &is))
			return false;
		if (is)
			return true;
	}
	if (!shell_enter(r) || !read_compound_body(r, first))
		return false;
	r->depth--;
	return shell_read_redirects(r, start);
}

bool shell_read_function(struct shell_reader *r)
{
	uint32_t where = r->where;
	if (!shell_newlines(r))
		return false;
	enum shell_reserved first = shell_reserved_at(r);
	if (!opens_compound(r, first))
		return shell_fail(r, r->pos, "a function without a compound command");
	if (!shell_enter(r))
		return false;
	r->where &= ~(uint32_t)(SHELL_TEST | SHELL_PIPE_IN | SHELL_PIPE_OUT | SHELL_BACKGROUND);
	r->where = (r->where | SHELL_FUNCTION) + SHELL_LEVEL_FUNCTION;
	if (!shell_read_compound(r, first))
		return false;
	r->where = where;
	r->depth--;
	return true;
}

void shell_parse(struct arena *a, struct str text, struct shell_script *out)
{
	*out = (struct shell_script){0};
	struct shell_reader r = {.arena = a, .out = out, .p = text.n ? text.p : ""};
	size_t nul = str_find_char(text, '\0', 0);
	if (nul != STR_NONE || text.n > UINT32_MAX / 2) {
		shell_fail(&r, nul != STR_NONE && nul <= UINT32_MAX / 2 ? (uint32_t)nul : 0,
			   nul != STR_NONE ? "a NUL byte" : "too long");
		return;
	}
	r.end = (uint32_t)text.n;
	r.rework_max = (uint64_t)text.n * 4 + 4096;
	if (shell_read_list(&r, true) && shell_peek(&r) >= 0)
		shell_fail(&r, r.pos, "unexpected here");
	for (size_t i = 0; i < out->n; i++)
		out->at[i].where &= SHELL_LEVEL_SUBSTITUTION - 1;
}
