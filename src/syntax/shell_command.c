/* Simple commands, tests, redirections and here-documents of shell text. */
#include <limits.h>

#include "syntax/shell_reader.h"

/* A command being read: where its parts begin on the reader's stacks. */
struct frame {
	size_t command; /* its index; it is pushed first, so that it precedes what its words hold */
	size_t words, assignments, redirects;
};

static struct frame begin_command(struct shell_reader *r, uint32_t start)
{
	struct frame f = {r->out->n, r->words.n, r->assignments.n, r->redirects.n};
	struct shell_command *c = VEC_PUSH(r->arena, *r->out);
	*c = (struct shell_command){.start = shell_offset(r, start), .where = r->where, .list = r->list};
	return f;
}

static void *pop(struct arena *a, const void *stack, size_t size, size_t from, size_t to, uint32_t *n)
{
	*n = (uint32_t)(to - from);
	if (to == from)
		return NULL;
	void *own = arena_array(a, to - from, size);
	memcpy(own, (const char *)stack + from * size, (to - from) * size);
	return own;
}

static void end_command(struct shell_reader *r, const struct frame *f)
{
	struct shell_command *c = &r->out->at[f->command];
	struct arena *a = r->arena;
	c->end = r->last_end;
	c->words = pop(a, r->words.at, sizeof *r->words.at, f->words, r->words.n, &c->nwords);
	c->assignments = pop(a, r->assignments.at, sizeof *r->assignments.at, f->assignments, r->assignments.n,
			     &c->nassignments);
	c->redirects = pop(a, r->redirects.at, sizeof *r->redirects.at, f->redirects, r->redirects.n, &c->nredirects);
	r->words.n = f->words;
	r->assignments.n = f->assignments;
	r->redirects.n = f->redirects;
	for (uint32_t i = 0; i < c->nredirects; i++) {
		struct shell_redirect *redirect = &c->redirects[i];
		if (redirect->kind == REDIRECT_HEREDOC)
			*VEC_PUSH(a, r->pending) = (struct shell_pending){redirect, c->where};
	}
}

/* A command that could not be read to its end is not listed. */
static bool drop_command(struct shell_reader *r, const struct frame *f)
{
	r->out->n = f->command;
	return false;
}

/* Takes the descriptor before a redirection's operator, if one is there. */
static bool is_descriptor(const struct shell_reader *r, uint32_t *pos, int *fd)
{
	int c = shell_peek_at(r, pos);
	uint32_t start = *pos;
	if (c == '{') {
		do {
			++*pos;
			c = shell_peek_at(r, pos);
		} while (shell_is_name_char(c));
		if (c != '}' || *pos == start + 1)
			return false;
		++*pos;
		*fd = SHELL_FD_NAMED;
		return true;
	}
	for (*fd = 0; c >= '0' && c <= '9'; c = shell_peek_at(r, pos)) {
		*fd = *fd > INT_MAX / 10 - 1 ? INT_MAX / 10 : *fd * 10 + (c - '0');
		++*pos;
	}
	return *pos > start;
}

struct redirect_operator {
	char text[4];
	enum redirect_kind kind;
	int fd;
};

/* Longer ones first. */
static const struct redirect_operator operators[] = {
	{"&>>", REDIRECT_APPEND, SHELL_FD_BOTH},
	{"<<<", REDIRECT_HERESTRING, 0},
	{"<<-", REDIRECT_HEREDOC, 0},
	{"&>", REDIRECT_OUT, SHELL_FD_BOTH},
	{">>", REDIRECT_APPEND, 1},
	{">|", REDIRECT_OUT, 1},
	{">&", REDIRECT_DUP, 1},
	{"<<", REDIRECT_HEREDOC, 0},
	{"<&", REDIRECT_DUP, 0},
	{"<>", REDIRECT_READ_WRITE, 0},
	{">", REDIRECT_OUT, 1},
	{"<", REDIRECT_IN, 0},
};

static const struct redirect_operator *operator_at(const struct shell_reader *r, uint32_t *pos)
{
	for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
		const char *text = operators[i].text;
		uint32_t at = *pos;
		while (*text && shell_peek_at(r, &at) == *text) {
			text++;
			at++;
		}
		if (*text)
			continue;
		if (at - *pos == 1 && shell_peek_at(r, &at) == '(')
			return NULL; /* process substitution */
		*pos = at;
		return &operators[i];
	}
	return NULL;
}

/* >& with a file is &>. */
static bool is_descriptor_word(const struct shell_word *word)
{
	struct str text = word->text;
	if (!word->literal)
		return true;
	if (text.n > 1 && text.p[text.n - 1] == '-')
		text.n--;
	if (str_eq(text, STR("-")))
		return true;
	for (size_t i = 0; i < text.n; i++)
		if (!ascii_digit(text.p[i]))
			return false;
	return text.n > 0;
}

/* A redirection, if one stands here. */
static bool read_redirect(struct shell_reader *r, bool *is)
{
	uint32_t start = r->pos, pos = r->pos;
	int first = shell_peek(r);
	*is = false;
	if (first != '<' && first != '>' && first != '&' && first != '{' && (first < '0' || first > '9'))
		return true;
	struct shell_redirect redirect = {0};
	bool has_fd = is_descriptor(r, &pos, &redirect.fd);
	if (!has_fd)
		pos = start;
	const struct redirect_operator *op = operator_at(r, &pos);
	*is = op && !(has_fd && op->text[0] == '&');
	if (!*is)
		return true;
	size_t commands = r->out->n;
	r->pos = pos;
	shell_blanks(r);
	if (!shell_read_word(r, 0, &redirect.target, NULL))
		return false;
	if (redirect.target.start == redirect.target.end)
		return shell_fail(r, start, "a redirection without its target");
	redirect.kind = op->kind;
	if (!has_fd)
		redirect.fd = op->fd;
	if (op->kind == REDIRECT_DUP && op->fd == 1 && !has_fd && !is_descriptor_word(&redirect.target)) {
		redirect.kind = REDIRECT_OUT;
		redirect.fd = SHELL_FD_BOTH;
	}
	if (op->kind == REDIRECT_HEREDOC && r->out->n > commands)
		return shell_fail(r, start, "a command substitution as a here-document's delimiter");
	redirect.chomp = op->text[2] == '-';
	redirect.start = shell_offset(r, start);
	redirect.end = redirect.target.end;
	*VEC_PUSH(r->arena, r->redirects) = redirect;
	return true;
}

bool shell_read_redirects(struct shell_reader *r, uint32_t start)
{
	struct frame f = begin_command(r, start);
	for (;;) {
		bool is;
		shell_blanks(r);
		if (!read_redirect(r, &is))
			return drop_command(r, &f);
		if (!is)
			break;
	}
	if (r->redirects.n > f.redirects)
		end_command(r, &f);
	else
		r->out->n = f.command;
	return true;
}

/* The body without the tabs at the beginning of its lines. */
static struct str without_tabs(struct arena *a, struct str body)
{
	char *p = arena_alloc(a, body.n + 1);
	size_t n = 0;
	bool line_start = true;
	for (size_t i = 0; i < body.n; i++) {
		if (line_start && body.p[i] == '\t')
			continue;
		line_start = body.p[i] == '\n';
		p[n++] = body.p[i];
	}
	return (struct str){p, n};
}

/* Whether a line's end is escaped: an odd number of backslashes. */
static bool goes_on(struct str line)
{
	size_t n = line.n;
	while (n > 0 && line.p[n - 1] == '\\')
		n--;
	return (line.n - n) % 2 == 1;
}

/* At the line behind a here-document's own. */
static bool read_heredoc(struct shell_reader *r, const struct shell_pending *pending)
{
	struct shell_redirect *redirect = pending->redirect;
	bool expand = !redirect->target.quoted;
	uint32_t from = r->pos, to = r->end;
	bool joined = false;
	while (r->pos < r->end) {
		uint32_t start = r->pos;
		const char *newline = memchr(r->p + start, '\n', r->end - start);
		uint32_t end = newline ? (uint32_t)(newline - r->p) : r->end;
		r->pos = newline ? end + 1 : end;
		struct str line = {r->p + start, end - start};
		while (redirect->chomp && line.n > 0 && line.p[0] == '\t') {
			line.p++;
			line.n--;
		}
		if (!joined && str_eq(line, redirect->target.text)) {
			to = start;
			break;
		}
		joined = expand && goes_on(line);
	}
	redirect->body = (struct str){r->p + from, to - from};
	redirect->body_start = shell_offset(r, from);
	redirect->body_end = shell_offset(r, to);
	if (redirect->chomp)
		redirect->body = without_tabs(r->arena, redirect->body);
	return !expand || shell_read_body(r, from, to, pending->where);
}

bool shell_newline(struct shell_reader *r)
{
	size_t base = r->pending_base;
	r->pos++;
	r->pending_base = r->pending.n;
	for (size_t i = base; i < r->pending_base; i++) {
		struct shell_pending pending = r->pending.at[i];
		if (!read_heredoc(r, &pending))
			return false;
	}
	r->pending.n = base;
	r->pending_base = base;
	return true;
}

static bool is_declaration(const struct shell_word *name)
{
	static const char *const names[] = {"alias", "declare", "export", "local", "readonly", "typeset"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (name->literal && str_eq(name->text, str_of(names[i])))
			return true;
	return false;
}

/* A word of a simple command; `*is` is false where the command ends. */
static bool read_argument(struct shell_reader *r, const struct frame *f, bool *declares, bool *is)
{
	bool first = r->words.n == f->words;
	bool assignment;
	struct shell_word word;
	unsigned mode = first ? SHELL_WORD_ASSIGNMENT : *declares ? SHELL_WORD_ARRAY : 0;
	if (!shell_read_word(r, mode, &word, &assignment))
		return false;
	*is = word.end > word.start;
	if (!*is)
		return true;
	if (first && assignment) {
		*VEC_PUSH(r->arena, r->assignments) = word;
		return true;
	}
	*VEC_PUSH(r->arena, r->words) = word;
	if (first)
		*declares = is_declaration(&word);
	return true;
}

bool shell_read_simple(struct shell_reader *r)
{
	shell_peek(r);
	struct frame f = begin_command(r, r->pos);
	bool declares = false, more = true;
	while (more) {
		shell_blanks(r);
		if (!read_redirect(r, &more))
			return drop_command(r, &f);
		if (more)
			continue;
		if (!read_argument(r, &f, &declares, &more))
			return drop_command(r, &f);
	}
	size_t words = r->words.n - f.words;
	size_t others = r->assignments.n - f.assignments + r->redirects.n - f.redirects;
	if (shell_peek(r) == '(') {
		uint32_t at = r->pos;
		bool function = words == 1 && others == 0 && !r->words.at[f.words].expands;
		shell_take(r, 1);
		shell_blanks(r);
		if (!function || shell_peek(r) != ')') {
			shell_fail(r, at, "unexpected (");
			return drop_command(r, &f);
		}
		shell_take(r, 1);
		r->words.n = f.words;
		r->out->n = f.command;
		return shell_read_function(r);
	}
	if (words + others == 0) {
		shell_fail(r, r->pos, r->pos == r->end ? "a command is missing at the end" : "a command was expected");
		return drop_command(r, &f);
	}
	end_command(r, &f);
	return true;
}

static void push_token(struct shell_reader *r, unsigned n)
{
	struct shell_word word = {.literal = true};
	shell_peek(r);
	word.start = shell_offset(r, r->pos);
	word.text.p = r->p + r->pos;
	shell_take(r, n);
	word.text.n = (size_t)(r->p + r->pos - word.text.p);
	word.end = r->last_end;
	*VEC_PUSH(r->arena, r->words) = word;
}

static bool push_operand(struct shell_reader *r, unsigned mode)
{
	struct shell_word word;
	if (!shell_newlines(r))
		return false;
	uint32_t at = r->pos;
	if (!shell_read_word(r, mode, &word, NULL))
		return false;
	if (word.start == word.end)
		return shell_fail(r, at, "unexpected in [[ ]]");
	*VEC_PUSH(r->arena, r->words) = word;
	return true;
}

static const struct shell_word *last_word(const struct shell_reader *r)
{
	return &r->words.at[r->words.n - 1];
}

static bool last_is(const struct shell_reader *r, struct str text)
{
	return !last_word(r)->quoted && str_eq(last_word(r)->text, text);
}

/* What follows an operand: && || ) or ]]. */
static bool at_connector(struct shell_reader *r)
{
	int c = shell_peek(r), next = shell_peek2(r);
	if (c == ']' && next == ']') {
		uint32_t pos = r->pos + 2;
		return shell_is_break(shell_peek_at(r, &pos));
	}
	return c < 0 || c == ')' || ((c == '&' || c == '|') && next == c);
}

/* A unary test or a comparison, or one word alone. */
static bool read_test_term(struct shell_reader *r)
{
	if (!push_operand(r, 0))
		return false;
	const struct shell_word *first = last_word(r);
	bool unary = !first->quoted && first->text.n == 2 && first->text.p[0] == '-';
	if (last_is(r, STR("]]")))
		return shell_fail(r, r->pos, "unexpected ]]");
	if (!shell_newlines(r))
		return false;
	if (at_connector(r))
		return true;
	if (unary)
		return push_operand(r, 0);
	int c = shell_peek(r);
	if ((c == '<' || c == '>') && shell_peek2(r) != '(')
		push_token(r, 1);
	else if (!push_operand(r, 0))
		return false;
	if (last_is(r, STR("=~")))
		return push_operand(r, SHELL_WORD_REGEX);
	if (last_is(r, STR("=")) || last_is(r, STR("==")) || last_is(r, STR("!=")))
		return push_operand(r, SHELL_WORD_PATTERN);
	const struct shell_word *op = last_word(r);
	if (op->quoted ||
	    !(str_eq(op->text, STR("<")) || str_eq(op->text, STR(">")) || (op->text.n == 3 && op->text.p[0] == '-')))
		return shell_fail(r, r->pos, "an operator was expected in [[ ]]");
	return push_operand(r, 0);
}

/* Operands and operators up to ]]. */
static bool read_test_words(struct shell_reader *r)
{
	uint32_t parentheses = 0;
	for (;;) {
		if (!shell_newlines(r))
			return false;
		int c = shell_peek(r);
		uint32_t behind = r->pos + 1;
		if (c == '(' || (c == '!' && shell_is_break(shell_peek_at(r, &behind)))) {
			parentheses += c == '(';
			push_token(r, 1);
			continue;
		}
		if (!read_test_term(r) || !shell_newlines(r))
			return false;
		while (parentheses > 0 && shell_peek(r) == ')') {
			parentheses--;
			push_token(r, 1);
			if (!shell_newlines(r))
				return false;
		}
		c = shell_peek(r);
		if (!at_connector(r) || c < 0 || c == ')')
			return shell_fail(r, r->pos, "[[ is not closed");
		push_token(r, 2);
		if (c != ']')
			continue;
		return parentheses == 0 || shell_fail(r, r->pos, "a parenthesis is not closed in [[ ]]");
	}
}

static bool read_trailing_redirects(struct shell_reader *r)
{
	bool is = true;
	while (is) {
		shell_blanks(r);
		if (!read_redirect(r, &is))
			return false;
	}
	return true;
}

bool shell_read_test(struct shell_reader *r)
{
	struct frame f = begin_command(r, r->pos);
	push_token(r, 2);
	if (!read_test_words(r) || !read_trailing_redirects(r))
		return drop_command(r, &f);
	end_command(r, &f);
	return true;
}

bool shell_try_arithmetic_command(struct shell_reader *r, bool *is)
{
	struct frame f = begin_command(r, r->pos);
	uint32_t start = r->pos;
	if (!shell_try_arithmetic(r, is))
		return drop_command(r, &f);
	if (!*is) {
		r->out->n = f.command;
		return true;
	}
	uint32_t end = r->pos;
	r->pos = start;
	push_token(r, 2);
	struct shell_word *expression = VEC_PUSH(r->arena, r->words);
	*expression = (struct shell_word){
		.text = {r->p + r->pos, end - 2 - r->pos},
		.start = shell_offset(r, r->pos),
		.end = shell_offset(r, end - 2),
		.expands = true,
	};
	r->pos = end - 2;
	push_token(r, 2);
	if (!read_trailing_redirects(r))
		return drop_command(r, &f);
	end_command(r, &f);
	return true;
}
