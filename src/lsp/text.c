#include "lsp/text.h"

#include <stdlib.h>

#include "base/utf8.h"

const char *encoding_name(enum encoding encoding)
{
	return encoding == ENCODING_UTF8 ? "utf-8" : "utf-16";
}

/* How long the line end at `at` is, 0 where there is none. */
static size_t line_end(struct str text, size_t at)
{
	if (text.p[at] == '\n')
		return 1;
	if (text.p[at] != '\r')
		return 0;
	return at + 1 < text.n && text.p[at + 1] == '\n' ? 2 : 1;
}

struct lines lines_of(struct arena *a, struct str text, enum encoding encoding)
{
	size_t n = 1, width;
	for (size_t at = 0; at < text.n; at += width ? width : 1)
		n += (width = line_end(text, at)) > 0;
	size_t *starts = ARENA_ARRAY(a, size_t, n);
	n = 1;
	for (size_t at = 0; at < text.n; at += width ? width : 1) {
		width = line_end(text, at);
		if (width)
			starts[n++] = at + width;
	}
	return (struct lines){text, encoding, starts, n};
}

/* How many columns a character of that many bytes has. */
static uint32_t columns_of(const struct lines *l, size_t width)
{
	if (l->encoding == ENCODING_UTF8)
		return (uint32_t)width;
	return width == 4 ? 2 : 1;
}

/* Where the text of a line ends. */
static size_t text_end(const struct lines *l, size_t line)
{
	size_t end = line + 1 < l->n ? l->starts[line + 1] : l->text.n;
	while (end > l->starts[line] && line + 1 < l->n && (l->text.p[end - 1] == '\n' || l->text.p[end - 1] == '\r'))
		end--;
	return end;
}

size_t lines_offset(const struct lines *l, struct text_position place, bool *split)
{
	if (split)
		*split = false;
	if (place.line >= l->n)
		return l->text.n;
	size_t at = l->starts[place.line], end = text_end(l, place.line), width;
	for (uint32_t left = place.column; left > 0 && at < end; at += width) {
		utf8_decode(l->text, at, &width);
		uint32_t columns = columns_of(l, width);
		if (columns > left) {
			if (split)
				*split = l->encoding == ENCODING_UTF16;
			return at;
		}
		left -= columns;
	}
	return at;
}

struct text_position lines_position(const struct lines *l, size_t offset)
{
	size_t low = 0, high = l->n, width;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		if (l->starts[middle] <= offset)
			low = middle;
		else
			high = middle;
	}
	struct text_position place = {(uint32_t)low, 0};
	for (size_t at = l->starts[low]; at < offset && at < l->text.n; at += width) {
		utf8_decode(l->text, at, &width);
		place.column += columns_of(l, width);
	}
	return place;
}

static bool inside_crlf(struct str text, size_t offset)
{
	return offset > 0 && offset < text.n && text.p[offset - 1] == '\r' && text.p[offset] == '\n';
}

/* Where the character that `offset` is inside of begins, or `offset`. */
static size_t character_at(struct str text, size_t offset, size_t *width)
{
	*width = 0;
	for (size_t back = 1; back <= 3 && back <= offset && offset < text.n; back++) {
		utf8_decode(text, offset - back, width);
		if (*width > back)
			return offset - back;
	}
	*width = 0;
	return offset;
}

size_t text_boundary_before(struct str text, size_t offset)
{
	size_t width;
	return inside_crlf(text, offset) ? offset - 1 : character_at(text, offset, &width);
}

size_t text_boundary_behind(struct str text, size_t offset)
{
	size_t width, start = character_at(text, offset, &width);
	return inside_crlf(text, offset) ? offset + 1 : start + width;
}

struct text *text_join(const struct str *parts, size_t n)
{
	size_t length = 0;
	for (size_t i = 0; i < n; i++)
		length += parts[i].n;
	struct text *text = malloc(sizeof *text + length + 1);
	if (!text)
		return NULL;
	*text = (struct text){.references = 1};
	for (size_t i = 0; i < n; i++) {
		if (parts[i].n)
			memcpy(text->bytes + text->n, parts[i].p, parts[i].n);
		text->n += parts[i].n;
	}
	text->bytes[length] = '\0';
	return text;
}

struct text *text_ref(struct text *text)
{
	text->references++;
	return text;
}

void text_unref(struct text *text)
{
	if (text && --text->references == 0)
		free(text);
}

/* Where a range begins or ends. */
struct cut {
	size_t at;
	bool split; /* behind the first half of the character there */
};

static struct cut cut_at(const struct lines *lines, struct text_position place)
{
	struct cut cut;
	cut.at = lines_offset(lines, place, &cut.split);
	return cut;
}

static bool comes_before(struct cut a, struct cut b)
{
	return a.at < b.at || (a.at == b.at && !a.split && b.split);
}

struct text *text_replace(struct arena *scratch, const struct text *text, enum encoding encoding,
			  struct text_position start, struct text_position end, struct str by)
{
	struct str bytes = text_str(text), half = STR("\xEF\xBF\xBD"), nothing = {"", 0};
	struct lines lines = lines_of(scratch, bytes, encoding);
	struct cut from = cut_at(&lines, start), to = cut_at(&lines, end);
	if (comes_before(to, from)) { /* the wrong way round */
		struct cut other = from;
		from = to;
		to = other;
	}
	const struct str parts[] = {
		str_sub(bytes, 0, from.at),
		from.split ? half : nothing,
		by,
		to.split ? half : nothing,
		str_sub(bytes, to.split ? to.at + 4 : to.at, bytes.n),
	};
	return text_join(parts, sizeof parts / sizeof *parts);
}
