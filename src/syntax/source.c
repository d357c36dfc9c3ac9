#include "syntax/source.h"

void source_init(struct source *s, const char *name, struct str bytes)
{
	*s = (struct source){.name = name, .bytes = bytes};
	s->body = str_starts(bytes, STR("\xEF\xBB\xBF")) ? 3 : 0;
}

struct str source_keep(struct arena *a, const struct source *s, struct str text)
{
	bool within = text.n <= s->bytes.n && (uintptr_t)text.p - (uintptr_t)s->bytes.p <= s->bytes.n - text.n;
	return within ? text : arena_str(a, text);
}

static void find_lines(struct arena *a, struct source *s)
{
	VEC(uint32_t) starts = {0};
	*VEC_PUSH(a, starts) = 0;
	for (size_t at = 0; (at = str_find_char(s->bytes, '\n', at)) != STR_NONE; at++)
		*VEC_PUSH(a, starts) = (uint32_t)at + 1;
	s->line_starts = starts.at;
	s->lines = (uint32_t)starts.n;
}

struct position source_position(struct arena *a, struct source *s, uint32_t offset)
{
	if (!s->line_starts)
		find_lines(a, s);
	if (offset > s->bytes.n)
		offset = (uint32_t)s->bytes.n;
	uint32_t low = 0, high = s->lines;
	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;
		if (s->line_starts[middle] <= offset)
			low = middle;
		else
			high = middle;
	}
	return (struct position){low + 1, offset - s->line_starts[low] + 1};
}
