#include "model/expand.h"

#include "model/pattern.h"

enum {
	MAX_NESTING = 100,	     /* of ${x:-${y:-...}} */
	MAX_SPENT = 64 * 1024 * 1024 /* bytes taken from variables, and a sixteenth of the steps of pattern matching */
};

/* Stands for whatever lies behind SCOPE_MAX_DEPTH. */
static const struct variable out_of_reach = {.known = false};

const struct variable *scope_get(const struct scope *s, struct str name)
{
	for (int depth = 0; s; s = s->parent, depth++) {
		if (depth == SCOPE_MAX_DEPTH)
			return &out_of_reach;
		const struct variable *v = map_get(&s->names, name);
		if (v)
			return v;
	}
	return NULL;
}

void scope_put(struct scope *s, struct str name, struct variable value)
{
	const struct variable *old = scope_get(s, name);

	if (old && value.unset)
		return;
	if (old && old->from_env && !value.from_env) {
		if (old->known && value.known && str_eq(old->value, value.value))
			return;
		value.known = false;
		value.from_env = true;
	}
	struct variable *own = map_get(&s->names, name);
	if (!own) {
		own = ARENA_NEW(s->arena, struct variable);
		*map_put(s->arena, &s->names, arena_str(s->arena, name)) = own;
	}
	*own = value;
}

/* What the text written so far rests on. */
struct doubt {
	bool any;
	struct str name; /* the first unknown variable */
};

struct expander {
	struct arena *arena;
	const struct scope *scope;
	char escape;
	bool unset_is_unknown;
	struct str word;
	size_t at;
	struct buf out;
	struct doubt doubt;
	bool failed; /* bad syntax, or too much of something: nothing is known of the whole word */
	unsigned nesting;
	size_t *spent;
};

enum state {
	NOT_SET,
	NOT_PASSED, /* an ARG without a value */
	SET,
	SET_UNKNOWN,
	UNKNOWN /* not even whether it is set */
};

struct value {
	enum state state;
	struct str text;
	struct str name;
};

static void doubt(struct expander *e, struct str name)
{
	if (!e->doubt.any)
		e->doubt = (struct doubt){true, name};
}

static void spend(struct expander *e, size_t amount)
{
	if (amount > MAX_SPENT || *e->spent > MAX_SPENT - amount) {
		*e->spent = MAX_SPENT;
		e->failed = true;
		return;
	}
	*e->spent += amount;
}

static void add_value(struct expander *e, struct str text)
{
	spend(e, text.n);
	if (e->out.n + text.n > EXPANSION_MAX)
		e->failed = true;
	if (!e->failed)
		buf_add(&e->out, text);
}

static bool at_end(const struct expander *e)
{
	return e->at == e->word.n;
}

static bool at_char(const struct expander *e, char c)
{
	return e->at < e->word.n && e->word.p[e->at] == c;
}

static bool is_name_char(char c)
{
	return ascii_alpha(c) || ascii_digit(c) || c == '_' || (unsigned char)c >= 0x80;
}

/* A name: digits, or one special parameter, or letters, digits and _; empty when there is none. Other alphabets'
   letters count for BuildKit: a name that holds any is taken whole, and never known. */
static struct str read_name(struct expander *e)
{
	size_t start = e->at;

	if (at_end(e))
		return STR("");
	if (memchr("@*#?-$!", e->word.p[e->at], 7)) {
		e->at++;
	} else if (ascii_digit(e->word.p[e->at])) {
		while (!at_end(e) && ascii_digit(e->word.p[e->at]))
			e->at++;
	} else {
		while (!at_end(e) && is_name_char(e->word.p[e->at]))
			e->at++;
	}
	return str_sub(e->word, start, e->at);
}

static bool is_ascii(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	return true;
}

static struct value value_of(const struct expander *e, struct str name)
{
	const struct variable *v = name.n ? scope_get(e->scope, name) : NULL;
	struct value value = {.text = STR(""), .name = name};

	if (v == &out_of_reach || !is_ascii(name)) {
		value.state = UNKNOWN;
	} else if (v) {
		value.state = v->known ? SET : v->unset ? NOT_PASSED : SET_UNKNOWN;
		value.text = v->value.p ? v->value : STR("");
	} else if (e->unset_is_unknown && name.n && (ascii_alpha(name.p[0]) || name.p[0] == '_')) {
		value.state = UNKNOWN;
	}
	return value;
}

/* $name and ${name}. */
static void add_plain(struct expander *e, struct value v)
{
	if (v.state == SET)
		add_value(e, v.text);
	else if (v.state != NOT_SET)
		doubt(e, v.name);
}

static void expand_until(struct expander *e, char stop, bool raw);

/* Expands up to `stop` behind what is written already; says where that begins and keeps its doubt apart. */
static struct doubt expand_part(struct expander *e, char stop, bool raw, size_t *start)
{
	struct doubt before = e->doubt;

	*start = e->out.n;
	e->doubt = (struct doubt){false, STR("")};
	expand_until(e, stop, raw);
	struct doubt part = e->doubt;
	e->doubt = before;
	return part;
}

static struct str take_part(struct expander *e, size_t start)
{
	struct str part = arena_str(e->arena, str_sub(buf_str(&e->out), start, e->out.n));

	spend(e, part.n);
	e->out.n = start;
	return part;
}

/* ${name-word}, ${name+word}, ${name?word}, and with a colon, for which an empty value is as good as none. */
static void expand_conditional(struct expander *e, struct value v, char op, bool colon)
{
	size_t start;
	struct doubt word = expand_part(e, '}', false, &start);

	if (e->failed)
		return;
	bool missing = v.state == NOT_SET || v.state == NOT_PASSED || (v.state == SET && colon && v.text.n == 0);
	bool unsure = v.state == UNKNOWN || (v.state == SET_UNKNOWN && colon);
	bool nothing = !word.any && e->out.n == start;
	bool keep = op == '-' ? missing : op == '+' && !missing && !unsure;

	if (keep) {
		if (word.any)
			doubt(e, word.name);
		return;
	}
	e->out.n = start;
	if (op == '+') {
		if (unsure && !nothing)
			doubt(e, v.name);
	} else if (op == '-') {
		add_plain(e, v);
	} else if (missing) {
		doubt(e, v.name); /* the build stops here */
	} else {
		add_plain(e, v);
	}
}

/* ${name#pattern} and ${name%pattern}; doubled for the longest match. */
static void expand_trim(struct expander *e, struct value v, char op)
{
	size_t start;
	struct doubt unknown = expand_part(e, '}', true, &start);
	struct str text = take_part(e, start);

	if (e->failed)
		return;
	bool longest = text.n > 0 && text.p[0] == op;
	const struct pattern *p = pattern_read(e->arena, longest ? str_sub(text, 1, text.n) : text);
	if (!p && !unknown.any) {
		e->failed = true;
	} else if (v.state == NOT_SET || (v.state == SET && v.text.n == 0)) {
		return;
	} else if (v.state != SET) {
		doubt(e, v.name);
	} else if (unknown.any) {
		doubt(e, unknown.name);
	} else if (pattern_unsure(p, v.text)) {
		doubt(e, v.name);
	} else {
		spend(e, v.text.n + pattern_cost(p, v.text.n) / 16);
		if (!e->failed)
			add_value(e, op == '#' ? pattern_cut_prefix(e->arena, p, v.text, longest)
					       : pattern_cut_suffix(e->arena, p, v.text, longest));
	}
}

/* ${name/pattern/replacement}, and with a doubled first slash every match. */
static void expand_replace(struct expander *e, struct value v)
{
	size_t start;
	bool all = at_char(e, '/');

	e->at += all;
	struct doubt unknown = expand_part(e, '/', true, &start);
	struct str text = take_part(e, start);
	if (e->failed)
		return;
	struct doubt unknown_replacement = expand_part(e, '}', true, &start);
	struct str replacement = take_part(e, start);
	if (e->failed)
		return;
	const struct pattern *p = pattern_read(e->arena, text);
	if (!p && !unknown.any) {
		e->failed = true;
		return;
	}
	if (v.state != SET && v.state != NOT_SET) {
		doubt(e, v.name);
		return;
	}
	if (unknown.any) {
		doubt(e, unknown.name);
		return;
	}
	if (pattern_unsure(p, v.text)) {
		doubt(e, v.name);
		return;
	}
	spend(e, v.text.n + pattern_cost(p, v.text.n) / 16 + (all ? v.text.n + 1 : 1) * replacement.n);
	if (e->failed)
		return;
	size_t count = pattern_replace(e->arena, p, v.text, replacement, all, &e->out);
	if (e->out.n > EXPANSION_MAX)
		e->failed = true;
	/* BuildKit's replacement of all matches takes a $ in the replacement for a reference to a group. */
	if (count > 0 && (unknown_replacement.any || (all && str_find_char(replacement, '$', 0) != STR_NONE)))
		doubt(e, unknown_replacement.any ? unknown_replacement.name : v.name);
}

/* Behind "${". */
static void expand_braces(struct expander *e)
{
	if (at_end(e) || memchr("{}:", e->word.p[e->at], 3)) {
		e->failed = true;
		return;
	}
	struct value v = value_of(e, read_name(e));
	bool colon = at_char(e, ':');
	e->at += colon;
	if (at_end(e)) {
		e->failed = true;
		return;
	}
	char op = e->word.p[e->at++];
	if (op == '}' && !colon)
		add_plain(e, v);
	else if (op == '-' || op == '+' || op == '?')
		expand_conditional(e, v, op, colon);
	else if ((op == '#' || op == '%') && !colon)
		expand_trim(e, v, op);
	else if (op == '/' && !colon)
		expand_replace(e, v);
	else
		e->failed = true;
}

/* At a '$'. */
static void expand_dollar(struct expander *e)
{
	e->at++;
	if (at_char(e, '{')) {
		e->at++;
		expand_braces(e);
		return;
	}
	struct str name = read_name(e);
	if (name.n)
		add_plain(e, value_of(e, name));
	else
		buf_char(&e->out, '$');
}

static void expand_single_quotes(struct expander *e)
{
	size_t end = str_find_char(e->word, '\'', e->at + 1);

	if (end == STR_NONE) {
		e->failed = true;
		return;
	}
	buf_add(&e->out, str_sub(e->word, e->at + 1, end));
	e->at = end + 1;
}

static void expand_double_quotes(struct expander *e, bool raw)
{
	e->at++;
	while (!e->failed && !at_end(e) && !at_char(e, '"')) {
		char c = e->word.p[e->at];
		if (c == '$') {
			expand_dollar(e);
			continue;
		}
		e->at++;
		if (c == e->escape) {
			if (raw)
				buf_char(&e->out, c);
			if (at_end(e))
				break;
			char next = e->word.p[e->at];
			if (next == '"' || next == '$' || next == e->escape) {
				c = next;
				e->at++;
			}
		}
		buf_char(&e->out, c);
	}
	if (at_end(e))
		e->failed = true;
	else
		e->at++;
}

/* Expands up to an unquoted `stop`, which is read too; to the end for '\0'. `raw` keeps escape characters, as
   patterns need them. */
static void expand_until(struct expander *e, char stop, bool raw)
{
	if (++e->nesting > MAX_NESTING)
		e->failed = true;
	while (!e->failed) {
		if (at_end(e)) {
			if (stop)
				e->failed = true;
			break;
		}
		char c = e->word.p[e->at];
		if (stop && c == stop) {
			e->at++;
			break;
		}
		if (c == '$') {
			expand_dollar(e);
		} else if (c == '\'') {
			expand_single_quotes(e);
		} else if (c == '"') {
			expand_double_quotes(e, raw);
		} else {
			e->at++;
			if (c == e->escape) {
				if (raw)
					buf_char(&e->out, c);
				if (at_end(e))
					continue; /* an escape character at the end stands for nothing */
				c = e->word.p[e->at++];
			}
			buf_char(&e->out, c);
		}
	}
	e->nesting--;
}

/* The variable that a word of the form $x, ${x}, "$x" or "${x}" refers to, or NULL. */
static const struct variable *only_reference(const struct scope *scope, struct str word)
{
	if (word.n >= 2 && word.p[0] == '"' && word.p[word.n - 1] == '"')
		word = str_sub(word, 1, word.n - 1);
	if (word.n < 2 || word.p[0] != '$')
		return NULL;
	word = str_sub(word, 1, word.n);
	if (word.n > 2 && word.p[0] == '{' && word.p[word.n - 1] == '}')
		word = str_sub(word, 1, word.n - 1);
	if (!ascii_alpha(word.p[0]) && word.p[0] != '_')
		return NULL;
	for (size_t i = 0; i < word.n; i++)
		if (!is_name_char(word.p[i]))
			return NULL;
	const struct variable *v = scope_get(scope, word);
	return v == &out_of_reach ? NULL : v;
}

static bool is_plain(struct str word, char escape)
{
	for (size_t i = 0; i < word.n; i++)
		if (word.p[i] == '$' || word.p[i] == '\'' || word.p[i] == '"' || word.p[i] == escape)
			return false;
	return true;
}

void expand_word(struct arena *a, const struct scope *scope, char escape, struct str word, bool unset_is_unknown,
		 struct expansion *out)
{
	size_t own = 0;

	if (is_plain(word, escape)) {
		*out = (struct expansion){.text = word, .known = true};
		return;
	}
	*out = (struct expansion){.from = only_reference(scope, word)};
	if (out->from && out->from->known) { /* shared, so that ENV A=$B costs nothing however long B is */
		out->text = out->from->value;
		out->known = true;
		return;
	}
	struct expander e = {
		.arena = a,
		.scope = scope,
		.escape = escape,
		.unset_is_unknown = unset_is_unknown,
		.word = word,
		.out = buf_new(a),
		.spent = scope->spent ? scope->spent : &own,
	};
	expand_until(&e, '\0', false);
	if (e.failed)
		return;
	out->known = !e.doubt.any;
	out->unresolved = e.doubt.name;
	if (out->known)
		out->text = buf_str(&e.out);
}
