#include "report/view.h"

#include <stdio.h>

#include "base/map.h"
#include "base/path.h"
#include "base/utf8.h"

void places_open(struct places *p, struct arena *a, struct str bytes)
{
	p->arena = a;
	source_init(&p->source, "", bytes);
}

struct place place_at(struct places *p, size_t offset)
{
	struct position at = source_position(p->arena, &p->source, (uint32_t)offset);
	struct place place = {.line = at.line, .column = at.column, .units = 1};
	size_t end = p->source.line_starts[at.line - 1] + at.column - 1, width;
	size_t start = at.line == 1 && end >= p->source.body ? p->source.body : p->source.line_starts[at.line - 1];
	for (size_t i = start; i < end; i += width)
		place.units += utf8_decode(p->source.bytes, i, &width) > 0xFFFF ? 2 : 1;
	return place;
}

struct str view_path(const char *path)
{
	struct str s = str_of(path);
	while (str_starts(s, STR("./")) && s.n > 2)
		s = str_sub(s, 2, s.n);
	return s;
}

struct str view_file_path(struct arena *a, const struct report_item *item, const unroot_file *file)
{
	if (strcmp(file->path, item->path) == 0)
		return view_path(item->path);
	return path_join(a, path_parent(view_path(item->path)), str_of(file->path));
}

/* How far the text behind each edit has moved. */
static void measure(struct view *v, struct arena *a)
{
	size_t *grown = ARENA_ARRAY(a, size_t, v->written->edit_count + 1);
	for (size_t i = 0; i < v->written->edit_count; i++) {
		const unroot_edit *e = &v->written->edits[i];
		grown[i + 1] = grown[i] + e->length - (e->end - e->start);
	}
	v->grown = grown;
}

void view_open(struct view *v, struct arena *a, const struct report_item *item)
{
	*v = (struct view){.item = item, .path = view_path(item->path), .seen = ARENA_NEW(a, struct map)};
	if (item->written && item->file_count && strcmp(item->files[0].path, item->path) == 0)
		v->written = &item->files[0];
	if (v->written)
		measure(v, a);
	places_open(&v->places, a,
		    v->written ? (struct str){v->written->fixed, v->written->fixed_length} : item->bytes);
}

/* Where an offset of the original is now; what was inserted there is before a start, and behind an end. */
static size_t moved(const struct view *v, size_t offset, bool end)
{
	if (!v->written)
		return offset;
	size_t low = 0, high = v->written->edit_count;
	while (low < high) { /* how many edits begin before the offset, or at it */
		size_t middle = low + (high - low) / 2;
		if (v->written->edits[middle].start < offset + !end)
			low = middle + 1;
		else
			high = middle;
	}
	if (low && v->written->edits[low - 1].end > offset)
		return v->written->edits[low - 1].start + v->grown[low - 1];
	return offset + v->grown[low];
}

/* FNV-1a with 64 bits. */
static uint64_t hash(uint64_t h, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '\r') /* whatever the line ends are */
			h = (h ^ (unsigned char)s.p[i]) * UINT64_C(0x100000001B3);
	return (h ^ 0xFF) * UINT64_C(0x100000001B3); /* no text holds this byte where it is UTF-8 */
}

static uint64_t finding_hash(struct str path, const char *rule, struct str text)
{
	return hash(hash(hash(UINT64_C(0xCBF29CE484222325), path), str_of(rule)), text);
}

static void print_hash(char *out, uint64_t h)
{
	snprintf(out, VIEW_FINGERPRINT, "%016llx", (unsigned long long)h);
}

void view_fingerprint(char *out, struct str path, const char *rule, struct str text)
{
	print_hash(out, finding_hash(path, rule, text));
}

/* Findings of one rule about the same text are told apart by their order. */
static void make_fingerprint(struct view *v, struct view_finding *out)
{
	struct str text = str_sub(v->places.source.bytes, out->start, out->end);
	uint64_t h = hash(finding_hash(v->path, out->finding->rule, text), str_of(out->finding->detail));
	struct str key = arena_str(v->places.arena, (struct str){(const char *)&h, sizeof h});
	void **slot = map_put(v->places.arena, v->seen, key);
	uint32_t *count = *slot;
	if (!count)
		*slot = count = ARENA_NEW(v->places.arena, uint32_t);
	print_hash(out->fingerprint, h + UINT64_C(0x9E3779B97F4A7C15) * (*count)++);
}

bool view_next(struct view *v, struct view_finding *out)
{
	const struct report_item *item = v->item;
	while (v->next < item->finding_count && item->written && item->findings[v->next].fixed)
		v->next++;
	if (v->next == item->finding_count)
		return false;
	out->finding = &item->findings[v->next++];
	out->start = moved(v, out->finding->start, false);
	out->end = moved(v, out->finding->end, true);
	if (out->end < out->start)
		out->end = out->start;
	out->from = place_at(&v->places, out->start);
	out->to = place_at(&v->places, out->end);
	out->message = report_message(v->places.arena, out->finding);
	make_fingerprint(v, out);
	return true;
}
