#include "fix/generated.h"

#include "syntax/line.h"
#include "syntax/source.h"

static bool says(struct str line, struct str words)
{
	for (size_t i = 0; i + words.n <= line.n; i++)
		if (str_eq_nocase(str_sub(line, i, i + words.n), words))
			return true;
	return false;
}

/* The line, from 1, on which the head of the file says that nobody should edit it; or 0. */
static uint32_t line_that_says(const struct document *d)
{
	size_t end = d->instructions.n ? d->instructions.at[0].start : d->source.bytes.n;
	struct str head = str_sub(d->source.bytes, 0, end);
	struct physical line;
	uint32_t number = 1;
	for (uint32_t at = 0; physical_line(head, at, &line); at = line.end, number++) {
		struct str text = str_sub(head, at, line.end);
		if (line_is_comment(text) && says(text, STR("do not edit")))
			return number;
	}
	return 0;
}

void generated_apply(struct arena *a, const struct document *d, struct findings *findings)
{
	uint32_t line = findings->n ? line_that_says(d) : 0;
	for (size_t i = 0; line && i < findings->n; i++) {
		struct finding *f = &findings->at[i];
		if (f->cls <= UNROOT_UNSAFE)
			continue;
		f->cls = UNROOT_UNSAFE;
		f->message = arena_printf(
			a,
			"%.*s; not sure because\n  line %u: the file is made by a program: change what it is made from",
			STR_ARG(f->message), line);
	}
}
