#include "base/utf8.h"
#include "syntax/args.h"
#include "syntax/quote.h"

static void add_quoted(struct buf *out, struct str text)
{
	if (out->n > 0)
		buf_char(out, ' ');
	quote_add(out, text);
}

static void add_flags(struct buf *out, const struct args *args)
{
	for (uint32_t i = 0; i < args->nflags; i++) {
		buf_add(out, i == 0 ? STR(" [") : STR(" "));
		quote_add(out, args->flags[i].raw);
	}
	if (args->nflags > 0)
		buf_char(out, ']');
}

static void add_words(struct buf *out, const struct args *args)
{
	if (args->health_type.n > 0)
		add_quoted(out, args->health_type);
	for (uint32_t i = 0; i < args->nwords; i++) {
		add_quoted(out, args->words[i].text);
		if (args->form == ARGS_PAIRS && i % 2 == 1)
			add_quoted(out, args->old_pair ? STR("") : STR("="));
	}
	if (args->keyword == KW_UNKNOWN)
		add_quoted(out, STR(""));
}

static void add_keyword(struct buf *out, struct str keyword)
{
	keyword = utf8_repair(out->arena, keyword);
	for (size_t i = 0; i < keyword.n; i++)
		buf_char(out, ascii_lower(keyword.p[i]));
}

void args_sexp(const struct args *args, struct buf *out)
{
	uint32_t open = 0;
	for (; args; args = args->sub) {
		add_keyword(out, args->keyword_text);
		add_flags(out, args);
		add_words(out, args);
		if (args->sub) {
			buf_add(out, STR(" ("));
			open++;
		}
	}
	while (open-- > 0)
		buf_char(out, ')');
}
