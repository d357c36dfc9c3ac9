#include "base/table.h"

static void cells_of(struct str line, struct table_row *row)
{
	struct str cell;
	row->cells = 0;
	while (row->cells < TABLE_MAX_CELLS && str_split(&line, '\t', &cell)) {
		cell = str_trim(cell);
		if (str_eq(cell, STR("-")))
			cell.n = 0;
		row->cell[row->cells++] = cell;
	}
	for (uint32_t i = row->cells; i < TABLE_MAX_CELLS; i++)
		row->cell[i] = (struct str){"", 0};
}

bool table_next(struct table_reader *t, struct table_row *row)
{
	struct str line;
	while (str_split(&t->rest, '\n', &line)) {
		t->line++;
		if (str_trim(line).n == 0 || line.p[0] == '#')
			continue;
		if (!t->header_read) {
			t->header_read = true;
			continue;
		}
		cells_of(line, row);
		row->line = t->line;
		return true;
	}
	return false;
}
