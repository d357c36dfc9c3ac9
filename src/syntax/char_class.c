#define PCRE2_CODE_UNIT_WIDTH 8
#include "syntax/char_class.h"

#include <pcre2.h>

#include "base/buf.h"

static void *take(PCRE2_SIZE size, void *arena)
{
	return arena_alloc(arena, size);
}

static void give_back(void *memory, void *arena)
{
	(void)memory;
	(void)arena;
}

static void compile(struct char_class *c)
{
	pcre2_general_context *general = pcre2_general_context_create(take, give_back, c->arena);
	pcre2_compile_context *context = pcre2_compile_context_create(general);
	int error;
	PCRE2_SIZE at;
	c->code = pcre2_compile((PCRE2_SPTR)c->pattern, PCRE2_ZERO_TERMINATED, PCRE2_UTF, &error, &at, context);
	c->match = pcre2_match_data_create(1, general);
}

bool char_class_has(struct char_class *c, uint32_t code_point)
{
	char bytes[4];
	struct buf text = {.arena = c->arena, .p = bytes, .cap = sizeof bytes};
	if (!c->code)
		compile(c);
	buf_utf8(&text, code_point);
	return c->code && pcre2_match(c->code, (PCRE2_SPTR)text.p, text.n, 0, 0, c->match, NULL) >= 0;
}
