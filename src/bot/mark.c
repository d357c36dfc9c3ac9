#include "bot/mark.h"

#define COMMENT "<!-- unroot-bot "
#define TRAILER "Unroot-Change: "

/* FNV-1a with 64 bits. */
static uint64_t add(uint64_t hash, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		hash = (hash ^ (unsigned char)s.p[i]) * 0x100000001b3u;
	return hash;
}

struct str mark_hash(struct arena *a, struct str diff)
{
	uint64_t hash = 0xcbf29ce484222325u;
	struct str line;
	while (str_split(&diff, '\n', &line)) {
		bool changed = str_starts(line, STR("+")) || str_starts(line, STR("-"));
		if (changed)
			hash = add(add(hash, line), STR("\n"));
	}
	return arena_printf(a, "%016llx", (unsigned long long)hash);
}

void mark_write(struct buf *out, const struct mark *mark, struct str rules)
{
	buf_printf(out, COMMENT "hash=%.*s", STR_ARG(mark->hash));
	if (rules.n)
		buf_printf(out, " rules=%.*s", STR_ARG(rules));
	buf_add(out, mark->obsolete ? STR(" obsolete -->") : STR(" -->"));
}

static bool is_hash(struct str s)
{
	bool ok = s.n == MARK_DIGITS;
	for (size_t i = 0; i < s.n; i++)
		ok = ok && (ascii_digit(s.p[i]) || (s.p[i] >= 'a' && s.p[i] <= 'f'));
	return ok;
}

static bool read_one(struct str text, struct mark *out)
{
	struct mark mark = {0};
	struct str word;
	while (str_word(&text, &word)) {
		if (str_starts(word, STR("hash=")))
			mark.hash = str_sub(word, 5, word.n);
		mark.obsolete = mark.obsolete || str_eq(word, STR("obsolete"));
	}
	if (!is_hash(mark.hash))
		return false;
	*out = mark;
	return true;
}

bool mark_read(struct str body, struct mark *out)
{
	bool found = false;
	for (size_t at = 0; (at = str_find(body, STR(COMMENT), at)) != STR_NONE;) {
		at += sizeof COMMENT - 1;
		size_t end = str_find(body, STR("-->"), at);
		if (end != STR_NONE)
			found = read_one(str_sub(body, at, end), out) || found;
	}
	return found;
}

void mark_trailer(struct buf *out, struct str hash, struct str tree)
{
	buf_printf(out, TRAILER "%.*s %.*s\n", STR_ARG(hash), STR_ARG(tree));
}

struct str mark_of_commit(struct str message, struct str tree)
{
	struct str line, found = {0};
	while (str_split(&message, '\n', &line)) {
		struct str hash, made_with, rest = line;
		if (!str_starts(line, STR(TRAILER)))
			continue;
		rest = str_sub(line, sizeof TRAILER - 1, line.n);
		if (str_word(&rest, &hash) && str_word(&rest, &made_with) && is_hash(hash) && str_eq(made_with, tree))
			found = hash;
	}
	return found;
}
