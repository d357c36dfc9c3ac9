/* Tab-separated data tables: '#' lines and empty lines are comments, the first other line is the header. */
#ifndef UNROOT_BASE_TABLE_H
#define UNROOT_BASE_TABLE_H

#include "base/str.h"

enum { TABLE_MAX_CELLS = 18 };

struct table_row {
	struct str cell[TABLE_MAX_CELLS]; /* "-" is given as an empty cell; missing ones are empty */
	uint32_t cells;
	uint32_t line; /* 1-based */
};

struct table_reader {
	struct str rest;
	uint32_t line;
	bool header_read;
};

static inline struct table_reader table_read(struct str text)
{
	return (struct table_reader){.rest = text};
}

/* The next row; false at the end. */
bool table_next(struct table_reader *t, struct table_row *row);

#endif
