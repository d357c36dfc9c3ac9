#include "support.h"

uint64_t random_next(struct random *r)
{
	uint64_t z = r->state += 0x9E3779B97F4A7C15u;
	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
	return z ^ (z >> 31);
}

size_t random_below(struct random *r, size_t n)
{
	return n ? (size_t)(random_next(r) % n) : 0;
}

bool random_one_in(struct random *r, size_t n)
{
	return random_below(r, n) == 0;
}

struct str random_text(struct arena *a, struct random *r, size_t length)
{
	static const struct str pieces[] = {
		{"a", 1},	  {"b", 1},    {"ab", 2},  {" ", 1},   {"\t", 1},   {"\n", 1},
		{"\n", 1},	  {"\r\n", 2}, {"a\n", 2}, {"b\n", 2}, {"\n\n", 2}, {"\xC3\xA4", 2},
		{"\xC3\xB6", 2},  {"\xFF", 1}, {"\r", 1},  {"-", 1},   {"+", 1},    {"@@ -1 +1 @@\n", 12},
		{"--- a/x\n", 8},
	};
	struct buf text = buf_new(a);
	for (size_t n = random_below(r, length + 1); n > 0; n--)
		buf_add(&text, pieces[random_below(r, sizeof pieces / sizeof *pieces)]);
	return buf_str(&text);
}

struct edits random_edits(struct arena *a, struct random *r, size_t length)
{
	struct edits e = {0};
	size_t at = 0, step = 1 + random_below(r, length + 1);
	for (size_t n = random_below(r, 12); n > 0; n--) {
		at += random_below(r, step);
		if (at > length)
			break;
		size_t removed = random_one_in(r, 3) ? 0 : random_below(r, step);
		if (removed > length - at)
			removed = length - at;
		struct str text = random_one_in(r, 4) ? STR("") : random_text(a, r, 6);
		*VEC_PUSH(a, e) = (struct edit){.start = (uint32_t)at, .end = (uint32_t)(at + removed), .text = text};
		at += removed;
	}
	edits_sort(a, &e);
	return e;
}
