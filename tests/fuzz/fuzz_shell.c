/* Shell text of any kind is read or refused, with places that lie in it. */
#include "fuzz/fuzz.h"
#include "syntax/shell.h"

static void check_words(const struct shell_word *words, uint32_t n, size_t size)
{
	for (uint32_t i = 0; i < n; i++)
		REQUIRE(words[i].start <= words[i].end && words[i].end <= size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct shell_script script = {0};
	arena_init(&a, NULL, 0);
	shell_parse(&a, (struct str){(const char *)data, size}, &script);
	for (size_t i = 0; i < script.n; i++) {
		const struct shell_command *c = &script.at[i];
		REQUIRE(c->start <= c->end && c->end <= size);
		check_words(c->words, c->nwords, size);
		check_words(c->assignments, c->nassignments, size);
	}
	REQUIRE(!script.unknown || script.unknown_at <= size);
	arena_free(&a);
	return 0;
}
