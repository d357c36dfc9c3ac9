/* Rows for the table of images (docs/images.md) that stand in a configuration: as text in the table's own format. */
#ifndef UNROOT_PROJECT_IMAGE_ROWS_H
#define UNROOT_PROJECT_IMAGE_ROWS_H

#include "base/buf.h"

struct image_column {
	const char *name;
	char separator; /* between the items of a list; 0: there is one value */
};

/* In the order of the table. */
enum { IMAGE_KEY = 0, IMAGE_FAMILY = 3, IMAGE_COLUMNS = 18 };
extern const struct image_column image_columns[IMAGE_COLUMNS];

/* The column of that name, or IMAGE_COLUMNS; and the name nearest to one that is none, or NULL. */
size_t image_column_by_name(struct str name);
const char *image_column_nearest(struct str name);

/* Whether a text can be a cell; an empty one is not known. */
bool image_cell_valid(struct str text);

/* Appends a row at line `line` of the text, or at the next one when there is a row already, so that what is said about
   the row's line can be said about the configuration's. Missing cells are empty. */
void image_row_add(struct buf *rows, const struct str cells[IMAGE_COLUMNS], uint32_t line);

/* Appends the rows as a YAML list below a key. */
void image_rows_show(struct str rows, struct buf *out);

#endif
