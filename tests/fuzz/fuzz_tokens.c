/* Tokens and lines tile any input, and every instruction can be read. */
#include "fuzz/fuzz.h"
#include "syntax/token.h"

#include "base/buf.h"

struct walk {
	uint32_t at;
};

static void next_line(void *ctx, const struct line *line)
{
	struct walk *walk = ctx;
	REQUIRE(line->start == walk->at);
	REQUIRE(line->start <= line->text_end && line->text_end <= line->end);
	walk->at = line->end;
}

static void read_instructions(struct arena *a, const struct document *d, uint32_t length)
{
	uint32_t at = 0;
	for (size_t i = 0; i < d->instructions.n; i++) {
		const struct instruction *ins = &d->instructions.at[i];
		struct args args;
		struct buf sexp = buf_new(a);
		REQUIRE(ins->start >= at && ins->start < ins->text_end);
		REQUIRE(ins->text_end <= ins->end && ins->end <= length);
		at = ins->end;
		instruction_args(a, d, i, &args);
		args_sexp(&args, &sexp);
		for (uint32_t w = 0; w < args.nwords; w++)
			REQUIRE(args.words[w].span.start <= args.words[w].span.end && args.words[w].span.end <= length);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct document d;
	struct tokens tokens = {0};
	arena_init(&a, NULL, 0);
	document_parse(&a, &d, "fuzz", (struct str){(const char *)data, size});
	tokens_of(&a, &d, &tokens);
	uint32_t at = 0;
	for (size_t i = 0; i < tokens.n; i++) {
		REQUIRE(tokens.at[i].start == at && tokens.at[i].end > at);
		at = tokens.at[i].end;
	}
	REQUIRE(at == size);
	struct walk walk = {d.source.body};
	document_lines(&d, next_line, &walk);
	REQUIRE(walk.at == size);
	read_instructions(&a, &d, (uint32_t)size);
	arena_free(&a);
	return 0;
}
