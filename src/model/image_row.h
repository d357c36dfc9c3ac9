/* One row of the image table: its cells, its patterns, and the image it describes. Inside of the model only. */
#ifndef UNROOT_MODEL_IMAGE_ROW_H
#define UNROOT_MODEL_IMAGE_ROW_H

#include "base/map.h"
#include "base/table.h"
#include "model/family.h"

/* The columns; docs/images.md says what may stand in them. */
enum image_column {
	COLUMN_KEY,
	COLUMN_REPOSITORY,
	COLUMN_TAG,
	COLUMN_FAMILY,
	COLUMN_TOOLS,
	COLUMN_SHELL,
	COLUMN_ACCOUNTS,
	COLUMN_APP,
	COLUMN_USER,
	COLUMN_START,
	COLUMN_ENTRYPOINT,
	COLUMN_DROPS,
	COLUMN_RECIPE,
	COLUMN_WRITABLE,
	COLUMN_PITFALLS,
	COLUMN_EVIDENCE,
	COLUMN_WORKDIR,
	COLUMN_TRAITS,
	COLUMN_COUNT
};

/* How a cell is compared with a text. */
struct image_pattern {
	enum { PATTERN_UNREAD, PATTERN_WORD, PATTERN_COMPILED } kind;
	const void *code; /* PCRE2's; NULL: it cannot be compiled */
};

struct image_row {
	struct str text; /* the line */
	uint32_t line;
	bool configured;	 /* one of the user's rows */
	bool any_tag;		 /* known once the cells were split */
	const struct str *cells; /* NULL: not split yet */
	struct image_pattern repository, tag;
	const struct image *image; /* NULL: not read yet */
	struct str fault;	   /* why the row cannot be used; empty: it can, or it was not read */
};

/* Named lists of accounts: "@debian" -> struct str * */
struct image_context {
	struct arena *arena;
	struct map lists;
	void *memory, *limits, *match; /* PCRE2's, made when first needed */
	struct map repositories, tags; /* pattern -> its compiled form; many rows share one */
};

/* Whether the row is about this repository; its tag condition is left aside. False too when the row is faulty. */
bool image_row_has_repository(struct image_context *c, struct image_row *row, struct str repository);

/* Whether the row's tag condition holds for a known tag. */
bool image_row_has_tag(struct image_context *c, struct image_row *row, struct str tag);

/* What the row says. NULL when it is faulty: then row->fault says why. */
const struct image *image_row_read(struct image_context *c, struct image_row *row);

/* Reads everything of the row, patterns included; false and row->fault when it is faulty. */
bool image_row_check(struct image_context *c, struct image_row *row);

#endif
