/* The changes of a file as whole lines, for tools that replace lines. */
#ifndef UNROOT_REPORT_LINES_H
#define UNROOT_REPORT_LINES_H

#include "report/view.h"

/* Lines `first` to `last` (from 1) become `text`; neither holds the line end of the last one. The text is not empty
   where that can be, since some readers take an empty one for a line that is empty, others for a removal. */
struct line_change {
	uint32_t first, last;
	struct str text;
};

struct line_changes {
	struct line_change *at;
	size_t n, cap;
};

/* The changes, sorted, without a line in common; made on the original they give the fixed text. */
struct line_changes line_changes_of(struct arena *a, const unroot_file *file);

#endif
