#include "project/image_rows.h"

#include "base/table.h"
#include "project/nearest.h"
#include "project/settings.h"

const struct image_column image_columns[IMAGE_COLUMNS] = {
	[IMAGE_KEY] = {"key", ','},
	{"repository", 0},
	{"tag", 0},
	[IMAGE_FAMILY] = {"family", 0},
	{"tools", 0},
	{"shell", 0},
	{"accounts", ';'},
	{"app", 0},
	{"user", 0},
	{"start", 0},
	{"entrypoint", 0},
	{"drops", 0},
	{"recipe", 0},
	{"writable", ' '},
	{"pitfalls", 0},
	{"evidence", 0},
	{"workdir", 0},
	{"traits", ' '},
};

size_t image_column_by_name(struct str name)
{
	size_t i = 0;
	while (i < IMAGE_COLUMNS && !str_eq(name, str_of(image_columns[i].name)))
		i++;
	return i;
}

const char *image_column_nearest(struct str name)
{
	struct nearest near = nearest_to(name);
	for (size_t i = 0; i < IMAGE_COLUMNS; i++)
		nearest_try(&near, image_columns[i].name);
	return near.word;
}

bool image_cell_valid(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] < ' ')
			return false;
	return true;
}

void image_row_add(struct buf *rows, const struct str cells[IMAGE_COLUMNS], uint32_t line)
{
	uint32_t at = 1;
	for (size_t i = 0; i < rows->n; i++)
		at += rows->p[i] == '\n';
	for (; at < line; at++)
		buf_char(rows, '\n');
	for (size_t i = 0; i < IMAGE_COLUMNS; i++) {
		buf_add(rows, i ? STR("\t") : STR(""));
		buf_add(rows, cells[i].n ? cells[i] : STR("-"));
	}
	buf_char(rows, '\n');
}

void image_rows_show(struct str rows, struct buf *out)
{
	struct table_reader reader = {.rest = rows, .header_read = true};
	struct table_row row;
	while (table_next(&reader, &row)) {
		const char *before = "\n  - ";
		for (size_t i = 0; i < IMAGE_COLUMNS; i++) {
			if (row.cell[i].n == 0)
				continue;
			buf_printf(out, "%s%s: ", before, image_columns[i].name);
			settings_show_text(out, row.cell[i]);
			before = "\n    ";
		}
	}
}
