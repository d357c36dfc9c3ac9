#include "model/server_config.h"

static bool is_end(const struct config_reader *r)
{
	return r->at >= r->text.n;
}

static char now(const struct config_reader *r)
{
	return r->text.p[r->at];
}

static void skip_line(struct config_reader *r)
{
	while (!is_end(r) && now(r) != '\n')
		r->at++;
}

static void add_word(struct arena *a, struct config_reader *r, struct config_item *item, uint32_t start, uint32_t end)
{
	*VEC_PUSH(a, item->words) = (struct config_word){str_sub(r->text, start, end), start};
}

/* From the quote on to behind the one that ends it. */
static void quoted(struct arena *a, struct config_reader *r, struct config_item *item)
{
	char quote = now(r);
	uint32_t start = ++r->at;
	while (!is_end(r) && now(r) != quote)
		r->at += now(r) == '\\' && r->at + 1 < r->text.n ? 2 : 1;
	r->unread |= is_end(r);
	add_word(a, r, item, start, r->at);
	if (!is_end(r))
		r->at++;
}

static void nginx_word(struct arena *a, struct config_reader *r, struct config_item *item)
{
	uint32_t start = r->at;
	bool braces = false; /* in ${name} */
	while (!is_end(r)) {
		char c = now(r);
		if (ascii_blank(c) || c == ';' || (c == '{' && !(r->at > start && r->text.p[r->at - 1] == '$')) ||
		    (c == '}' && !braces))
			break;
		braces = c == '{' || (braces && c != '}');
		r->at += c == '\\' && r->at + 1 < r->text.n ? 2 : 1;
	}
	add_word(a, r, item, start, r->at);
}

static bool nginx_next(struct arena *a, struct config_reader *r, struct config_item *item)
{
	while (!is_end(r)) {
		char c = now(r);
		if (ascii_blank(c)) {
			r->at++;
		} else if (c == '#') {
			skip_line(r);
		} else if (c == ';' || c == '{') {
			item->event = c == '{' ? CONFIG_OPEN : CONFIG_DIRECTIVE;
			item->end = ++r->at;
			return true;
		} else if (c == '}' && item->words.n == 0) {
			item->event = CONFIG_CLOSE;
			item->end = ++r->at;
			return true;
		} else if (c == '}') {
			r->unread = true;
			return false;
		} else if (c == '"' || c == '\'') {
			quoted(a, r, item);
		} else {
			nginx_word(a, r, item);
		}
	}
	r->unread |= item->words.n > 0;
	return false;
}

static void apache_word(struct arena *a, struct config_reader *r, struct config_item *item, bool block)
{
	uint32_t start = r->at;
	while (!is_end(r) && !ascii_blank(now(r)) && !(block && now(r) == '>'))
		r->at++;
	add_word(a, r, item, start, r->at);
}

/* One line, and those that a backslash at its end joins to it. */
static bool apache_next(struct arena *a, struct config_reader *r, struct config_item *item)
{
	while (!is_end(r) && (ascii_blank(now(r)) || now(r) == '#')) {
		if (now(r) == '#')
			skip_line(r);
		else
			r->at++;
	}
	if (is_end(r))
		return false;
	bool block = now(r) == '<';
	item->event = block ? CONFIG_OPEN : CONFIG_DIRECTIVE;
	while (!is_end(r) && now(r) != '\n') {
		char c = now(r);
		if (c == '\\' && r->at + 1 < r->text.n &&
		    (r->text.p[r->at + 1] == '\n' || r->text.p[r->at + 1] == '\r'))
			r->at += r->text.p[r->at + 1] == '\r' && r->at + 2 < r->text.n ? 3 : 2;
		else if (ascii_blank(c) || (block && c == '>'))
			r->at++;
		else if (c == '"' || c == '\'')
			quoted(a, r, item);
		else
			apache_word(a, r, item, block);
	}
	item->end = r->at;
	if (item->words.n && str_starts(item->words.at[0].text, STR("</")))
		item->event = CONFIG_CLOSE;
	return true;
}

bool config_next(struct arena *a, struct config_reader *r, struct config_item *item)
{
	*item = (struct config_item){0};
	return r->syntax == CONFIG_NGINX ? nginx_next(a, r, item) : apache_next(a, r, item);
}
