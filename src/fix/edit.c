#include "fix/edit.h"

static bool goes_before(const struct edit *a, const struct edit *b)
{
	if (a->file != b->file)
		return a->file < b->file;
	if (a->start != b->start)
		return a->start < b->start;
	if (a->end != b->end)
		return a->end < b->end;
	return a->rank < b->rank;
}

static bool is_sorted(const struct edits *e)
{
	for (size_t i = 1; i < e->n; i++)
		if (goes_before(&e->at[i], &e->at[i - 1]))
			return false;
	return true;
}

/* Merges the sorted runs [from, middle) and [middle, to); equal edits keep their order. */
static void merge_runs(const struct edit *in, size_t from, size_t middle, size_t to, struct edit *out)
{
	size_t left = from, right = middle;
	for (size_t i = from; i < to; i++) {
		bool take_right = left == middle || (right < to && goes_before(&in[right], &in[left]));
		out[i] = in[take_right ? right++ : left++];
	}
}

void edits_sort(struct arena *scratch, struct edits *e)
{
	if (is_sorted(e))
		return;
	struct edit *in = e->at;
	struct edit *out = ARENA_ARRAY(scratch, struct edit, e->n);
	for (size_t width = 1; width < e->n; width *= 2) {
		for (size_t from = 0; from < e->n; from += 2 * width) {
			size_t middle = from + width < e->n ? from + width : e->n;
			size_t to = from + 2 * width < e->n ? from + 2 * width : e->n;
			merge_runs(in, from, middle, to, out);
		}
		struct edit *swap = in;
		in = out;
		out = swap;
	}
	if (in != e->at)
		memcpy(e->at, in, e->n * sizeof *in);
}

bool edit_conflicts(const struct edit *a, const struct edit *b)
{
	return a->file == b->file && a->start < b->end && b->start < a->end;
}

static char *copy(char *to, struct str s)
{
	if (s.n)
		memcpy(to, s.p, s.n);
	return to + s.n;
}

struct str edits_apply(struct arena *a, const struct edits *e, uint32_t file, struct str bytes)
{
	size_t first = 0, last, length = bytes.n;
	while (first < e->n && e->at[first].file != file)
		first++;
	for (last = first; last < e->n && e->at[last].file == file; last++)
		length = length - (e->at[last].end - e->at[last].start) + e->at[last].text.n;
	if (first == last)
		return bytes;
	char *text = arena_alloc(a, length + 1);
	char *to = text;
	size_t from = 0;
	for (size_t i = first; i < last; i++) {
		to = copy(to, str_sub(bytes, from, e->at[i].start));
		to = copy(to, e->at[i].text);
		from = e->at[i].end;
	}
	copy(to, str_sub(bytes, from, bytes.n));
	return (struct str){text, length};
}

/* A walk along A and B = first(A) at once, which collects the edits that lead from A to C. */
struct composer {
	struct arena *arena;
	const struct edits *first;
	size_t next;	  /* the edit of `first` that lies ahead, or is being walked through */
	size_t taken;	  /* bytes of its text behind us */
	bool inside;	  /* its range in A is behind us, its text not wholly */
	uint32_t a;	  /* where we are in A */
	size_t b;	  /* where we are in B */
	struct edits out; /* the last one still grows when something touches it */
	char *text;	  /* room for the texts of all of them, one after the other */
	size_t length;
	uint32_t file;
};

/* The edit that ends here in A; its text is the newest, so that it can grow in place. */
static struct edit *edit_here(struct composer *c)
{
	if (c->out.n && c->out.at[c->out.n - 1].end == c->a)
		return &c->out.at[c->out.n - 1];
	struct edit *edit = VEC_PUSH(c->arena, c->out);
	*edit = (struct edit){.file = c->file, .start = c->a, .end = c->a, .text = {c->text + c->length, 0}};
	return edit;
}

static void put_text(struct composer *c, struct str text)
{
	if (text.n == 0)
		return;
	edit_here(c)->text.n += text.n;
	copy(c->text + c->length, text);
	c->length += text.n;
}

static void remove_to(struct composer *c, uint32_t end)
{
	if (end == c->a)
		return;
	edit_here(c)->end = end;
	c->a = end;
}

/* Walks through the text that `first` put in at this place, at most up to `to` in B. */
static void walk_text(struct composer *c, size_t to, bool keep)
{
	const struct edit *edit = &c->first->at[c->next];
	size_t n = edit->text.n - c->taken;
	if (n > to - c->b)
		n = to - c->b;
	if (keep)
		put_text(c, str_sub(edit->text, c->taken, c->taken + n));
	c->taken += n;
	c->b += n;
	if (c->taken == edit->text.n) {
		c->inside = false;
		c->taken = 0;
		c->next++;
	}
}

/* Walks through bytes of A that `first` left alone. */
static void walk_bytes(struct composer *c, size_t to, bool keep)
{
	size_t n = to - c->b;
	if (c->next < c->first->n && n > c->first->at[c->next].start - c->a)
		n = c->first->at[c->next].start - c->a;
	c->b += n;
	if (keep)
		c->a += (uint32_t)n;
	else
		remove_to(c, c->a + (uint32_t)n);
}

/* Goes on to offset `to` of B; what lies between stays, or not. */
static void walk(struct composer *c, size_t to, bool keep)
{
	while (c->b < to) {
		if (c->inside) {
			walk_text(c, to, keep);
		} else if (c->next < c->first->n && c->first->at[c->next].start == c->a) {
			remove_to(c, c->first->at[c->next].end);
			c->inside = true;
		} else if (c->next == c->first->n && to == SIZE_MAX) {
			return;
		} else {
			walk_bytes(c, to, keep);
		}
	}
}

static size_t text_length(const struct edits *e)
{
	size_t n = 0;
	for (size_t i = 0; i < e->n; i++)
		n += e->at[i].text.n;
	return n;
}

static struct edits without_empty(struct edits e)
{
	size_t n = 0;
	for (size_t i = 0; i < e.n; i++)
		if (e.at[i].end > e.at[i].start || e.at[i].text.n)
			e.at[n++] = e.at[i];
	e.n = n;
	return e;
}

struct edits edits_compose(struct arena *a, const struct edits *first, const struct edits *second)
{
	struct composer c = {.arena = a, .first = first};
	c.text = arena_alloc(a, text_length(first) + text_length(second) + 1);
	c.file = first->n ? first->at[0].file : second->n ? second->at[0].file : 0;
	for (size_t i = 0; i < second->n; i++) {
		walk(&c, second->at[i].start, true);
		put_text(&c, second->at[i].text);
		walk(&c, second->at[i].end, false);
	}
	walk(&c, SIZE_MAX, true);
	return without_empty(c.out);
}

/* Whether `at` lies in the middle of a UTF-8 character of `text`. */
static bool splits_character(struct str text, size_t at)
{
	return at < text.n && ((unsigned char)text.p[at] & 0xC0) == 0x80;
}

static size_t common_prefix(struct str old, struct str new)
{
	size_t n = 0;
	while (n < old.n && n < new.n &&old.p[n] == new.p[n])
		n++;
	while (n > 0 && (splits_character(old, n) || splits_character(new, n)))
		n--;
	return n;
}

static size_t common_suffix(struct str old, struct str new)
{
	size_t n = 0;
	while (n < old.n && n < new.n &&old.p[old.n - n - 1] == new.p[new.n - n - 1])
		n++;
	while (n > 0 && splits_character(old, old.n - n))
		n--;
	return n;
}

struct edits edits_trim(struct arena *a, const struct edits *e, struct str bytes)
{
	struct edits out = {.at = ARENA_ARRAY(a, struct edit, e->n), .cap = e->n};
	for (size_t i = 0; i < e->n; i++) {
		struct edit edit = e->at[i];
		struct str old = str_sub(bytes, edit.start, edit.end);
		size_t prefix = common_prefix(old, edit.text);
		old = str_sub(old, prefix, old.n);
		edit.text = str_sub(edit.text, prefix, edit.text.n);
		size_t suffix = common_suffix(old, edit.text);
		edit.start += (uint32_t)prefix;
		edit.end -= (uint32_t)suffix;
		edit.text.n -= suffix;
		out.at[out.n++] = edit;
	}
	return without_empty(out);
}
