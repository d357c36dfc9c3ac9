#include "bot/lines.h"

static uint32_t line_at(struct str text, size_t offset)
{
	uint32_t line = 1;
	for (size_t i = 0; i < offset && i < text.n; i++)
		line += text.p[i] == '\n';
	return line;
}

static size_t line_start(struct str text, size_t offset)
{
	while (offset > 0 && text.p[offset - 1] != '\n')
		offset--;
	return offset;
}

static size_t line_end(struct str text, size_t offset)
{
	size_t end = str_find_char(text, '\n', offset);
	return end == STR_NONE ? text.n : end;
}

/* Where the first line begins that an edit touches. What comes behind the last line end goes with the last line. */
static size_t first_of(struct str original, const unroot_edit *edit)
{
	bool behind = edit->start == original.n && original.n > 0;
	return line_start(original, behind ? original.n - 1 : edit->start);
}

/* The lines of the first edits, as many as touch one line after the other; gives how many those are. */
static size_t first_lines(struct arena *a, struct str original, const unroot_edit *edits, size_t n,
			  struct lines_change *out)
{
	size_t start = first_of(original, &edits[0]), at = start, end = start, i = 0;
	struct buf text = buf_new(a);
	do {
		buf_add(&text, str_sub(original, at, edits[i].start));
		buf_add(&text, (struct str){edits[i].text, edits[i].length});
		at = edits[i].end;
		end = line_end(original, at);
		i++;
	} while (i < n && first_of(original, &edits[i]) <= end);
	buf_add(&text, str_sub(original, at, end));
	out->first = line_at(original, start);
	out->last = line_at(original, end);
	out->text = arena_str(a, buf_str(&text));
	if (end == original.n && end > 0 && original.p[end - 1] == '\n') {
		out->last = line_at(original, end - 1);
		if (str_ends(out->text, STR("\n")))
			out->text.n--;
	}
	return i;
}

void lines_of_edits(struct arena *a, struct str original, const unroot_edit *edits, size_t n, struct lines_changes *out)
{
	while (n > 0) {
		size_t taken = first_lines(a, original, edits, n, VEC_PUSH(a, *out));
		edits += taken;
		n -= taken;
	}
}

/* "@@ -1,2 +3,4 @@": 3 */
static bool read_start(struct str line, uint32_t *start)
{
	size_t plus = str_find(line, STR(" +"), 0);
	if (!str_starts(line, STR("@@ -")) || plus == STR_NONE)
		return false;
	size_t end = plus + 2;
	while (end < line.n && ascii_digit(line.p[end]))
		end++;
	return str_to_u32(str_sub(line, plus + 2, end), start);
}

void lines_of_patch(struct arena *a, struct str path, struct str patch, struct forge_ranges *out)
{
	struct str line;
	struct forge_range *range = NULL;
	uint32_t at = 0;
	while (str_split(&patch, '\n', &line)) {
		if (read_start(line, &at)) {
			range = VEC_PUSH(a, *out);
			*range = (struct forge_range){path, at, at > 0 ? at - 1 : 0};
		} else if (range && line.n && (line.p[0] == ' ' || line.p[0] == '+')) {
			range->last = at++;
		}
	}
}
